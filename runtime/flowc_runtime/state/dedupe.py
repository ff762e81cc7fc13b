"""`dedupe by id`: one record of each key."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from ..tally import Receipt
from .saving import builtins, fields_by_name, from_builtins

__all__ = ["FirstOfEach", "LastOfEach"]


class _Keys:
    """How the key of a record is read, saved and restored.

    Without `keys` it is the whole record, as JSON with the keys of objects in order.
    """

    def __init__(self, takes: Any, keys: tuple[str, ...]) -> None:
        fields = fields_by_name(takes)
        names = [fields[key].name for key in keys]
        self.of: Callable[[Any], Any] = (
            attrgetter(*names) if keys else msgspec.json.Encoder(order="deterministic").encode
        )
        types = tuple(fields[key].type for key in keys)
        self._type: Any = bytes
        if keys:
            self._type = types[0] if len(keys) == 1 else tuple.__class_getitem__(types)

    def restored(self, saved: Any) -> Any:
        """A key that was saved."""
        return from_builtins(saved, self._type)


class FirstOfEach:
    """Lets the first record of each key pass. Its memory grows with the keys."""

    def __init__(self, takes: Any, keys: tuple[str, ...]) -> None:
        self._keys = _Keys(takes, keys)
        self._seen: dict[Any, None] = {}

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """The records whose key was not seen before."""
        seen = self._seen
        kept: list[Any] = []
        for key, record in zip(map(self._keys.of, records), records):
            if key not in seen:
                seen[key] = None
                kept.append(record)
        receipt.drop(len(records) - len(kept), "duplicate")
        return kept

    def finish(self, receipt: Receipt) -> list[Any]:
        """Nothing was held back."""
        return []

    def save(self) -> Any:
        """The keys."""
        return [builtins(key) for key in self._seen]

    def restore(self, saved: Any) -> None:
        """Go on with saved keys."""
        self._seen = dict.fromkeys(map(self._keys.restored, saved))


class LastOfEach:
    """The last record of each key, at the end of the input, in the order in which they came."""

    def __init__(self, takes: Any, keys: tuple[str, ...]) -> None:
        self._takes = takes
        self._keys = _Keys(takes, keys)
        self._last: dict[Any, Any] = {}

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Keep the records in place of those with their keys."""
        last = self._last
        before = len(last)
        for key, record in zip(map(self._keys.of, records), records):
            last.pop(key, None)
            last[key] = record
        added = len(last) - before
        receipt.absorb(added)
        receipt.drop(len(records) - added, "duplicate")
        return []

    def finish(self, receipt: Receipt) -> list[Any]:
        """The records that were kept."""
        receipt.release(len(self._last))
        return list(self._last.values())

    def save(self) -> Any:
        """The records."""
        return [builtins(record) for record in self._last.values()]

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        records = [from_builtins(record, self._takes) for record in saved]
        self._last = {self._keys.of(record): record for record in records}
