"""JSON lines of open records, `{a: int, ...}`: what the type does not name goes on unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from .jsonlines import JsonLines

__all__ = ["OpenJsonLines", "Rest", "without"]

Rest = dict[str, Raw]
"""All members of the record as it was read, by name, as JSON text."""


def without(rest: Mapping[str, Raw], *names: str) -> Rest:
    """The rest without some members: for fields that were dropped or renamed."""
    return {name: raw for name, raw in rest.items() if name not in names}


class OpenJsonLines(JsonLines):
    """As JsonLines, for Structs with `rest_: Rest = field(name="flowc:rest", default_factory=dict)`.

    Written are the members of `rest_` in their order, those that are fields with the field's
    value, then the fields that it lacks. A field that is absent is not written.
    """

    def __init__(
        self,
        record_type: Any,
        *,
        check: Callable[[Any], Any] | None = None,
        block_size: int = 128 * 1024,
        record_limit: int = 64 << 20,
    ) -> None:
        super().__init__(record_type, check=check, block_size=block_size, record_limit=record_limit)
        self._rest = msgspec.json.Decoder(Rest)
        self._fields = [
            (field.encode_name, field.name)
            for field in msgspec.structs.fields(record_type)
            if field.name != "rest_"
        ]

    def _decode_block(self, data: bytes | memoryview) -> list[Any]:
        records = super()._decode_block(data)
        for record, rest in zip(records, self._rest.decode_lines(data), strict=True):
            record.rest_ = rest
        return records

    def _decode_record(self, data: bytes) -> Any:
        record = super()._decode_record(data)
        record.rest_ = self._rest.decode(data)
        return record

    def encode(self, records: list[Any]) -> bytes:
        """The records as lines. Raises ValidationError for a text that is not Unicode."""
        return super().encode(list(map(self._members, records)))

    def _members(self, record: Any) -> dict[str, Any]:
        members: dict[str, Any] = dict(record.rest_)
        for name, attribute in self._fields:
            value = getattr(record, attribute)
            if value is UNSET:
                members.pop(name, None)
            else:
                members[name] = value
        return members
