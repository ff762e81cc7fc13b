"""CSV by RFC 4180: a header or given names, quoted fields over several lines, null and empty apart.

Reading: an unquoted empty field is null, `""` is the empty string, and so is every field that is
spelled `null_text` and not quoted. Writing: null as an empty field, the empty string as `""`,
lines end in a line feed; values as `values.text.to_string` spells them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import itemgetter
from typing import Any

import msgspec

from ..errors import (
    ConversionError,
    Diagnosis,
    OverflowError_,
    RecordError,
    ResourceError,
    ValidationError,
    shorten,
)
from ..records import Batch, Position, Reject
from ..values.lost import LOST
from ..values.text import to_string

__all__ = ["Csv"]

_BOM = b"\xef\xbb\xbf"
_KEPT = 4096
_Row = tuple[str | None, ...]
_BAD = (RecordError, csv.Error, msgspec.MsgspecError, ArithmeticError, ValueError, TypeError)


class Csv:
    """Decodes wanted columns into records and encodes records.

    `columns` are the names of the wanted columns, in the order in which `make` gets their texts
    (None for null) and in which `row` gives values. `names` names the columns of a file without
    a header. `record_limit` is the longest record, in bytes, that is kept.
    """

    extension = ".csv"
    ends_lines = True
    counted: tuple[str, ...] = ("line",)
    lead = b""

    def __init__(
        self,
        columns: Sequence[str],
        *,
        make: Callable[[_Row], Any] | None = None,
        row: Callable[[Any], Sequence[Any]] | None = None,
        delimiter: str = ",",
        quote: str = '"',
        null_text: str | None = None,
        names: Sequence[str] | None = None,
        header: bool = True,
        block_size: int = 128 * 1024,
        record_limit: int = 4 << 20,
    ) -> None:
        self._columns = tuple(columns)
        self._make: Callable[[_Row], Any] = tuple if make is None else make
        self._row = row or _attributes(self._columns)
        self._delimiter = delimiter
        self._quote = quote
        self._null_text = null_text
        self._names = None if names is None else tuple(names)
        self._header = header
        self._block_size = block_size
        self._record_limit = record_limit
        sep, quo = re.escape(delimiter), re.escape(quote)
        inside = rf"{quo}((?:[^{quo}]*+(?:{quo}{quo})?+)*+){quo}"
        self._field_pattern = re.compile(
            rf"(?:{inside}|((?:[^{sep}{quo}\n][^{sep}\n]*+)?+))({sep}|\r*+\n|\r*+\Z)"
        )
        self._closed_pattern = re.compile(rf"{inside}[^{quo}]")
        # The module's own limit is for the whole process and lower than ours.
        if csv.field_size_limit() < record_limit:
            csv.field_size_limit(record_limit)

    # Encoding

    def header(self) -> bytes:
        """The line of column names."""
        if not self._header:
            return b""
        return self._line(self._columns).encode()

    def footer(self) -> bytes:
        """What stands behind the last record: nothing."""
        return b""

    def encode(self, records: list[Any]) -> bytes:
        """The records as lines. Raises ValidationError for a text that is not Unicode."""
        try:
            return "".join(map(self._line, map(self._row, records))).encode()
        except UnicodeEncodeError as error:
            raise ValidationError(f"cannot be written as CSV: {error}") from error

    def count(self, data: bytes, records: list[Any]) -> int:
        """How many records were encoded: line ends cannot tell, fields may hold them."""
        return len(records) if data or not records else 0

    def _line(self, values: Sequence[Any]) -> str:
        return self._delimiter.join(map(self._field, values)) + "\n"

    def _field(self, value: Any) -> str:
        if type(value) is int:
            return str(value)
        if value is None or value is msgspec.UNSET:
            return ""
        text = value if type(value) is str else to_string(value)
        quote = self._quote
        if (
            not text
            or self._delimiter in text
            or quote in text
            or "\n" in text
            or "\r" in text
            or text == self._null_text
        ):
            return quote + text.replace(quote, quote + quote) + quote
        return text

    def text(self, values: Sequence[Any]) -> str:
        """One row of values, without its line end."""
        return self._line(values)[:-1]

    # Decoding

    def cells(self, text: str) -> list[str | None]:
        """The cells of a text that is one row, None for null. Raises ConversionError."""
        reader = _Reader(self, io.BytesIO().read, {})
        record = reader._scan(text, 0, True)
        if record.state is not _End.COMPLETE or record.end < len(text):
            raise ConversionError(f"{shorten(text)} is not one row of CSV")
        return reader._cells(record)

    def decode(self, read: Callable[[int], bytes], position: Position) -> Iterator[Batch]:
        """Yield batches of what `read` gives from `position` on.

        Positions are `{"offset": bytes, "line": lines before, "header": the header line}`.
        Raises ResourceError when the header lacks a wanted column.
        """
        return _Reader(self, read, position).batches()

    def _reader(self, lines: Iterator[str]) -> Any:
        return csv.reader(
            lines, delimiter=self._delimiter, quotechar=self._quote, doublequote=True, strict=True
        )


def _attributes(columns: tuple[str, ...]) -> Callable[[Any], Sequence[Any]]:
    def row(record: Any) -> Sequence[Any]:
        return [getattr(record, name) for name in columns]

    return row


class _End(Enum):
    COMPLETE = 1
    PARTIAL = 2
    MALFORMED = 3
    TOO_LONG = 4


@dataclass(frozen=True, slots=True)
class _Record:
    """A record as written: `quoted` says which fields stand in quotes."""

    state: _End
    end: int
    fields: list[str]
    quoted: list[bool]

    @property
    def blank(self) -> bool:
        """An empty line."""
        return self.fields == [""] and not self.quoted[0]


class _Reader:
    """One pass over a stream of bytes.

    A block goes through the csv module as a whole where that gives the same as reading record by
    record; the other way is slower and tells null from empty and good from bad.
    """

    def __init__(self, codec: Csv, read: Callable[[int], bytes], position: Position) -> None:
        self._codec = codec
        self._read = read
        self._offset = int(position.get("offset", 0))
        self._line = int(position.get("line", 0))
        self._skipping = False
        self._paused = False
        self._width = -1
        self._header = ""
        self._pick: Callable[[list[str | None]], _Row] = tuple
        self._nulls = frozenset({"", codec._null_text} - {None})
        self._quote = codec._quote.encode()
        if codec._names is not None:
            self._use_header(list(codec._names))
        elif "header" in position:
            self._header = str(position["header"])
            self._use_header(self._scan(self._header, 0, True).fields)

    def _use_header(self, names: list[str]) -> None:
        indexes: list[int] = []
        for column in self._codec._columns:
            count = names.count(column)
            if count != 1:
                raise ResourceError(
                    Diagnosis(
                        "FC0807",
                        f"the header has {f'{count} columns' if count else 'no column'} {column}",
                        f"its columns are {', '.join(names)}",
                        (
                            "Compare the header with the declared type",
                            "If the file has no header, name its columns",
                        ),
                    )
                )
            indexes.append(names.index(column))
        self._width = len(names)
        match indexes:
            case []:
                self._pick = lambda row: ()
            case [only]:
                self._pick = lambda row: (row[only],)
            case _:
                self._pick = itemgetter(*indexes)

    def batches(self) -> Iterator[Batch]:
        pieces: list[bytes] = []
        held = wait = 0
        fresh_line = final = more = False
        at_beginning = self._offset == 0
        limit = self._codec._record_limit
        while not final or more:
            if not more:
                piece = self._read(self._codec._block_size)
                final = not piece
                if self._skipping:
                    piece = self._skip(piece)
                if piece:
                    pieces.append(piece)
                    held += len(piece)
                    fresh_line = fresh_line or b"\n" in piece
                del piece
                # A record that does not end is tried again only when twice as much has come.
                if not final and held <= 4 * limit and (held < wait or not fresh_line):
                    continue
            data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            # What has been used is let go at once, so that memory stays small and in the cache.
            pieces.clear()
            if at_beginning:
                at_beginning = False
                if data.startswith(_BOM):
                    data = data[len(_BOM) :]
                    self._offset += len(_BOM)
            cut = len(data) if final or held > 4 * limit else data.rfind(b"\n") + 1
            batch, used = self._block(data if cut == len(data) else data[:cut], final)
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

    def _skip(self, piece: bytes) -> bytes:
        """Leave out the rest of a line that is too long."""
        newline = piece.find(b"\n")
        if newline < 0:
            self._offset += len(piece)
            return b""
        self._skipping = False
        self._offset += newline + 1
        self._line += 1
        return piece[newline + 1 :]

    def _at(self) -> Position:
        position: Position = {"offset": self._offset, "line": self._line}
        if self._header:
            position["header"] = self._header
        return position

    def _block(self, data: bytes, final: bool) -> tuple[Batch, int]:
        self._paused = False
        codec = self._codec
        if self._width > 1 and len(data) <= codec._record_limit and (final or data.endswith(b"\n")):
            lost = LOST.get()
            try:
                lines = io.StringIO(data.decode(), newline="\n")
                if self._quote in data:
                    records = self._quoted_records(list(lines))
                else:
                    records = self._records(list(filter(None, codec._reader(lines))))
            except _BAD:
                LOST.set(lost)
            else:
                original = _Originals(self, data)
                self._offset += len(data)
                self._line += data.count(b"\n")
                return Batch(records, self._at(), (), original), len(data)
        return self._redo(data, final)

    def _records(self, rows: list[list[str]]) -> list[Any]:
        if not set(map(len, rows)) <= {self._width}:
            raise ValidationError("a row has too few or too many fields")
        make, nulls = self._codec._make, self._nulls
        free = nulls.isdisjoint
        picked: Iterator[_Row] = map(self._pick, rows)  # type: ignore[arg-type]
        return [
            make(row if free(row) else tuple([None if x in nulls else x for x in row]))
            for row in picked
        ]

    def _quoted_records(self, lines: list[str]) -> list[Any]:
        """As `_records`, for lines that hold quotes.

        The csv module cannot tell quoted from unquoted, which decides what is null, so a row that
        may hold a null is read again.
        """
        make, free, width = self._codec._make, self._nulls.isdisjoint, self._width
        pick: Any = self._pick
        records: list[Any] = []
        reader = self._codec._reader(iter(lines))
        before = 0
        for row in reader:
            after = reader.line_num
            if row:
                if len(row) != width:
                    raise ValidationError("a row has too few or too many fields")
                picked = pick(row)
                if not free(picked):
                    raw = "".join(lines[before:after])
                    picked = pick(self._cells(self._scan(raw, 0, True)))
                records.append(make(picked))
            before = after
        return records

    def _cells(self, record: _Record) -> list[str | None]:
        nulls = self._nulls
        return [
            None if text in nulls and not quoted else text
            for text, quoted in zip(record.fields, record.quoted, strict=True)
        ]

    def _scan(self, text: str, start: int, final: bool) -> _Record:
        """Read the record that begins at `start`."""
        stop = min(len(text), start + self._codec._record_limit)
        match_field = self._codec._field_pattern.match
        quote = self._codec._quote
        fields: list[str] = []
        quoted: list[bool] = []
        at = start
        while True:
            found = match_field(text, at, stop)
            if found is None:
                # Either a quote is not closed before `stop`, or something follows a closed one.
                closed = self._codec._closed_pattern.match(text, at, stop)
                if closed is not None:
                    return _Record(_End.MALFORMED, at, fields, quoted)
                break
            inside, bare, mark = found.groups()
            quoted.append(inside is not None)
            if inside is None:
                fields.append(bare)
            else:
                fields.append(inside.replace(quote * 2, quote) if quote in inside else inside)
            at = found.end()
            if mark.endswith("\n") or (
                at == len(text) and final and mark != self._codec._delimiter
            ):
                if not quoted[-1]:
                    fields[-1] = fields[-1].rstrip("\r")
                return _Record(_End.COMPLETE, at, fields, quoted)
            if mark != self._codec._delimiter:
                break
        if stop < len(text) or stop - start == self._codec._record_limit:
            return _Record(_End.TOO_LONG, stop, fields, quoted)
        return _Record(_End.MALFORMED if final else _End.PARTIAL, stop, fields, quoted)

    def _redo(self, data: bytes, final: bool) -> tuple[Batch, int]:
        """Read record by record: good ones as in a block, the bad ones rejected.

        Pauses when the batch is large enough; the rest is then read like any other block.
        """
        limit = self._codec._record_limit
        # Bytes that are not UTF-8 pass as surrogates here and are judged record by record.
        text = data.decode("utf-8", "surrogateescape")
        narrow = text.isascii()
        records: list[Any] = []
        rejects: list[Reject] = []
        spans: list[tuple[int, int]] = []
        at = used = 0
        while at < len(text):
            if used >= 4 * self._codec._block_size and (records or rejects):
                self._paused = True
                break
            record = self._scan(text, at, final)
            end = record.end
            error: Exception | None = None
            if record.state is _End.PARTIAL:
                break
            if record.state is not _End.COMPLETE:
                newline = text.find("\n", at)
                if newline < 0 and not final and len(text) - at <= limit:
                    break
                # What is not closed or too long costs its first line, whatever follows.
                self._skipping = newline < 0 and not final
                end = newline + 1 or len(text)
                if record.state is _End.TOO_LONG:
                    error = OverflowError_(f"the record is longer than {limit:,} bytes")
                else:
                    error = ValidationError(
                        f"a quoted field is not closed, or text follows its end, "
                        f"after {len(record.fields)} fields"
                    )
            size = end - at if narrow else len(text[at:end].encode("utf-8", "surrogateescape"))
            raw = data[used : used + size]
            if self._width < 0:
                self._begin(record, raw)
            elif not (error is None and record.blank and self._width > 1):
                try:
                    if error is not None:
                        raise error
                    records.append(self._make(record, raw))
                    spans.append((used, used + size))
                except _BAD as bad:
                    where: Position = {"offset": self._offset, "line": self._line + 1}
                    kept = raw if len(raw) <= limit else raw[:_KEPT]
                    rejects.append(Reject(len(records), kept.rstrip(b"\r\n"), bad, where))
            self._offset += size
            self._line += text.count("\n", at, end)
            at = end
            used += size
        return Batch(records, self._at(), rejects, _Spans(data, spans)), used

    def _begin(self, record: _Record, raw: bytes) -> None:
        """Take the first record that is not blank as the header."""
        if record.state is not _End.COMPLETE:
            raise ResourceError(
                Diagnosis(
                    "FC0807",
                    "the header line cannot be read",
                    "a quoted name is not closed, or the line is too long for a header",
                    ("Look at the first line of the file", "Check the delimiter and the quote"),
                )
            )
        if not record.blank:
            self._header = raw.decode("utf-8", "replace")
            self._use_header(record.fields)

    def _make(self, record: _Record, raw: bytes) -> Any:
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise ValidationError(
                f"invalid UTF-8: byte {raw[error.start]:#04x} at {error.start} of the record"
            ) from None
        if len(record.fields) != self._width:
            fields = "1 field" if len(record.fields) == 1 else f"{len(record.fields)} fields"
            raise ValidationError(f"the row has {fields}, the header {self._width}")
        return self._codec._make(self._pick(self._cells(record)))


class _Spans:
    """The bytes of records whose places are known."""

    def __init__(self, data: bytes, spans: list[tuple[int, int]]) -> None:
        self._data = data
        self._spans = spans

    def __call__(self, index: int) -> bytes:
        start, end = self._spans[index]
        return self._data[start:end].rstrip(b"\r\n")


class _Originals:
    """The bytes of records that were read as a block; their places are found when asked for."""

    def __init__(self, reader: _Reader, data: bytes) -> None:
        self._reader = reader
        self._data = data
        self._found: list[str] | None = None

    def __call__(self, index: int) -> bytes:
        if self._found is None:
            self._found = self._split()
        return self._found[index].rstrip("\r\n").encode()

    def _split(self) -> list[str]:
        text = self._data.decode()
        found: list[str] = []
        at = 0
        while at < len(text):
            record = self._reader._scan(text, at, True)
            if not record.blank:
                found.append(text[at : record.end])
            at = record.end
        return found
