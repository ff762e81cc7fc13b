"""Names and nulls taken off a type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias, assert_never

from flowc.model.project import NamedType
from flowc.model.types import (
    POISON,
    DecimalType,
    EnumType,
    Field,
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
    Variant,
    nullable,
)

#: The named types that are in sight.
Env: TypeAlias = Mapping[str, NamedType]

NO_NAMES: Env = {}

#: Parts of a type beyond which its names are left in it.
_LARGEST = 5_000


def resolve(type: Type, env: Env = NO_NAMES) -> Type:
    """The type behind a name, and behind ``Name?``; all else stays as it is.

    A name that nothing defines, or that is defined by itself alone, gives `POISON`: it
    was reported where it stands. A record behind a name is labelled with the name.
    """
    core, null = head(type, env)
    return nullable(core) if null else core


def expanded(type: Type, env: Env = NO_NAMES) -> Type:
    """The type with each name in it replaced by what it stands for; where a type holds itself
    the name stays, and in types that would become too large."""
    found = _Expansion(env)
    made = found.type(type, ())
    return resolve(type, env) if found.size > _LARGEST else made


class _Expansion:
    def __init__(self, env: Env) -> None:
        self.env = env
        self.size = 0

    def type(self, type: Type, inside: tuple[str, ...]) -> Type:
        self.size += 1
        if self.size > _LARGEST:
            return type
        match type:
            case Ref(name) if name in inside or name not in self.env:
                return type if name in inside else POISON
            case Ref(name):
                named = self.type(self.env[name].type, (*inside, name))
                if isinstance(named, Record | Union) and named.name is None:
                    named = replace(named, name=name)
                return named
            case Nullable(inner):
                return nullable(self.type(inner, inside))
            case ListType(item):
                return ListType(self.type(item, inside))
            case MapType(value):
                return MapType(self.type(value, inside))
            case Record(fields):
                made = (replace(f, type=self.type(f.type, inside)) for f in fields)
                return replace(type, fields=tuple(made))
            case Union(_, variants):
                members = (replace(v, type=self.type(v.type, inside)) for v in variants)
                return replace(type, variants=tuple(members))
            case Scalar() | DecimalType() | EnumType() | NullType() | Never() | Poison():
                return type
            case _:
                assert_never(type)


def head(type: Type, env: Env) -> tuple[Type, bool]:
    """The type without names and nulls around it, and whether it may be null."""
    null = False
    seen: set[str] = set()
    while True:
        if isinstance(type, Nullable):
            null, type = True, type.inner
        elif isinstance(type, Ref):
            named = env.get(type.name)
            if named is None or type.name in seen:
                return POISON, null
            seen.add(type.name)
            type = named.type
            if isinstance(type, Record | Union) and type.name is None:
                type = replace(type, name=named.name)
        elif isinstance(type, NullType):
            return type, True
        else:
            return type, null


def variant_record(variant: Variant, discriminator: str, env: Env) -> Record | None:
    """The record of a variant with the field that tells it; None if it is no record."""
    core, _ = head(variant.type, env)
    if not isinstance(core, Record):
        return None
    tag = Field(discriminator, EnumType((variant.tag,)))
    if core.field(discriminator) is not None:
        fields = (tag if field.name == discriminator else field for field in core.fields)
        return replace(core, fields=tuple(fields))
    return Record((tag, *core.fields), core.openness, core.name, core.span)
