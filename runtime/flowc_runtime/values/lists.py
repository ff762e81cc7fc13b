"""Lists. Computing over one leaves null out, as aggregates do; null equals null among items."""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from ..errors import ConversionError, OverflowError_
from .context import CONTEXT
from .numbers import divide, divide_decimal, finite, int64, number

__all__ = [
    "compact",
    "flatten",
    "join",
    "list_avg",
    "list_avg_decimal",
    "list_concat",
    "list_distinct",
    "list_except",
    "list_has_all",
    "list_has_any",
    "list_index",
    "list_intersect",
    "list_max",
    "list_min",
    "list_sort",
    "list_sum",
    "list_sum_big",
    "list_sum_decimal",
    "list_sum_float",
    "list_sum_number",
    "reverse_list",
    "series",
    "slice_list",
]

_T = TypeVar("_T")
_MOST = 1_000_000


def _known(items: Iterable[_T | None]) -> list[_T]:
    return [item for item in items if item is not None]


def list_sum(items: Sequence[int | None]) -> int | None:
    """The sum; null where there is nothing to add."""
    known = _known(items)
    return int64(sum(known)) if known else None


def list_sum_big(items: Sequence[int | None]) -> int | None:
    """The same of integers of any size."""
    known = _known(items)
    return sum(known) if known else None


def list_sum_float(items: Sequence[float | None]) -> float | None:
    """The same of floats, as if computed exactly and rounded once."""
    known = _known(items)
    return _float_sum(known) if known else None


def _float_sum(known: Sequence[float]) -> float:
    try:
        return finite(math.fsum(known))
    except OverflowError:
        raise OverflowError_("the sum of the list is too large") from None


def list_sum_number(items: Sequence[int | float | None]) -> int | float | None:
    """The same of numbers: an int where all are."""
    known = _known(items)
    if not known:
        return None
    if all(isinstance(item, int) for item in known):
        return number(sum(known))
    return _float_sum(known)


def list_sum_decimal(items: Sequence[Decimal | None]) -> Decimal | None:
    """The same of decimals, exactly."""
    known = _known(items)
    return _decimal_sum(known) if known else None


def _decimal_sum(known: Sequence[Decimal]) -> Decimal:
    with decimal.localcontext(CONTEXT):
        return sum(known[1:], known[0])


def list_avg(items: Sequence[int | float | None]) -> float | None:
    """The mean; null where there is nothing to add."""
    known = _known(items)
    if not known:
        return None
    whole = all(isinstance(item, int) for item in known)
    return divide(sum(known) if whole else _float_sum(known), len(known))


def list_avg_decimal(items: Sequence[Decimal | None]) -> Decimal | None:
    """The mean of decimals, rounded as `/` rounds."""
    known = _known(items)
    return divide_decimal(_decimal_sum(known), len(known)) if known else None


def list_min(items: Sequence[Any]) -> Any:
    """The smallest item; null where there is none."""
    return min(_known(items), default=None)


def list_max(items: Sequence[Any]) -> Any:
    """The largest item; null where there is none."""
    return max(_known(items), default=None)


def list_sort(items: Sequence[Any], descending: bool = False) -> list[Any]:
    """The items in order, null last."""
    known = sorted(_known(items), reverse=descending)
    return known + [None] * (len(items) - len(known))


def list_distinct(items: Sequence[_T]) -> list[_T]:
    """Each item once, where it first stands."""
    try:
        return list(dict.fromkeys(items))
    except TypeError:
        # Lists, maps and records have no hash.
        kept: list[_T] = []
        for item in items:
            if item not in kept:
                kept.append(item)
        return kept


def list_concat(*lists: Sequence[_T]) -> list[_T]:
    """The items of one list after those of another."""
    return [item for items in lists for item in items]


def flatten(lists: Sequence[Sequence[_T] | None]) -> list[_T]:
    """The items of the lists in a list."""
    return [item for items in lists if items is not None for item in items]


def compact(items: Sequence[_T | None]) -> list[_T]:
    """The items that are not null."""
    return _known(items)


def reverse_list(items: Sequence[_T]) -> list[_T]:
    """The items from the last to the first."""
    return list(items[::-1])


def slice_list(items: Sequence[_T], start: int, length: int | None = None) -> list[_T]:
    """So many items from a place on, which counts from the end if negative."""
    begin = max(len(items) + start, 0) if start < 0 else start
    end = len(items) if length is None else begin + max(length, 0)
    return list(items[begin:end])


def list_index(items: Sequence[_T], item: _T) -> int | None:
    """Where an item first stands; null where it does not."""
    try:
        return items.index(item)
    except ValueError:
        return None


def list_has_any(items: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether one of the others is among the items."""
    return any(item in items for item in others)


def list_has_all(items: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether each of the others is among the items."""
    return all(item in items for item in others)


def list_intersect(items: Sequence[_T], others: Sequence[Any]) -> list[_T]:
    """Each item once that is among the others too."""
    return list_distinct([item for item in items if item in others])


def list_except(items: Sequence[_T], others: Sequence[Any]) -> list[_T]:
    """Each item once that is not among the others."""
    return list_distinct([item for item in items if item not in others])


def join(items: Sequence[str | None], separator: str) -> str:
    """The texts joined into one, null left out."""
    return separator.join(_known(items))


def series(start: int, stop: int, step: int = 1) -> list[int]:
    """The integers from a start up to, and without, a stop."""
    if not step:
        raise ArithmeticError("the step of `range` is not zero")
    made = range(start, stop, step)
    if len(made) > _MOST:
        raise ConversionError(f"a range of more than {_MOST} integers")
    return list(made)
