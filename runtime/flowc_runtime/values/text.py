"""Text: what a value reads as, and the functions that Python's own methods are not right for.

`lower`, `upper`, `in`, `startswith`, `endswith`, `replace` and `len` are Python's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from ..errors import ConversionError, ValidationError, shorten
from .time import date_text, duration_text, timestamp_text

__all__ = [
    "hash_value",
    "hashed_bytes",
    "json_text",
    "split",
    "substr",
    "to_bytes",
    "to_enum",
    "to_json",
    "to_string",
    "to_uuid",
    "trim",
]

_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


def _float_text(value: float) -> str:
    return _encoder.encode(value).decode()


def _decimal_text(value: Decimal) -> str:
    return format(value, "f")


def _bytes_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _float_text,
    Decimal: _decimal_text,
    datetime: timestamp_text,
    date: date_text,
    timedelta: duration_text,
    UUID: str,
    bytes: _bytes_text,
}


def to_string(value: Any) -> str:
    """The one text of a value, in every format: what is read back as the same value.

    true and false; floats in the fewest digits; decimals without exponent; RFC 3339 in UTC;
    durations in ISO 8601; bytes in base64; lists, maps and records as JSON.
    """
    convert = _TEXTS.get(type(value))
    return json_text(value) if convert is None else convert(value)


def json_text(value: Any) -> str:
    """The value as JSON. Raises ValidationError for a text that is not Unicode."""
    try:
        return _encoder.encode(value).decode()
    except (UnicodeEncodeError, OverflowError, RecursionError, TypeError) as error:
        raise ValidationError(f"cannot be written as JSON: {error}") from None


def to_json(value: str) -> Any:
    """The value that a JSON text holds."""
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ConversionError(f"{shorten(value)} is not JSON: {error}") from None


def to_bytes(value: object) -> bytes:
    """Bytes from base64 text."""
    match value:
        case bytes():
            return value
        case str():
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise ConversionError(f"{shorten(value)} is not base64") from None
    raise ConversionError(f"{shorten(value)} is not bytes")


def to_uuid(value: object) -> UUID:
    """A uuid from its 36 or 32 characters."""
    match value:
        case UUID():
            return value
        case str():
            text = value.strip()
            try:
                if len(text) in (32, 36):
                    return UUID(text)
            except ValueError:
                pass
    raise ConversionError(f"{shorten(value)} is not a uuid")


def to_enum(value: object, *choices: str) -> str:
    """The text, if it is one of the choices."""
    if isinstance(value, str) and value in choices:
        return value
    raise ConversionError(f"{shorten(value)} is none of {shorten(', '.join(choices))}")


def trim(text: str) -> str:
    """The text without the white space around it."""
    return text.strip()


def split(text: str, separator: str) -> list[str]:
    """The parts between separators; an empty separator is an error of the record."""
    if not separator:
        raise ConversionError("split needs a separator that is not empty")
    return text.split(separator)


def substr(text: str, start: int, length: int | None = None) -> str:
    """`length` characters from `start`, which counts from 0, or from the end if negative.

    What lies outside the text is left out, never an error.
    """
    begin = max(len(text) + start, 0) if start < 0 else start
    end = len(text) if length is None else begin + max(length, 0)
    return text[begin:end]


def hash_value(value: Any) -> str:
    """The sha256 of the value's text in hexadecimal: the same on every machine and in every run."""
    return hashlib.sha256(hashed_bytes(value)).hexdigest()


def hashed_bytes(value: Any) -> bytes:
    """What is hashed of a value: its text, or its JSON with sorted keys.

    Raises ConversionError for a text that is not Unicode.
    """
    try:
        return to_string(value).encode() if type(value) in _TEXTS else _sorted_encoder.encode(value)
    except UnicodeEncodeError as error:
        raise ConversionError(f"{shorten(value)} is not Unicode: {error.reason}") from None
