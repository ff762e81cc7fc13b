"""`lookup airports as a on origin == a.iata`: records kept to be found by a key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from ..errors import Diagnosis, InternalError, RunError
from ..tally import Receipt
from .order import Order, Sorter
from .saving import builtins, fields_by_name, from_builtins

__all__ = ["FirstTable", "Held", "ListTable", "UniqueTable"]

Row = TypeVar("Row", bound=msgspec.Struct)


class _Table(ABC, Generic[Row]):
    """Records by their key. One whose key is null is not kept, for null equals nothing.

    `of` is the class of the records that are found, `takes` that of those that come if it is
    another one; `keys` and `orders` are fields of what comes. `label` is what messages call the
    records.
    """

    def __init__(
        self,
        of: type[Row],
        keys: tuple[str, ...],
        *,
        label: str,
        takes: type[msgspec.Struct] | None = None,
        orders: tuple[Order, ...] = (),
    ) -> None:
        self._of = of
        self._takes: type[msgspec.Struct] = of if takes is None else takes
        fields = fields_by_name(self._takes)
        self._keys = keys
        self._key_types = [fields[key].type for key in keys]
        self._key = attrgetter(*(fields[key].name for key in keys))
        self._label = label
        self._orders = orders
        self._sorter = Sorter({name: field.name for name, field in fields.items()}, orders)
        self._parts = {field.name: fields[name].name for name, field in fields_by_name(of).items()}
        self._records: dict[Any, Any] = {}
        self._whole = False

    @property
    def is_whole(self) -> bool:
        """All its records have come."""
        return self._whole

    def take(self, records: list[Any], receipt: Receipt) -> None:
        """Keep records by their keys."""
        if self._whole:
            raise InternalError(f"a record came to the table of {self._label} after its end")
        single = len(self._keys) == 1
        for key, record in zip(map(self._key, records), records):
            if _is_nothing(key) if single else any(map(_is_nothing, key)):
                self._pass_over()
                receipt.drop(1, "without a key")
            elif self._keep(key, record):
                receipt.absorb(1)
            else:
                receipt.drop(1, "not the first")

    def complete(self) -> None:
        """No more will come: from now on records can be found."""
        self._whole = True
        self._open()

    @abstractmethod
    def _keep(self, key: Any, record: Any) -> bool:
        """Keep a record; false where their number stays as it was."""

    @abstractmethod
    def _open(self) -> None:
        """Make ready to be read."""

    def _pass_over(self) -> None:
        """A record was not kept, for its key is null."""
        return

    def _found(self, record: Any) -> Any:
        """A record as it is found: without what only the table reads."""
        if self._takes is self._of:
            return record
        return self._of(**{part: getattr(record, came) for part, came in self._parts.items()})

    def _early(self, key: Any) -> Any:
        raise InternalError(f"the table of {self._label} was read before its end")

    def save(self) -> Any:
        """The records by their keys, and whether these are all."""
        single = len(self._keys) == 1
        records = [
            [builtins([key] if single else list(key)), builtins(value)]
            for key, value in self._records.items()
        ]
        return {"records": records, "whole": self._whole}

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        self._whole = saved["whole"]
        kind = self._of if self._whole else self._takes
        self._records = {}
        for parts, value in saved["records"]:
            key = tuple(map(from_builtins, parts, self._key_types))
            self._records[key[0] if len(key) == 1 else key] = self._restored(value, kind)
        if self._whole:
            self._open()

    def _restored(self, saved: Any, kind: Any) -> Any:
        return from_builtins(saved, kind)


class _OneTable(_Table[Row]):
    """At most one record for each key."""

    def __init__(
        self,
        of: type[Row],
        keys: tuple[str, ...],
        *,
        label: str,
        takes: type[msgspec.Struct] | None = None,
        orders: tuple[Order, ...] = (),
    ) -> None:
        super().__init__(of, keys, label=label, takes=takes, orders=orders)
        self.get: Callable[[Any], Row | None] = self._early
        """The record of a key, or nothing."""

    def complete(self) -> None:
        """No more will come: from now on records can be found."""
        if self._takes is not self._of:
            self._records = {key: self._found(record) for key, record in self._records.items()}
        super().complete()

    def _open(self) -> None:
        self.get = self._records.get


class UniqueTable(_OneTable[Row]):
    """One record for each key, as its author said; a second one ends the run."""

    def __init__(
        self,
        of: type[Row],
        keys: tuple[str, ...],
        *,
        label: str,
        takes: type[msgspec.Struct] | None = None,
    ) -> None:
        super().__init__(of, keys, label=label, takes=takes)
        # Which of the records that came had no key: to say which ones are equal.
        self._keyless: list[int] = []

    def _pass_over(self) -> None:
        self._keyless.append(len(self._records) + len(self._keyless) + 1)

    def _keep(self, key: Any, record: Any) -> bool:
        if key in self._records:
            raise self._duplicate(key)
        self._records[key] = record
        return True

    def _duplicate(self, key: Any) -> RunError:
        first = list(self._records).index(key) + 1
        for keyless in self._keyless:
            first += keyless <= first
        last = len(self._records) + len(self._keyless) + 1
        values = key if len(self._keys) > 1 else (key,)
        shown = ", ".join(f"{name} {_shown(value)}" for name, value in zip(self._keys, values))
        return RunError(
            Diagnosis(
                "FC0817",
                f"two records of {self._label} have the key {shown}",
                f"they are records {first:,} and {last:,} of those that came; a record is found "
                "by its key, so no two may share one",
                (
                    "Take the first of each key: end the stage in `first`, or `first seen desc`",
                    "Take every match: end the stage in `all`",
                    f"Or mend the table: `| dedupe by {', '.join(self._keys)}`",
                ),
            ),
            exit_code=1,
        )

    def save(self) -> Any:
        """The records by their keys, whether these are all, and which had no key."""
        return {**super().save(), "keyless": self._keyless}

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        super().restore(saved)
        self._keyless = list(saved["keyless"])


class FirstTable(_OneTable[Row]):
    """The first record of each key, in an order or as they came."""

    def _keep(self, key: Any, record: Any) -> bool:
        known = self._records.get(key)
        if known is None:
            self._records[key] = record
            return True
        if self._orders:
            self._records[key] = self._sorter.sort([known, record])[0]
        return False


class ListTable(_Table[Row]):
    """All records of each key, in an order or as they came."""

    def __init__(
        self,
        of: type[Row],
        keys: tuple[str, ...],
        *,
        label: str,
        takes: type[msgspec.Struct] | None = None,
        orders: tuple[Order, ...] = (),
    ) -> None:
        super().__init__(of, keys, label=label, takes=takes, orders=orders)
        self.all: Callable[[Any], Sequence[Row]] = self._early
        """The records of a key."""

    def complete(self) -> None:
        """No more will come: from now on records can be found."""
        for key, records in self._records.items():
            self._records[key] = [self._found(record) for record in self._sorter.sort(records)]
        super().complete()

    def _open(self) -> None:
        records = self._records
        self.all = lambda key: records.get(key, ())

    def _keep(self, key: Any, record: Any) -> bool:
        known = self._records.get(key)
        if known is None:
            self._records[key] = [record]
        else:
            known.append(record)
        return True

    def _restored(self, saved: Any, kind: Any) -> Any:
        return [from_builtins(record, kind) for record in saved]


class Held:
    """Records that wait for a table. `of` is their class."""

    def __init__(self, of: type[msgspec.Struct]) -> None:
        self._of = of
        self._records: list[Any] = []

    def keep(self, records: Iterable[Any]) -> None:
        """Keep records."""
        self._records += records

    def release(self) -> list[Any]:
        """The records in the order in which they came."""
        records, self._records = self._records, []
        return records

    def save(self) -> Any:
        """The records."""
        return [builtins(record) for record in self._records]

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        self._records = [from_builtins(record, self._of) for record in saved]


def _is_nothing(value: Any) -> bool:
    """Whether a value equals nothing: null, or a float that is no number."""
    return value is None or value != value


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
