"""How the values of records stand in the columns of databases: kept exactly, or not at all.

What a database has no type for is kept as an integer or a text; a connector's own module says
as which type of column.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from ..errors import ConversionError, RecordError, ValidationError, shorten
from ..records import Batch, Position, Reject
from ..values.numbers import int32, int64, to_bigint, to_decimal, uint32, uint64
from ..values.time import (
    date_text,
    duration_text,
    timestamp_text,
    to_date,
    to_duration,
    to_timestamp,
)

__all__ = ["Column", "RowReader", "RowWriter", "base", "quoted"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the type of its field, in flowc's notation without `?`.

    `attribute` is the record's attribute where it is not called like the column. `shape` is the
    Python type as which a column of JSON is read.
    """

    name: str
    type: str
    nullable: bool = True
    attribute: str = ""
    shape: Any = Any


def base(type_: str) -> str:
    """The name of a type without its parameters."""
    return type_.partition("(")[0].partition("<")[0].strip()


def quoted(name: str) -> str:
    """An SQL identifier that means exactly this name."""
    return '"' + name.replace('"', '""') + '"'


# Writing: only what is not bound as wanted by itself needs a function.

_encoder = msgspec.json.Encoder(decimal_format="number")


def _write_float(value: float) -> float:
    # SQLite would store NaN as null without a word; and it is no value of a float.
    if math.isnan(value):
        raise ValidationError("nan cannot be kept in a table")
    return value


def _write_int(value: int) -> int:
    try:
        return int64(value)
    except RecordError as error:
        raise ValidationError(str(error)) from None


def _write_json(value: object) -> str:
    try:
        return _encoder.encode(value).decode()
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError) as error:
        raise ValidationError(f"cannot be written as JSON: {error}") from None


_WRITERS: dict[str, Callable[[Any], Any] | None] = {
    "bool": int,
    "int": None,
    "int32": None,
    "uint32": None,
    "uint64": str,
    "bigint": str,
    "float": _write_float,
    "number": lambda value: _write_float(value) if isinstance(value, float) else _write_int(value),
    "decimal": lambda value: format(value, "f"),
    "string": None,
    "enum": None,
    "bytes": None,
    "timestamp": timestamp_text,
    "date": date_text,
    "duration": duration_text,
    "uuid": str,
}


def _writer(column: Column) -> Callable[[Any], Any] | None:
    """The function from a field's value to what is bound; nothing if that is the value itself."""
    return _WRITERS.get(base(column.type), _write_json)


# Reading


def _wrong(value: object, column: Column) -> ConversionError:
    kind = {int: "an integer", float: "a real", str: "a text", bytes: "a blob"}.get(type(value))
    return ConversionError(
        f"column {column.name} holds {shorten(value)}, {kind}, which is not {column.type}"
    )


def _read_bool(value: Any) -> bool:
    if type(value) is int and value in (0, 1):
        return bool(value)
    raise TypeError


def _read_whole(check: Callable[[int], int]) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int:
            raise TypeError
        return check(value)

    return read


def _read_digits(check: Callable[[int], int]) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) not in (int, str):
            raise TypeError
        return check(to_bigint(value))

    return read


def _read_float(value: Any) -> float:
    if type(value) is int and abs(value) <= 2**53:
        return float(value)
    if type(value) is float and math.isfinite(value):
        return value
    raise TypeError


def _read_number(value: Any) -> int | float:
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value
    raise TypeError


def _read_decimal(value: Any) -> Decimal:
    if type(value) not in (int, str):
        raise TypeError
    return to_decimal(value)


def _only(kind: type, convert: Callable[[Any], Any] | None = None) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value if convert is None else convert(value)

    return read


def _same(value: int) -> int:
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "bool": _read_bool,
    "int": _read_whole(int64),
    "int32": _read_whole(int32),
    "uint32": _read_whole(uint32),
    "uint64": _read_digits(uint64),
    "bigint": _read_digits(_same),
    "float": _read_float,
    "number": _read_number,
    "decimal": _read_decimal,
    "string": _only(str),
    "enum": _only(str),
    "bytes": _only(bytes),
    "timestamp": _only(str, to_timestamp),
    "date": _only(str, to_date),
    "duration": _only(str, to_duration),
    "uuid": _only(str, UUID),
}


def _reader(column: Column) -> Callable[[Any], Any]:
    """The function from a stored value to the field's; raises a RecordError for any other."""
    convert = _READERS.get(base(column.type))
    if convert is None:
        decoder = msgspec.json.Decoder(column.shape)

        def convert(value: Any) -> Any:
            if type(value) is not str:
                raise TypeError
            return decoder.decode(value)

    inner = convert

    def read(value: Any) -> Any:
        if value is None:
            if column.nullable:
                return None
            raise ValidationError(f"column {column.name} is null")
        try:
            return inner(value)
        except (TypeError, ValueError, RecordError, RecursionError):
            raise _wrong(value, column) from None

    return read


class RowReader:
    """Makes records of rows: of a row's number, or nothing, and the values of its columns.

    `make` builds a record from the tuple of the values. A row with a value that its column's type
    cannot be is rejected, with the row as JSON in place of its bytes.
    """

    def __init__(self, columns: Sequence[Column], make: Callable[[tuple[Any, ...]], Any]) -> None:
        self._columns = tuple(columns)
        self._readers = [_reader(column) for column in self._columns]
        self._make = make

    def batch(self, rows: Sequence[tuple[Any, ...]]) -> Batch:
        """The records of some rows; a position is the last row's number, if it has one."""
        records: list[Any] = []
        rejects: list[Reject] = []
        for row in rows:
            try:
                values = tuple(read(value) for read, value in zip(self._readers, row[1:]))
                records.append(self._make(values))
            except (RecordError, msgspec.ValidationError) as error:
                rejects.append(Reject(len(records), self._as_json(row[1:]), error, _at(row)))
        return Batch(records, _at(rows[-1]), rejects)

    def _as_json(self, row: tuple[Any, ...]) -> bytes:
        named = {column.name: value for column, value in zip(self._columns, row)}
        return msgspec.json.encode(named)


def _at(row: tuple[Any, ...]) -> Position:
    return {} if row[0] is None else {"rowid": row[0]}


class RowWriter:
    """Makes rows of records: the values of their columns as they are bound.

    `row` gives the tuple of the columns' values of a record; by default the attributes named by
    the columns.
    """

    def __init__(
        self, columns: Sequence[Column], row: Callable[[Any], tuple[Any, ...]] | None
    ) -> None:
        self._row = row or _attributes(columns)
        self._writers = [(i, write) for i, c in enumerate(columns) if (write := _writer(c))]

    def rows(self, records: Sequence[Any]) -> list[Any]:
        """The rows. Raises a ValidationError for a value that cannot be kept."""
        rows: list[Any] = list(map(self._row, records))
        if not self._writers:
            return rows
        for at, row in enumerate(rows):
            values = list(row)
            for i, write in self._writers:
                if values[i] is not None:
                    values[i] = write(values[i])
            rows[at] = values
        return rows


def _attributes(columns: Sequence[Column]) -> Callable[[Any], tuple[Any, ...]]:
    names = [column.attribute or column.name for column in columns]

    def row(record: Any) -> tuple[Any, ...]:
        return tuple(getattr(record, name) for name in names)

    return row
