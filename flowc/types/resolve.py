"""Names and nulls taken off a type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from flowc.model.project import NamedType
from flowc.model.types import (
    POISON,
    EnumType,
    Field,
    Nullable,
    NullType,
    Record,
    Ref,
    Type,
    Union,
    Variant,
    nullable,
)

#: The named types that are in sight.
Env: TypeAlias = Mapping[str, NamedType]

NO_NAMES: Env = {}


def resolve(type: Type, env: Env = NO_NAMES) -> Type:
    """The type behind a name, and behind ``Name?``; all else stays as it is.

    A name that nothing defines, or that is defined by itself alone, gives `POISON`: it
    was reported where it stands. A record behind a name is labelled with the name.
    """
    core, null = head(type, env)
    return nullable(core) if null else core


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
    if core.field(discriminator) is not None:
        return core
    tag = Field(discriminator, EnumType((variant.tag,)))
    return Record((tag, *core.fields), core.openness, core.name, core.span)
