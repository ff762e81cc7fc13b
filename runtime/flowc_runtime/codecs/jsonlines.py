"""JSON lines: white-space separated JSON values, decoded a block at a time.

How values are written: decimals as JSON numbers with all their digits, timestamps as RFC 3339 in
UTC with Z, dates as ISO 8601, durations as ISO 8601 (`P1DT3.5S`), bytes as base64, uuids as text,
fields that are absent not at all, one record a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import msgspec

from ..errors import OverflowError_, RecordError, ValidationError
from ..records import Batch, Position, Reject
from ..values.lost import LOST
from .jsonscan import End, end_in_line, end_of_value, is_unfinished, skip_blanks
from .settle import settler, without_fine_digits

__all__ = ["JsonLines"]

_BOM = b"\xef\xbb\xbf"
_LONG = 1 << 20
_KEPT = 4096
_BAD = (msgspec.MsgspecError, ValueError, RecursionError, RecordError)


class JsonLines:
    """Decodes and encodes records of `record_type`, a msgspec Struct.

    `check` is called with each record that is read and raises ValidationError for one that does
    not meet what its schema states. `block_size` is how many bytes are asked for at once; `record_limit` the longest record, in
    bytes, that is kept: a longer one is rejected by its first bytes.
    """

    extension = ".jsonl"
    ends_lines = True
    counted: tuple[str, ...] = ()
    lead = b""

    def __init__(
        self,
        record_type: Any,
        *,
        check: Callable[[Any], Any] | None = None,
        block_size: int = 128 * 1024,
        record_limit: int = 64 << 20,
    ) -> None:
        self.record_type = record_type
        self._check = check
        self._block_size = block_size
        self._record_limit = record_limit
        decoder = msgspec.json.Decoder(record_type)
        self._decode_lines = decoder.decode_lines
        self._decode_one = decoder.decode
        self._settle = settler(record_type)
        self._encode_lines = msgspec.json.Encoder(decimal_format="number").encode_lines

    def header(self) -> bytes:
        """What stands before the first record: nothing."""
        return b""

    def footer(self) -> bytes:
        """What stands behind the last record: nothing."""
        return b""

    def encode(self, records: list[Any]) -> bytes:
        """The records as lines. Raises ValidationError for a text that is not Unicode."""
        try:
            return self._encode_lines(records)
        except (UnicodeEncodeError, OverflowError, RecursionError) as error:
            raise ValidationError(f"cannot be written as JSON: {error}") from error

    def count(self, data: bytes, records: list[Any]) -> int:
        """How many records `data` holds: JSON text has no line ends of its own."""
        return data.count(b"\n")

    def decode(self, read: Callable[[int], bytes], position: Position) -> Iterator[Batch]:
        """Yield batches of what `read` gives from `position` on.

        `read(n)` gives at most n bytes, none at the end; what has come in whole lines is yielded
        at once. Positions are `{"offset": bytes from the beginning}`.
        """
        return _Reader(self, read, int(position.get("offset", 0))).batches()

    def _decode_block(self, data: bytes | memoryview) -> list[Any]:
        records: list[Any] = self._decode_lines(data)
        if self._settle is not None:
            cut = without_fine_digits(data)
            others = records if cut is None else self._decode_lines(cut)
            for record, other in zip(records, others, strict=True):
                self._settle(record, other)
        if self._check is not None:
            for record in records:
                self._check(record)
        return records

    def _decode_record(self, data: bytes) -> Any:
        record = self._decode_one(data)
        if self._settle is not None:
            cut = without_fine_digits(data)
            record = self._settle(record, record if cut is None else self._decode_one(cut))
        return record if self._check is None else self._check(record)


class _Reader:
    """One pass over a stream of bytes."""

    def __init__(self, codec: JsonLines, read: Callable[[int], bytes], offset: int) -> None:
        self._codec = codec
        self._read = read
        self._offset = offset
        self._skipping = False
        self._paused = False
        # Up to here all text lies inside a value that was never closed: looking for the end of
        # another one from each of its lines would take time that grows with the square.
        self._unclosed_until = 0

    def batches(self) -> Iterator[Batch]:
        pieces: list[bytes] = []
        # A record that has become long grows here: joining its pieces would hold it twice.
        long = bytearray()
        held = wait = 0
        fresh_line = final = more = False
        at_beginning = self._offset == 0
        while not final or more:
            if not more:
                piece = self._read(self._codec._block_size)
                final = not piece
                if self._skipping:
                    piece = self._skip(piece)
                if piece:
                    if long:
                        long += piece
                    else:
                        pieces.append(piece)
                    held += len(piece)
                    fresh_line = fresh_line or b"\n" in piece
                del piece
                # A record that does not end is tried again only when twice as much has come.
                if not final and (held < wait or not (fresh_line or held >= max(_LONG, wait))):
                    continue
            if held >= _LONG and not final and not at_beginning:
                for part in pieces:
                    long += part
                pieces.clear()
                if is_unfinished(long):
                    more = False
                    wait = min(2 * held, max(held, self._codec._record_limit) + _LONG)
                    if held - skip_blanks(long, 0) > self._codec._record_limit:
                        batch, rest = self._too_long(long)
                        long = bytearray(rest)
                        held, wait, fresh_line = len(long), 0, b"\n" in long
                        yield batch
                        del batch
                    continue
            if long:
                data = bytes(long)
                long = bytearray()
            else:
                data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            # What has been used is let go at once, so that memory stays small and in the cache.
            pieces.clear()
            if at_beginning:
                if len(data) < len(_BOM) and not final:
                    pieces.append(data)
                    continue
                at_beginning = False
                if data.startswith(_BOM):
                    data = data[len(_BOM) :]
                    self._offset += len(_BOM)
            cut = len(data) if final else (data.rfind(b"\n") + 1 or len(data))
            batch, used = self._block(data, cut, final)
            more = self._paused
            held = len(data) - used
            if held:
                pieces.append(data[used:])
            wait = 2 * held if held > self._codec._block_size and used < cut else 0
            fresh_line = False
            del data
            if batch.records or batch.rejects:
                yield batch
            del batch

    def _too_long(self, data: bytearray) -> tuple[Batch, bytes]:
        """Reject the record at the beginning, with its line; gives what follows."""
        limit = self._codec._record_limit
        start = skip_blanks(data, 0)
        error = OverflowError_(f"the record is longer than {limit:,} bytes")
        original = bytes(data[start : start + min(_KEPT, limit)]).rstrip(b" \t\r\n")
        reject = Reject(0, original, error, {"offset": self._offset + start})
        newline = data.find(b"\n", start + limit)
        end = newline + 1 if newline >= 0 else len(data)
        self._skipping = newline < 0
        self._offset += end
        return Batch([], {"offset": self._offset}, [reject]), bytes(data[end:])

    def _block(self, data: bytes, size: int, final: bool) -> tuple[Batch, int]:
        """Decode the first `size` bytes; gives how many of them were used."""
        self._paused = False
        if not final and data[size - 1] != 0x0A:
            # Many values on one line: up to the last bracket they may be whole.
            size = data.rfind(b"}") + 1 or size
        # Inside of what was never closed, each line is judged alone, however the input was cut.
        closed = self._offset >= self._unclosed_until
        if closed and size <= self._codec._record_limit and (final or data[size - 1] in b"\n}"):
            lost = LOST.get()
            try:
                # A view, since a copy of every block is a measurable part of a run.
                records = self._codec._decode_block(memoryview(data)[:size])
            except _BAD:
                LOST.set(lost)
            else:
                self._offset += size
                original = _Originals(data, size, len(records))
                return Batch(records, {"offset": self._offset}, (), original), size
        return self._redo(data[:size], final)

    def _redo(self, data: bytes, final: bool) -> tuple[Batch, int]:
        """Decode record by record: good ones as in a block, the bad ones rejected.

        Pauses when the batch is large enough; the rest is then decoded like any other block.
        """
        codec = self._codec
        limit = codec._record_limit
        records: list[Any] = []
        rejects: list[Reject] = []
        spans: list[tuple[int, int]] = []

        def reject(start: int, end: int, error: Exception) -> None:
            original = data[start:end].rstrip(b" \t\r\n")
            position: Position = {"offset": self._offset + start}
            rejects.append(Reject(len(records), original, error, position))

        at = 0
        whole_line = True
        while True:
            before = at
            at = skip_blanks(data, at)
            if at >= len(data):
                break
            if at >= 4 * codec._block_size and (records or rejects):
                self._paused = True
                break
            whole_line = whole_line or b"\n" in data[before:at]
            newline = data.find(b"\n", at, at + limit)
            line_end = newline + 1
            if newline < 0 and final and len(data) - at <= limit:
                line_end = len(data)
            if line_end > 0 and whole_line:
                try:
                    record = codec._decode_record(data[at:line_end])
                except _BAD:
                    pass
                else:
                    records.append(record)
                    spans.append((at, line_end))
                    at = line_end
                    continue
            whole_line = False
            stop = min(len(data), at + limit)
            if line_end > 0 and self._offset + at < self._unclosed_until:
                stop = line_end
            state, end = end_of_value(data, at, stop, final and stop == len(data))
            if state is End.COMPLETE:
                try:
                    record = codec._decode_record(data[at:end])
                except _BAD as error:
                    if data[at] not in b'{["' and not isinstance(error, msgspec.ValidationError):
                        state = End.MALFORMED
                    else:
                        reject(at, end, error)
                        at = end
                        continue
                else:
                    records.append(record)
                    spans.append((at, end))
                    at = end
                    continue
            if state is End.PARTIAL and line_end > 0 and stop == line_end < len(data):
                state = End.MALFORMED
            if line_end == 0 or state is End.PARTIAL:
                if len(data) - at >= limit and not (final and len(data) - at == limit):
                    too_long = OverflowError_(f"the record is longer than {limit:,} bytes")
                    reject(at, at + min(_KEPT, limit), too_long)
                    newline = data.find(b"\n", at + limit)
                    at = newline + 1 if newline >= 0 else len(data)
                    self._skipping = newline < 0
                    whole_line = True
                    continue
                if not final:
                    break
                self._unclosed_until = self._offset + len(data)
            # Not JSON, or cut by the end of the input: it costs its line or less.
            end = line_end if state is End.PARTIAL else end_in_line(data, at, line_end)
            reject(at, end, _reason(codec, data[at:end]))
            at = end
            whole_line = at == line_end
        self._offset += at
        original = _Spans(data, spans)
        return Batch(records, {"offset": self._offset}, rejects, original), at

    def _skip(self, piece: bytes) -> bytes:
        """Leave out the rest of a line that is too long."""
        newline = piece.find(b"\n")
        if newline < 0:
            self._offset += len(piece)
            return b""
        self._skipping = False
        self._offset += newline + 1
        return piece[newline + 1 :]


def _reason(codec: JsonLines, data: bytes) -> Exception:
    try:
        codec._decode_record(data)
    except _BAD as error:
        return error
    return ValidationError("the record is cut off")


class _Spans:
    """The bytes of records whose places are known."""

    def __init__(self, data: bytes, spans: list[tuple[int, int]]) -> None:
        self._data = data
        self._spans = spans

    def __call__(self, index: int) -> bytes:
        start, end = self._spans[index]
        return self._data[start:end].rstrip(b" \t\r\n")


class _Originals:
    """The bytes of records that were decoded as a block; their places are found when asked for."""

    def __init__(self, data: bytes, size: int, count: int) -> None:
        self._data = data
        self._size = size
        self._count = count
        self._found: list[bytes] | None = None

    def __call__(self, index: int) -> bytes:
        if self._found is None:
            self._found = self._split()
        return self._found[index]

    def _split(self) -> list[bytes]:
        data = self._data[: self._size]
        lines = [line for line in map(bytes.strip, data.split(b"\n")) if line]
        # An object over several lines has a line that does not begin with { or not end with }.
        if len(lines) == self._count and all(
            line.startswith(b"{") and line.endswith(b"}") for line in lines
        ):
            return lines
        ends = [0]
        while len(ends) <= self._count:
            start = skip_blanks(data, ends[-1])
            ends.append(end_of_value(data, start, len(data), True)[1])
        return [data[start:end].strip() for start, end in pairwise(ends)]
