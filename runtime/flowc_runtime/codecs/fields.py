"""Reading one field of a row of texts: null where it may not be, and what does not convert.

Errors name the field. Each reader gives what the conversion of `values` gives; those for numbers
try the short way first.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar

import msgspec

from ..errors import ConversionError, ValidationError
from ..values import numbers, text, time
from .settle import fit_decimal

__all__ = [
    "read_bigint",
    "read_bool",
    "read_bytes",
    "read_date",
    "read_decimal",
    "read_duration",
    "read_enum",
    "read_float",
    "read_int",
    "read_int32",
    "read_json",
    "read_number",
    "read_timestamp",
    "read_uint32",
    "read_uint64",
    "read_uuid",
]

_T = TypeVar("_T")


def _converted(convert: Callable[[object], _T], value: str | None, name: str) -> _T:
    if value is None:
        raise ValidationError(f"{name} is null")
    try:
        return convert(value)
    except ConversionError as error:
        raise ConversionError(f"{name}: {error}") from None


def _reader(convert: Callable[[object], _T]) -> Callable[[str | None, str], _T]:
    def read(value: str | None, name: str) -> _T:
        return _converted(convert, value, name)

    return read


def read_int(value: str | None, name: str) -> int:
    """A 64-bit integer."""
    if value is not None and value.isascii() and "_" not in value:
        try:
            number = int(value)
        except ValueError:
            pass
        else:
            if -9223372036854775808 <= number <= 9223372036854775807:
                return number
    return _converted(numbers.to_int, value, name)


def read_float(value: str | None, name: str) -> float:
    """A finite float."""
    if value is not None and value.isascii() and "_" not in value:
        try:
            number = float(value)
        except ValueError:
            pass
        else:
            if isfinite(number):
                return number
    return _converted(numbers.to_float, value, name)


read_bool = _reader(numbers.to_bool)
read_int32 = _reader(numbers.to_int32)
read_uint32 = _reader(numbers.to_uint32)
read_uint64 = _reader(numbers.to_uint64)
read_bigint = _reader(numbers.to_bigint)
read_number = _reader(numbers.to_number)
read_timestamp = _reader(time.to_timestamp)
read_date = _reader(time.to_date)
read_duration = _reader(time.to_duration)
read_bytes = _reader(text.to_bytes)
read_uuid = _reader(text.to_uuid)


def read_decimal(
    value: str | None, name: str, precision: int | None = None, scale: int | None = None
) -> Decimal:
    """An exact decimal; one with more digits than its type has is refused, not rounded."""
    number = _converted(numbers.to_decimal, value, name)
    if precision is None or scale is None:
        return number
    try:
        return fit_decimal(number, precision, scale)
    except ValidationError as error:
        raise ValidationError(f"{name}: {error}") from None


def read_enum(value: str | None, name: str, values: frozenset[str]) -> Any:
    """One of the texts of an enum."""
    if value in values:
        return value
    if value is None:
        raise ValidationError(f"{name} is null")
    raise ValidationError(f"{name}: {value!r} is none of {', '.join(sorted(values))}")


def read_json(value: str | None, name: str, shape: Any) -> Any:
    """A value of the type `shape`, written as JSON."""
    if value is None:
        raise ValidationError(f"{name} is null")
    try:
        return msgspec.json.decode(value, type=shape)
    except msgspec.MsgspecError as error:
        raise ValidationError(f"{name}: {error}") from None
