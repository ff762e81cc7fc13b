"""Named types that no finite value can be of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from flowc.model.project import NamedType
from flowc.model.types import (
    DecimalType,
    EnumType,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
)


def endless_names(types: Mapping[str, NamedType]) -> tuple[str, ...]:
    """The names whose every value would contain a value of a name again, in order.

    ``A = {next: A}`` and ``A = B, B = A`` are; ``A = {next: A?}`` is not.
    """
    ended: set[str] = set()
    while True:
        more = {
            name
            for name, named in types.items()
            if name not in ended and _ends(named.type, types, ended)
        }
        if not more:
            return tuple(name for name in types if name not in ended)
        ended |= more


def _ends(type: Type, types: Mapping[str, NamedType], ended: set[str]) -> bool:
    match type:
        case Ref(name):
            return name in ended or name not in types
        case Record(fields):
            return all(field.optional or _ends(field.type, types, ended) for field in fields)
        case Union(_, variants):
            return any(_ends(variant.type, types, ended) for variant in variants)
        case ListType() | MapType() | Nullable() | NullType() | Never() | Poison():
            return True
        case Scalar() | DecimalType() | EnumType():
            return True
        case _:
            assert_never(type)
