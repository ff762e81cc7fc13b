"""What connectors of bytes ask of a codec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ..records import Batch, Position

__all__ = ["Codec"]


class Codec(Protocol):
    """Turns bytes into batches of records and records into bytes."""

    extension: str
    ends_lines: bool
    """Whether records end with a line, most of them: then the input can be cut at line ends."""
    counted: tuple[str, ...]
    """Parts of a position that are counted from where decoding began."""

    lead: bytes
    """What stands before each record, and is left out before the first one."""

    def decode(self, read: Callable[[int], bytes], position: Position) -> Iterator[Batch]:
        """Yield batches of what `read` gives from `position` on."""

    def header(self) -> bytes:
        """What stands before the first record."""

    def footer(self) -> bytes:
        """What stands behind the last record."""

    def encode(self, records: list[Any]) -> bytes:
        """The records as bytes. Raises RecordError if one of them cannot be written."""

    def count(self, data: bytes, records: list[Any]) -> int:
        """How many records the encoded `data` holds."""
