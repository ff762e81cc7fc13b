"""`sort a desc` and `top 10 price desc by auction`: records in an order."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from ..tally import Receipt
from .saving import Keys, builtins, fields_by_name, from_builtins

__all__ = ["FirstOfGroups", "Order", "Sort", "Sorter", "Top"]

Order = tuple[str, bool, bool]
"""A field, whether it descends, and whether nulls come first."""

_SLACK = 64
"""So many records more than needed, and twice as many, are kept before the rest are let go."""


class Sorter:
    """Sorts lists of records, stably."""

    def __init__(self, names: dict[str, str], orders: tuple[Order, ...]) -> None:
        self._orders = [
            (attrgetter(names[field]), descending, first) for field, descending, first in orders
        ]

    def sort(self, records: list[Any]) -> list[Any]:
        """The records in order; equal ones stay as they were."""
        # From the last order to the first: each sort keeps what the ones before it did.
        for value, descending, first in reversed(self._orders):
            known = [record for record in records if value(record) is not None]
            null = [record for record in records if value(record) is None]
            known.sort(key=value, reverse=descending)
            records = null + known if first else known + null
        return records

    def key(self, record: Any) -> tuple[Any, ...]:
        """What is equal for records that are equal in the order."""
        return tuple(value(record) for value, _, _ in self._orders)


class Sort:
    """All records in order, at the end of the input. `takes` is their class."""

    def __init__(self, takes: Any, orders: tuple[Order, ...]) -> None:
        self._takes = takes
        self._sorter = Sorter(_attributes(takes), orders)
        self._records: list[Any] = []

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Keep the records."""
        self._records += records
        receipt.absorb(len(records))
        return []

    def finish(self, receipt: Receipt) -> list[Any]:
        """The records in order."""
        receipt.release(len(self._records))
        return self._sorter.sort(self._records)

    def save(self) -> Any:
        """The records."""
        return [builtins(record) for record in self._records]

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        self._records = [from_builtins(record, self._takes) for record in saved]


class FirstOfGroups:
    """The first `count` records of each group in an order.

    `ties` lets those stay too that are equal to the last of them. `rank` is the field that gets
    the place from 1 on; with `ties` equal records share one.
    """

    def __init__(
        self,
        takes: Any,
        count: int,
        orders: tuple[Order, ...],
        keys: tuple[str, ...],
        ties: bool,
        rank: str | None,
    ) -> None:
        names = _attributes(takes)
        self._takes = takes
        self._count = count
        self._sorter = Sorter(names, orders)
        self._key = Keys(takes, keys).of
        self._ties = ties
        self._rank = None if rank is None else names[rank]
        self._groups: dict[Any, list[Any]] = {}

    def add(self, records: list[Any]) -> int:
        """Take records in; gives how many cannot be among the first and were let go."""
        groups = self._groups
        grown: dict[Any, None] = {}
        for key, record in zip(map(self._key, records), records):
            group = groups.get(key)
            if group is None:
                groups[key] = [record]
            else:
                group.append(record)
                grown[key] = None
        return sum(map(self._trimmed, grown))

    def merge(self, later: FirstOfGroups) -> None:
        """Take in what was kept of records that came later than these."""
        for records in later._groups.values():
            self.add(records)

    def results(self) -> tuple[list[Any], int]:
        """The first of each group, in the order in which the groups were first seen; and how
        many records were let go."""
        found: list[Any] = []
        gone = 0
        for group in self._groups.values():
            first = self._first(group)
            gone += len(group) - len(first)
            found += first if self._rank is None else self._ranked(first, self._rank)
        return found, gone

    def _trimmed(self, key: Any) -> int:
        group = self._groups[key]
        if len(group) <= 2 * self._count + _SLACK:
            return 0
        self._groups[key] = first = self._first(group)
        return len(group) - len(first)

    def _first(self, group: list[Any]) -> list[Any]:
        ordered = self._sorter.sort(group)
        end = min(self._count, len(ordered))
        if self._ties and end:
            last = self._sorter.key(ordered[end - 1])
            while end < len(ordered) and self._sorter.key(ordered[end]) == last:
                end += 1
        return ordered[:end]

    def _ranked(self, ordered: list[Any], rank: str) -> list[Any]:
        ranked: list[Any] = []
        place, before = 0, None
        for number, record in enumerate(ordered, 1):
            key = self._sorter.key(record) if self._ties else number
            if key != before:
                place, before = number, key
            ranked.append(replace(record, **{rank: place}))
        return ranked

    def save(self) -> Any:
        """The records of each group."""
        return [[builtins(record) for record in group] for group in self._groups.values()]

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        groups = [[from_builtins(record, self._takes) for record in group] for group in saved]
        self._groups = {self._key(group[0]): group for group in groups}


class Top:
    """The first records of each group, as in `FirstOfGroups`, at the end of the input."""

    def __init__(
        self,
        takes: Any,
        count: int,
        orders: tuple[Order, ...],
        keys: tuple[str, ...],
        ties: bool,
        rank: str | None,
    ) -> None:
        self._groups = FirstOfGroups(takes, count, orders, keys, ties, rank)

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Keep what may be among the first."""
        receipt.absorb(len(records))
        self._let_go(self._groups.add(records), receipt)
        return []

    def finish(self, receipt: Receipt) -> list[Any]:
        """The first of each group, in the order in which the groups were first seen."""
        found, gone = self._groups.results()
        self._let_go(gone, receipt)
        receipt.release(len(found))
        return found

    def _let_go(self, count: int, receipt: Receipt) -> None:
        receipt.release(count)
        receipt.drop(count, "beyond the top")

    def save(self) -> Any:
        """The records of each group."""
        return self._groups.save()

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        self._groups.restore(saved)


def _attributes(record: Any) -> dict[str, str]:
    return {name: field.name for name, field in fields_by_name(record).items()}
