"""Aggregate functions, each as a fold: many values into a cell, batch by batch.

A cell is a list of a few values, or holds the distinct ones and gives them one by one. Folds see the values of a
group in the order of the records; sums of floats are exact until the end. So the result never
depends on how the records came in batches.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ..errors import OverflowError_
from ..values.exactsum import added, total
from ..values.numbers import divide, divide_decimal, int64, number, uint64

__all__ = ["FOLDS", "Fold"]

Cell = Any


@dataclass(frozen=True, slots=True)
class Fold:
    """How one aggregate function is computed.

    `start` makes the cell of a new group, `add` takes values into it, of which there is at least
    one, `result` raises an error of the record where there is none. `merge` takes the cell of
    later values into the first. `keeps_null`: null is a value like any other. `of_argument`: a
    cell holds values of the argument's type, not its own.
    """

    start: Callable[[], Cell]
    add: Callable[[Cell, list[Any]], None]
    merge: Callable[[Cell, Cell], None]
    result: Callable[[Cell], Any]
    keeps_null: bool = False
    of_argument: bool = False


def _count(cell: Cell, values: list[Any]) -> None:
    cell[0] += len(values)


def _only(cell: Cell) -> Any:
    return cell[0]


def _add_whole(cell: Cell, values: list[int]) -> None:
    cell[0] = (cell[0] or 0) + sum(values)


def _merge_count(cell: Cell, later: Cell) -> None:
    cell[0] += later[0]


def _of_known(add: Callable[[Cell, list[Any]], None]) -> Callable[[Cell, Cell], None]:
    """The merge of cells that hold one value, or null where there was none, by adding it."""
    return lambda cell, later: None if later[0] is None else add(cell, [later[0]])


def _checked(check: Callable[[Any], Any]) -> Callable[[Cell], Any]:
    return lambda cell: None if cell[0] is None else check(cell[0])


def _add_exact(cell: Cell, values: list[Any]) -> None:
    if _TOO_LONG in values:
        cell[0] = _TOO_LONG
    elif cell[0] != _TOO_LONG:
        try:
            cell[0] = sum(values, Decimal(0) if cell[0] is None else cell[0])
        except decimal.DecimalException:
            cell[0] = _TOO_LONG


_TOO_LONG = "too long"
_merge_exact = _of_known(_add_exact)


def _exact(cell: Cell) -> Any:
    if cell[0] == _TOO_LONG:
        raise OverflowError_("the sum has more digits than a decimal holds")
    return cell[0]


def _add_duration(cell: Cell, values: list[timedelta]) -> None:
    # As a whole number of microseconds, which has no end on the way.
    micros = sum(value // _MICROSECOND for value in values)
    cell[0] = (cell[0] or 0) + micros


_MICROSECOND = timedelta(microseconds=1)


def _duration(cell: Cell) -> timedelta | None:
    if cell[0] is None:
        return None
    try:
        return timedelta(microseconds=cell[0])
    except OverflowError:
        raise OverflowError_("the sum is outside the range of duration") from None


def _add_float(cell: Cell, values: list[float]) -> None:
    cell[:] = cell[0] + len(values), *added(cell[1:], values)


def _merge_float(cell: Cell, later: Cell) -> None:
    cell[:] = cell[0] + later[0], *added(cell[1:], later[1:])


def _float(cell: Cell) -> float | None:
    return total(cell[1:]) if cell[0] else None


def _mean_float(cell: Cell) -> float | None:
    return divide(total(cell[1:]), cell[0]) if cell[0] else None


def _add_number(cell: Cell, values: list[int | float]) -> None:
    """Whole numbers and others are added apart: a sum of whole ones is whole."""
    floats = [value for value in values if isinstance(value, float)]
    count, whole, of_floats, *parts = cell
    if len(floats) < len(values):
        whole = (whole or 0) + sum(value for value in values if not isinstance(value, float))
    if floats:
        parts = added(parts, floats)
    cell[:] = count + len(values), whole, of_floats + len(floats), *parts


def _merge_number(cell: Cell, later: Cell) -> None:
    count, whole, of_floats, *parts = cell
    if later[1] is not None:
        whole = (whole or 0) + later[1]
    cell[:] = count + later[0], whole, of_floats + later[2], *added(parts, later[3:])


def _number(cell: Cell) -> int | float | None:
    _, whole, of_floats, *parts = cell
    if not of_floats:
        return None if whole is None else number(whole)
    return total(parts, whole or 0)


def _mean_number(cell: Cell) -> float | None:
    count, whole, of_floats, *parts = cell
    if not count:
        return None
    return divide(total(parts, whole or 0) if of_floats else whole, count)


def _add_mean(cell: Cell, values: list[int]) -> None:
    cell[:] = cell[0] + len(values), cell[1] + sum(values)


def _merge_mean(cell: Cell, later: Cell) -> None:
    cell[:] = cell[0] + later[0], cell[1] + later[1]


def _mean(cell: Cell) -> float | None:
    return divide(cell[1], cell[0]) if cell[0] else None


def _add_mean_exact(cell: Cell, values: list[Decimal]) -> None:
    total = [cell[1]]
    _add_exact(total, values)
    cell[:] = cell[0] + len(values), total[0]


def _merge_mean_exact(cell: Cell, later: Cell) -> None:
    total = [cell[1]]
    _merge_exact(total, later[1:])
    cell[:] = cell[0] + later[0], total[0]


def _mean_exact(cell: Cell) -> Decimal | None:
    total = _exact([cell[1]])
    return None if total is None else divide_decimal(total, cell[0])


def _least(cell: Cell, values: list[Any]) -> None:
    found = min(values)
    if not cell or found < cell[0]:
        cell[:] = (found,)


def _greatest(cell: Cell, values: list[Any]) -> None:
    found = max(values)
    if not cell or found > cell[0]:
        cell[:] = (found,)


def _held(cell: Cell) -> Any:
    return cell[0] if cell else None


def _first(cell: Cell, values: list[Any]) -> None:
    if not cell:
        cell.append(values[0])


def _last(cell: Cell, values: list[Any]) -> None:
    cell[:] = (values[-1],)


def _distinct(cell: Cell, values: list[Any]) -> None:
    cell.update(dict.fromkeys(values))


class _Repeats:
    """The values that came, and those that came again; as a sequence, all of them."""

    def __init__(self) -> None:
        self._seen: dict[Any, None] = {}
        self.again: dict[Any, None] = {}

    def add(self, values: list[Any]) -> None:
        for value in values:
            (self.again if value in self._seen else self._seen)[value] = None

    def __iter__(self) -> Iterator[Any]:
        yield from self._seen
        yield from self.again


def _nothing() -> Cell:
    return [None]


def _of_held(add: Callable[[Cell, list[Any]], None]) -> Callable[[Cell, Cell], None]:
    """The merge of cells that are lists of the values they hold, by adding those."""
    return lambda cell, later: add(cell, later) if later else None


FOLDS: dict[str, Fold] = {
    "count": Fold(lambda: [0], _count, _merge_count, _only, keeps_null=True),
    "count_values": Fold(lambda: [0], _count, _merge_count, _only),
    "sum_int": Fold(_nothing, _add_whole, _of_known(_add_whole), _checked(int64)),
    "sum_uint64": Fold(_nothing, _add_whole, _of_known(_add_whole), _checked(uint64)),
    "sum_bigint": Fold(_nothing, _add_whole, _of_known(_add_whole), _only),
    "sum_float": Fold(lambda: [0], _add_float, _merge_float, _float),
    "sum_number": Fold(lambda: [0, None, 0], _add_number, _merge_number, _number),
    "sum_decimal": Fold(_nothing, _add_exact, _merge_exact, _exact),
    "sum_duration": Fold(_nothing, _add_duration, _of_known(_add_whole), _duration),
    "avg_int": Fold(lambda: [0, 0], _add_mean, _merge_mean, _mean),
    "avg_float": Fold(lambda: [0], _add_float, _merge_float, _mean_float),
    "avg_number": Fold(lambda: [0, None, 0], _add_number, _merge_number, _mean_number),
    "avg_decimal": Fold(lambda: [0, None], _add_mean_exact, _merge_mean_exact, _mean_exact),
    "min": Fold(list, _least, _of_held(_least), _held, of_argument=True),
    "max": Fold(list, _greatest, _of_held(_greatest), _held, of_argument=True),
    "first": Fold(list, _first, _of_held(_first), _held, keeps_null=True, of_argument=True),
    "last": Fold(list, _last, _of_held(_last), _held, keeps_null=True, of_argument=True),
    "collect": Fold(list, list.extend, list.extend, list, keeps_null=True, of_argument=True),
    "repeats": Fold(
        _Repeats,
        _Repeats.add,
        lambda cell, later: cell.add(list(later)),
        lambda cell: list(cell.again),
        keeps_null=True,
        of_argument=True,
    ),
    "count_distinct": Fold(dict, _distinct, dict.update, len, of_argument=True),
}
"""The folds by the names that plans call them."""
