"""Values of records as JSON, to save them with a state, and back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any, Literal, Union, get_args

import msgspec
from msgspec.structs import FieldInfo

__all__ = [
    "Keys",
    "builtins",
    "fields_by_name",
    "from_builtins",
    "may_be_null",
    "pack",
    "unpack",
]


def fields_by_name(record: Any) -> dict[str, FieldInfo]:
    """The fields of a record class by the names that they have in data; of a union of classes,
    those that all of them have."""
    found: dict[str, FieldInfo] = {}
    for number, member in enumerate(get_args(record) or (record,)):
        fields = {field.encode_name: field for field in msgspec.structs.fields(member)}
        tag = member.__struct_config__.tag_field
        if tag is not None:
            fields[tag] = _tag_of(member, tag)
        if number == 0:
            found = fields
            continue
        found = {
            name: FieldInfo(field.name, name, Union[field.type, fields[name].type])  # noqa: UP007
            for name, field in found.items()
            if name in fields
        }
    return found


def _tag_of(member: Any, tag: str) -> FieldInfo:
    """The constant that tells a member of a union, as if it were a field."""
    constant = next(name for name in member.__annotations__ if name not in member.__struct_fields__)
    return FieldInfo(constant, tag, Literal[member.__struct_config__.tag])


def may_be_null(type: Any) -> bool:
    """Whether null is a value of a field's type."""
    return type is Any or None.__class__ in get_args(type)


def builtins(value: Any) -> Any:
    """A value of a record's field, or a record, as JSON."""
    return msgspec.to_builtins(value)


def from_builtins(saved: Any, type: Any) -> Any:
    """What `builtins` made of a value of the type, as that value again."""
    return msgspec.convert(saved, type=type)


class Keys:
    """How the key of a record is read and restored: one field's value, a tuple of several, or
    the empty tuple of none. `takes` is the class of the records."""

    def __init__(self, takes: Any, names: tuple[str, ...]) -> None:
        fields = fields_by_name(takes)
        types = tuple(fields[name].type for name in names)
        self._type: Any = types[0] if len(types) == 1 else tuple.__class_getitem__(types or ((),))
        self.of: Callable[[Any], Any] = (
            attrgetter(*(fields[name].name for name in names)) if names else lambda record: ()
        )

    def restored(self, saved: Any) -> Any:
        """A key that `builtins` saved."""
        return from_builtins(saved, self._type)


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
