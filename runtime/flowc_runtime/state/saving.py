"""Values of records as JSON, to save them with a state, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import msgspec
from msgspec.structs import FieldInfo

__all__ = ["builtins", "fields_by_name", "from_builtins", "may_be_null", "pack", "unpack"]


def fields_by_name(record: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """The fields of a record class by the names that they have in data."""
    return {field.encode_name: field for field in msgspec.structs.fields(record)}


def may_be_null(type: Any) -> bool:
    """Whether null is a value of a field's type."""
    return type is Any or None.__class__ in get_args(type)


def builtins(value: Any) -> Any:
    """A value of a record's field, or a record, as JSON."""
    return msgspec.to_builtins(value)


def from_builtins(saved: Any, type: Any) -> Any:
    """What `builtins` made of a value of the type, as that value again."""
    return msgspec.convert(saved, type=type)


def pack(value: Any) -> Any:
    """A number, a text or null that is part of a state, whatever its value, as JSON."""
    match value:
        case float():
            return {"float": value.hex()}
        case Decimal():
            return {"decimal": str(value)}
        case _:
            return value


def unpack(saved: Any) -> Any:
    """What `pack` made of a value, as that value again."""
    match saved:
        case {"float": text}:
            return float.fromhex(text)
        case {"decimal": text}:
            return Decimal(text)
        case _:
            return saved
