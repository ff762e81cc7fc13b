"""How SQLite keeps each type, and how a stored value is read back: exactly, or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from ..errors import ConversionError, RecordError, ValidationError, shorten
from ..values.numbers import int32, int64, to_bigint, to_decimal, uint32, uint64
from ..values.time import (
    date_text,
    duration_text,
    timestamp_text,
    to_date,
    to_duration,
    to_timestamp,
)

__all__ = ["Column", "reader", "storage_class", "writer"]


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


def _base(type_: str) -> str:
    return type_.partition("(")[0].partition("<")[0].strip()


_STORAGE = {
    "bool": "INTEGER",
    "int": "INTEGER",
    "int32": "INTEGER",
    "uint32": "INTEGER",
    "float": "REAL",
    "bytes": "BLOB",
    # Without a declared type SQLite keeps an integer and a float apart.
    "number": "",
}


def storage_class(type_: str) -> str:
    """The declared type of a column that keeps values of `type_` exactly."""
    return _STORAGE.get(_base(type_), "TEXT")


# Writing: only what sqlite3 does not bind as wanted by itself needs a function.

_encoder = msgspec.json.Encoder(decimal_format="number")


def _write_float(value: float) -> float:
    # SQLite would store NaN as null without a word.
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


def writer(column: Column) -> Callable[[Any], Any] | None:
    """The function from a field's value to what is bound; nothing if that is the value itself."""
    return _WRITERS.get(_base(column.type), _write_json)


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


def reader(column: Column) -> Callable[[Any], Any]:
    """The function from a stored value to the field's; raises a RecordError for any other."""
    convert = _READERS.get(_base(column.type))
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
