"""`aggregate total = sum(x) by region`: groups of records, and what is computed of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import msgspec

from ..errors import RecordError
from ..tally import Receipt
from .folds import FOLDS, Fold
from .saving import builtins, fields_by_name, from_builtins, may_be_null, pack, unpack

__all__ = ["WAITING", "Aggregation", "Groups"]

WAITING = 131_072
"""At most so many records wait to be folded together."""

_CACHED = 8_192
"""So many values stay in the processor's cache until they are folded."""

_WORTH = 16
"""A fold of so many values costs hardly more for each than one of many."""

Function = tuple[str, str | None, str | None]
"""A fold, the field of its argument, and the field that says which records count."""


@dataclass(frozen=True, slots=True)
class _Column:
    """The values that some of the functions are computed of; of the group itself if no field."""

    value: Callable[[Any], Any] | None
    where: Callable[[Any], Any] | None
    nullable: bool
    folds: tuple[tuple[int, Fold], ...]

    def values(self, group: list[Any]) -> list[Any]:
        if self.where is not None:
            group = [record for record in group if self.where(record)]
        return group if self.value is None else list(map(self.value, group))


class Groups:
    """Groups by key, in the order in which their first records came.

    `takes` is the class of the records that come in, with fields for the keys and arguments.
    """

    def __init__(self, takes: Any, keys: tuple[str, ...], functions: tuple[Function, ...]) -> None:
        fields = fields_by_name(takes)
        self._key_types = [fields[name].type for name in keys]
        self._key = _getter(tuple(fields[name].name for name in keys))
        self._folds = [FOLDS[fold] for fold, _, _ in functions]
        self._types = [fields[name].type if name else Any for _, name, _ in functions]
        self._columns = tuple(_columns(functions, fields))
        self._pair = self._paired(keys, functions, fields)
        self._cells: dict[tuple[Any, ...], list[Any]] = {}
        self._waiting: dict[Any, list[Any]] = defaultdict(list)

    def add(self, records: list[Any]) -> None:
        """Take records into their groups, where they wait for `settle`."""
        waiting = self._waiting
        pairs = map(self._pair, records) if self._pair else zip(map(self._key, records), records)
        for key, item in pairs:
            waiting[key].append(item)

    def _paired(
        self,
        keys: tuple[str, ...],
        functions: tuple[Function, ...],
        fields: dict[str, msgspec.structs.FieldInfo],
    ) -> Callable[[Any], Any] | None:
        """What takes a key and its only argument from a record, where that is all there is: then
        values wait, not records, which is a part of the time and of the memory."""
        arguments = {argument for _, argument, _ in functions if argument is not None}
        if len(keys) != 1 or len(arguments) != 1 or any(where for _, _, where in functions):
            return None
        self._columns = tuple(replace(column, value=None) for column in self._columns)
        return attrgetter(fields[keys[0]].name, fields[arguments.pop()].name)

    @property
    def patience(self) -> int:
        """How many records may wait before it is time to fold them."""
        return min(WAITING, max(_CACHED, _WORTH * len(self._waiting)))

    def results(self) -> Iterator[tuple[tuple[Any, ...], list[Any] | RecordError]]:
        """Each group's key and values, or the error that computing one of them is."""
        self.settle()
        for key, cells in self._cells.items():
            try:
                yield key, [fold.result(cell) for fold, cell in zip(self._folds, cells)]
            except RecordError as error:
                yield key, error

    def another(self) -> Groups:
        """No groups, of the same kind."""
        made = copy(self)
        made._cells = {}
        made._waiting = defaultdict(list)
        return made

    def open(self) -> None:
        """Make the group of the empty key, which is there even if no record is."""
        self._cells[()] = [fold.start() for fold in self._folds]

    def merge(self, later: Groups) -> None:
        """Take in the groups of records that came later than these."""
        self.settle()
        later.settle()
        for key, cells in later._cells.items():
            known = self._cells.get(key)
            if known is None:
                self._cells[key] = cells
            else:
                for fold, cell, other in zip(self._folds, known, cells):
                    fold.merge(cell, other)

    def settle(self) -> None:
        """Fold the records that wait, which need no memory then."""
        cells_of = self._cells
        folds = self._folds
        single = len(self._key_types) == 1
        for key, group in self._waiting.items():
            key = (key,) if single else key
            cells = cells_of.get(key)
            if cells is None:
                cells = cells_of[key] = [fold.start() for fold in folds]
            for column in self._columns:
                values = known = column.values(group)
                if column.nullable:
                    known = [value for value in values if value is not None]
                for index, fold in column.folds:
                    found = values if fold.keeps_null else known
                    if found:
                        fold.add(cells[index], found)
        self._waiting.clear()

    def save(self) -> Any:
        """The groups as a JSON value."""
        self.settle()
        return [
            [
                [builtins(value) for value in key],
                [
                    [(builtins if fold.of_argument else pack)(value) for value in cell]
                    for fold, cell in zip(self._folds, cells)
                ],
            ]
            for key, cells in self._cells.items()
        ]

    def restore(self, saved: Any) -> None:
        """Go on with saved groups."""
        self._waiting.clear()
        self._cells = {
            tuple(map(from_builtins, key, self._key_types)): [
                self._restored(fold, type, cell)
                for fold, type, cell in zip(self._folds, self._types, cells)
            ]
            for key, cells in saved
        }

    def _restored(self, fold: Fold, type: Any, saved: list[Any]) -> Any:
        if fold.of_argument:
            values = [from_builtins(value, type) for value in saved]
        else:
            values = [unpack(value) for value in saved]
        cell = fold.start()
        if isinstance(cell, list):
            return values
        if values:
            fold.add(cell, values)
        return cell


class Aggregation:
    """One record for each group, at the end of the input.

    `makes` is the class of the records given: the keys, then the functions' results. Without
    keys there is one group, even of no records.
    """

    is_mergeable = True

    def __init__(
        self,
        takes: Any,
        makes: type[msgspec.Struct],
        keys: tuple[str, ...],
        functions: tuple[Function, ...],
    ) -> None:
        self._keys = keys
        self._makes = makes
        self._groups = Groups(takes, keys, functions)
        self._waiting = 0
        if not keys:
            self._groups.open()

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Take records into their groups; none comes back."""
        self._groups.add(records)
        self._waiting += len(records)
        if self._waiting >= self._groups.patience:
            self._groups.settle()
            self._waiting = 0
        receipt.absorb(len(records))
        return []

    def finish(self, receipt: Receipt) -> list[Any]:
        """The groups' records, in the order in which the groups were first seen."""
        made: list[Any] = []
        for key, values in self._groups.results():
            if isinstance(values, list):
                made.append(self._makes(*key, *values))
            else:
                receipt.spoil(dict(zip(self._keys, key)), values)
        receipt.produce(len(made))
        return made

    def save(self) -> Any:
        """The groups."""
        return self._groups.save()

    def restore(self, saved: Any) -> None:
        """Go on with saved groups."""
        self._groups.restore(saved)
        self._waiting = 0

    def merge(self, saved: Any) -> None:
        """Take in the saved groups of records that came later."""
        later = self._groups.another()
        later.restore(saved)
        self._groups.merge(later)


def _getter(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """What takes the key from a record: the value of one field, or a tuple."""
    return attrgetter(*names) if names else lambda record: ()


def _columns(
    functions: tuple[Function, ...], fields: dict[str, msgspec.structs.FieldInfo]
) -> Iterator[_Column]:
    shared: dict[tuple[str | None, str | None], list[tuple[int, Fold]]] = {}
    for index, (fold, argument, where) in enumerate(functions):
        shared.setdefault((argument, where), []).append((index, FOLDS[fold]))
    for (argument, where), folds in shared.items():
        yield _Column(
            attrgetter(fields[argument].name) if argument else None,
            attrgetter(fields[where].name) if where else None,
            argument is not None and may_be_null(fields[argument].type),
            tuple(folds),
        )
