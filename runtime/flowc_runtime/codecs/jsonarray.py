"""A file that is one JSON array of records, decoded and encoded a block at a time.

To be read, the commas between its records become line ends, and line ends inside of records become
blanks: what is left are JSON lines, each at the place where it was.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import ValidationError
from ..records import Batch, Position, Reject
from .jsonlines import JsonLines

__all__ = ["JsonArray"]

_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'["\\\n\[\]{},]')
_IN_TEXT = re.compile(rb'["\\\n]')


class JsonArray:
    """Decodes and encodes the records that `lines` does, as items of an array.

    What does not begin with a bracket is read as JSON lines.
    """

    extension = ".json"
    ends_lines = False
    counted: tuple[str, ...] = ()
    lead = b","

    def __init__(self, lines: JsonLines) -> None:
        self._lines = lines

    def header(self) -> bytes:
        """What stands before the first record."""
        return b"["

    def footer(self) -> bytes:
        """What stands behind the last record."""
        return b"\n]\n"

    def encode(self, records: list[Any]) -> bytes:
        """The records, a comma before each. Raises ValidationError for a text that is not Unicode."""
        data = self._lines.encode(records)
        return b",\n" + data[:-1].replace(b"\n", b",\n") if data else b""

    def count(self, data: bytes, records: list[Any]) -> int:
        """How many records `data` holds: JSON text has no line ends of its own."""
        return data.count(b"\n")

    def decode(self, read: Callable[[int], bytes], position: Position) -> Iterator[Batch]:
        """Yield batches of what `read` gives from `position` on.

        Positions are `{"offset": bytes from the beginning}`, with `"array": 1` inside of an array.
        An array that is not closed ends in a reject.
        """
        items = _Items(read, position)
        for batch in self._lines.decode(items.read, position):
            place = batch.position
            if items.is_inside(int(place.get("offset", 0))):
                place = {**place, "array": 1}
            rejects = list(map(items.told, batch.rejects))
            yield Batch(batch.records, place, rejects, batch.original)


class _Items:
    """The bytes of an input in which the items of arrays are lines, byte for byte."""

    def __init__(self, read: Callable[[int], bytes], position: Position) -> None:
        self._read = read
        self._at = int(position.get("offset", 0))
        self._depth = 1 if position.get("array") else 0
        # Whether something stands since the last comma: a comma behind nothing is left as it is.
        self._item = bool(self._depth)
        self._any = bool(self._depth)
        self._text = self._escape = False
        self._begun = self._at > 0
        self._turns: deque[tuple[int, bool]] = deque([(self._at, bool(self._depth))])
        self._ended = False

    def is_inside(self, offset: int) -> bool:
        """Whether an array is open at an offset; offsets must not go back."""
        while len(self._turns) > 1 and self._turns[1][0] <= offset:
            self._turns.popleft()
        return self._turns[0][1]

    def told(self, reject: Reject) -> Reject:
        """A reject as it is, or what the end of an array that is not closed means."""
        if not self._ended or int(reject.position["offset"]) < self._at:
            return reject
        error = ValidationError("the array is not closed: the input is cut off")
        return Reject(reject.index, b"", error, {"offset": self._at})

    def read(self, size: int) -> bytes:
        """As many bytes as were read, then none."""
        data = self._read(size)
        if data:
            return self._as_lines(data)
        if self._depth and not self._ended:
            self._ended = True
            # What ends inside of an array is cut off: this cannot be read, and is told.
            return b"\n[" if self._depth == 1 else b""
        return b""

    def _as_lines(self, data: bytes) -> bytes:
        found = bytearray(data)
        at = 0
        while at < len(data):
            if self._depth == 0:
                at = self._outside(data, found, at)
            else:
                at = self._inside(data, found, at)
        self._at += len(data)
        return bytes(found)

    def _outside(self, data: bytes, found: bytearray, at: int) -> int:
        """Open an array where one begins; all else is left as it is."""
        start = at + (len(_BOM) if self._at + at == 0 and data.startswith(_BOM) else 0)
        while start < len(data) and data[start] in _BLANK:
            start += 1
        if start == len(data):
            return start
        if data[start] != 0x5B or self._begun:
            self._begun = True
            return len(data)
        found[start] = 0x20
        self._depth, self._item, self._any = 1, False, False
        self._turns.append((self._at + start + 1, True))
        return start + 1

    def _inside(self, data: bytes, found: bytearray, at: int) -> int:
        """Go through an array up to its end, or the end of the block."""
        begin = at
        if self._escape:
            self._escape = False
            at += 1
        while True:
            token = (_IN_TEXT if self._text else _TOKEN).search(data, at)
            if token is None:
                if self._depth == 1 and data[begin:].strip(_BLANK):
                    self._item = True
                return len(data)
            place, at = token.start(), token.end()
            match data[place]:
                case 0x22:
                    self._text = not self._text
                case 0x5C:
                    at += 1
                    if at > len(data):
                        self._escape = True
                        return len(data)
                case 0x0A:
                    # A text with a line end in it is no JSON: it ends with its line.
                    if not self._text:
                        found[place] = 0x20
                    self._text = False
                case 0x5B | 0x7B:
                    self._depth += 1
                    self._item = True
                case 0x2C if self._depth == 1:
                    if self._item or data[begin:place].strip(_BLANK):
                        found[place] = 0x0A
                    self._item, self._any = False, True
                    begin = at
                case 0x5D | 0x7D:
                    self._depth -= 1
                    if self._depth == 0:
                        if self._item or data[begin:place].strip(_BLANK) or not self._any:
                            found[place] = 0x0A
                        self._begun = True
                        self._turns.append((self._at + at, False))
                        return at
                    begin = at
                case _:
                    pass
