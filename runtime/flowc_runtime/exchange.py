"""Records to the user's classes and back: by the names of their fields, with types that hold.

The user's dataclasses, TypedDicts and Structs (also renamed ones) may be nested as they like.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, is_typeddict
from uuid import UUID

import msgspec
from msgspec import NODEFAULT, UNSET, inspect

from .errors import OverflowError_, ValidationError

__all__ = ["from_user", "to_user"]

_ATOMS = frozenset(
    {str, int, float, bool, type(None), bytes, Decimal, datetime, date, timedelta, UUID}
)
_EXACT = (bytes, bytearray, datetime, date, timedelta, UUID)
"""Types that no text stands for: a text in their place is a wrong type."""

_Settle = Callable[[Any, Any], Any]
_Types = dict[type[inspect.Type], tuple[type, ...]]


def to_user(takes: Any) -> Callable[[Any], Any]:
    """A function from a record to the user's class `takes`; raises msgspec.ValidationError."""
    convert = msgspec.convert
    straight: dict[type, bool] = {}

    def give(record: Any) -> Any:
        kind = type(record)
        if kind not in straight:
            straight[kind] = (
                kind is not takes
                and not is_typeddict(takes)
                and _is_plain(inspect.type_info(takes))
                and _is_plain(inspect.type_info(kind))
            )
        # What has the same names on both sides need not become a dictionary in between.
        given = record if straight[kind] else _members(record)
        return convert(given, type=takes, from_attributes=True)

    return give


def from_user(gives: Any) -> Callable[[Any], Any]:
    """A function from what the user's code made to the record type `gives`.

    Timestamps become UTC. The function raises msgspec.ValidationError, ValidationError or, for a
    number that no format keeps, OverflowError_.
    """
    convert = msgspec.convert
    settle = _settler(inspect.type_info(gives), "$", {})

    def accept(result: Any) -> Any:
        given = _members(result)
        record = convert(given, type=gives, from_attributes=True, builtin_types=_EXACT)
        return record if settle is None else settle(record, given)

    return accept


def _is_plain(info: inspect.Type) -> bool:
    """Whether attributes are called like fields all the way down, and none may be absent."""
    match info:
        case inspect.StructType() | inspect.DataclassType():
            return all(
                field.name == field.encode_name
                and (field.required or not _is_without_default(field))
                and _is_plain(field.type)
                for field in info.fields
            )
        case inspect.UnionType():
            return all(map(_is_plain, info.types))
        case inspect.ListType() | inspect.VarTupleType():
            return _is_plain(info.item_type)
        case inspect.DictType():
            return _is_plain(info.value_type)
        case inspect.TypedDictType() | inspect.AnyType():
            return False
        case _:
            return True


def _is_without_default(field: inspect.Field) -> bool:
    """Of a field that may be left out: its default is to be absent."""
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


def _members(value: Any) -> Any:
    """Records as dictionaries by the names of their fields, absent ones left out."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is list or kind is tuple:
        return [_members(item) for item in value]
    if isinstance(value, dict):
        return {key: _members(item) for key, item in value.items() if item is not UNSET}
    names: list[tuple[str, str]] | None = _names(kind)  # type: ignore[arg-type]
    if names is None:
        return value.value if isinstance(value, Enum) else value
    return {
        name: _members(item)
        for name, attribute in names
        if (item := getattr(value, attribute, UNSET)) is not UNSET
    }


@cache
def _names(kind: type) -> list[tuple[str, str]] | None:
    """(field, attribute) of a class of records."""
    if issubclass(kind, msgspec.Struct):
        return list(zip(kind.__struct_encode_fields__, kind.__struct_fields__))
    if dataclasses.is_dataclass(kind):
        return [(field.name, field.name) for field in dataclasses.fields(kind)]
    return None


# What conversion leaves to do. Each function takes a converted value and what it was made of,
# None where that is not known.


def _settler(info: inspect.Type, path: str, seen: dict[Any, _Settle]) -> _Settle | None:
    match info:
        case inspect.FloatType():
            return _float(path)
        case inspect.DecimalType():
            return _decimal(path)
        case inspect.DateTimeType():
            return _utc
        case inspect.AnyType():
            return _json
        case inspect.StructType():
            return _struct(info, path, seen)
        case inspect.UnionType():
            return _union(info, path, seen)
        case inspect.ListType():
            item = _settler(info.item_type, f"{path}[...]", seen)
            return None if item is None else _list(item)
        case inspect.DictType():
            item = _settler(info.value_type, f"{path}[...]", seen)
            return None if item is None else _dict(item)
        case _:
            return None


def _expected(kind: str, given: Any, path: str) -> ValidationError:
    return ValidationError(f"Expected `{kind}`, got `{type(given).__name__}` - at `{path}`")


def _float(path: str) -> _Settle:
    def settle(value: Any, given: Any) -> Any:
        if type(given) is Decimal:
            raise _expected("float", given, path)
        return _finite(value)

    return settle


def _decimal(path: str) -> _Settle:
    def settle(value: Any, given: Any) -> Any:
        if isinstance(given, str | float):
            raise _expected("decimal", given, path)
        return _finite(value)

    return settle


def _finite(value: Any) -> Any:
    if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
        raise OverflowError_(f"the processor returned {value}, which no format can keep")
    return value


def _utc(value: datetime, given: Any) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValidationError(f"{value.isoformat()} is outside the years 1 to 9999") from None


def _json(value: Any, given: Any) -> Any:
    """A value of any kind: only what JSON can say."""
    match value:
        case None | str() | bool() | int():
            return value
        case float() | Decimal():
            return _finite(value)
        case list():
            return [_json(item, None) for item in value]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValidationError("the processor returned a map whose keys are not all texts")
            return {key: _json(item, None) for key, item in value.items()}
        case _:
            try:
                return msgspec.to_builtins(value)
            except TypeError:
                raise ValidationError(
                    f"the processor returned a {type(value).__name__}, which JSON cannot say"
                ) from None


def _list(item: _Settle) -> _Settle:
    def settle(values: list[Any], given: Any) -> list[Any]:
        known = given if type(given) is list else [None] * len(values)
        return list(map(item, values, known))

    return settle


def _dict(item: _Settle) -> _Settle:
    def settle(values: dict[str, Any], given: Any) -> dict[str, Any]:
        known = given if type(given) is dict else {}
        return {key: item(value, known.get(key)) for key, value in values.items()}

    return settle


def _struct(info: inspect.StructType, path: str, seen: dict[Any, _Settle]) -> _Settle | None:
    if info.cls in seen:
        return seen[info.cls]
    fields: list[tuple[str, str, _Settle]] = []
    set_field = msgspec.structs.force_setattr

    def settle(record: Any, given: Any) -> Any:
        known = given if type(given) is dict else {}
        for attribute, name, change in fields:
            old = getattr(record, attribute)
            if old is not None and old is not UNSET:
                new = change(old, known.get(name))
                if new is not old:
                    set_field(record, attribute, new)
        return record

    # A type that holds itself finds this function under way; it stays even if it has no fields.
    seen[info.cls] = settle
    for field in info.fields:
        change = _settler(field.type, f"{path}.{field.encode_name}", seen)
        if change is not None:
            fields.append((field.name, field.encode_name, change))
    return settle if fields else None


_KINDS: _Types = {
    inspect.FloatType: (float,),
    inspect.DateTimeType: (datetime,),
    inspect.DecimalType: (Decimal,),
    inspect.ListType: (list,),
    inspect.DictType: (dict,),
    inspect.AnyType: (object,),
}


def _union(info: inspect.UnionType, path: str, seen: dict[Any, _Settle]) -> _Settle | None:
    cases: list[tuple[tuple[type, ...], _Settle]] = []
    for member in info.types:
        change = _settler(member, path, seen)
        if change is not None:
            kind = (member.cls,) if isinstance(member, inspect.StructType) else _KINDS[type(member)]
            cases.append((kind, change))
    if not cases:
        return None

    def settle(value: Any, given: Any) -> Any:
        if value is None or value is UNSET:
            return value
        for kind, change in cases:
            if isinstance(value, kind):
                return change(value, given)
        return value

    return settle
