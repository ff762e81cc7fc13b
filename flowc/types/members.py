"""The members of a tagged union: what all of them have, and which are left after a test."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from flowc.model.source import Span
from flowc.model.types import EnumType, Field, Openness, Record, Union, Variant, nullable
from flowc.types.lattice import join_all
from flowc.types.resolve import NO_NAMES, Env, variant_record


def member_field(union: Union, name: str, env: Env = NO_NAMES) -> Field | None:
    """The field that every member has, of the type that holds them all; optional where a
    member may lack it. None where a member has none of that name, or one of another kind."""
    if name == union.discriminator:
        tags = tuple(variant.tag for variant in union.variants)
        return Field(name, EnumType((*tags, *union.gone)))
    found: list[Field] = []
    for variant in union.variants:
        record = variant_record(variant, union.discriminator, env)
        field = None if record is None else record.field(name)
        if field is None:
            return None
        found.append(field)
    joined = join_all(tuple(field.type for field in found), env)
    if joined is None or not found:
        return None
    return replace(found[0], type=joined, optional=any(field.optional for field in found))


def names_of_members(union: Union, env: Env = NO_NAMES) -> tuple[str, ...]:
    """Every name that some member has, the discriminator first."""
    names = {union.discriminator: None}
    for variant in union.variants:
        record = variant_record(variant, union.discriminator, env)
        names |= dict.fromkeys(record.names if record is not None else ())
    return tuple(names)


def tags_with(union: Union, name: str, env: Env = NO_NAMES) -> tuple[str, ...]:
    """The tags of the members that have a field of that name."""
    records = ((v.tag, variant_record(v, union.discriminator, env)) for v in union.variants)
    return tuple(tag for tag, record in records if record is not None and record.field(name))


def with_tags(union: Union, allowed: Collection[str]) -> Union:
    """The union of the members of these tags; the others are noted as ``gone``. It stays as
    it is where none would be left: what follows is never reached, and a rule says so."""
    kept = tuple(variant for variant in union.variants if variant.tag in allowed)
    if not kept or len(kept) == len(union.variants):
        return union
    gone = tuple(variant.tag for variant in union.variants if variant.tag not in allowed)
    return replace(union, variants=kept, gone=(*union.gone, *gone))


def only_member(union: Union, env: Env = NO_NAMES) -> Record | None:
    """The record of the one member that is left; None where there are several."""
    if len(union.variants) != 1:
        return None
    return variant_record(union.variants[0], union.discriminator, env)


def row_of(union: Union, env: Env = NO_NAMES, span: Span | None = None) -> Record:
    """The row of a stream whose records are of a union: the fields that all members have, and
    the members themselves."""
    names = names_of_members(union, env)
    found = (member_field(union, name, env) for name in names)
    fields = tuple(field for field in found if field is not None)
    return Record(fields, Openness.CLOSED, union.name, span, union)


def lifted(row: Record, made: Record, env: Env = NO_NAMES) -> Record | None:
    """The row of a union once a stage made the fields ``made`` of those that all members have:
    each member keeps, beside them, what only it has. None where the field that tells the
    members apart is gone."""
    union = row.members
    assert union is not None
    tag = made.field(union.discriminator)
    if tag is None or not isinstance(tag.type, EnumType):
        return None
    variants: list[Variant] = []
    for variant in union.variants:
        record = variant_record(variant, union.discriminator, env)
        if record is None:
            return None
        told = replace(tag, type=EnumType((variant.tag,)))
        made_fields = [told if f.name == tag.name else f for f in made.fields]
        fields = _in_place(record, row, made_fields)
        variants.append(replace(variant, type=Record(fields, record.openness)))
    return Record(
        made.fields,
        made.openness,
        None,
        made.span,
        replace(union, variants=tuple(variants), name=None),
    )


def _in_place(member: Record, row: Record, made: list[Field]) -> tuple[Field, ...]:
    """The fields of a member once those it shares with the others became ``made``: what only
    it has keeps its place, and what is new at the end of ``made`` stays at the end."""
    new = {field.name: field for field in made}
    found: list[Field] = []
    for field in member.fields:
        if field.name in new:
            found.append(new[field.name])
        elif row.field(field.name) is None:
            found.append(field)
    placed = {field.name for field in found}
    for number, field in enumerate(made):
        if field.name in placed:
            continue
        later = {each.name for each in made[number:]}
        at = next((i for i, each in enumerate(found) if each.name in later), len(found))
        found.insert(at, field)
        placed.add(field.name)
    return tuple(found)


def joined(one: Union, other: Union, env: Env = NO_NAMES) -> Union | None:
    """The union of the members of both; None where they tell them apart by other fields, or
    have different members of one tag."""
    if one.discriminator != other.discriminator:
        return None
    mine = {variant.tag: variant for variant in one.variants}
    for variant in other.variants:
        same = mine.setdefault(variant.tag, variant)
        if same is not variant and same.type != variant.type:
            return None
    gone = tuple(tag for tag in (*one.gone, *other.gone) if tag not in mine)
    name = one.name if one.name == other.name else None
    return Union(one.discriminator, tuple(mine.values()), name, tuple(dict.fromkeys(gone)))


def flat(union: Union, env: Env = NO_NAMES) -> Record:
    """One record with room for every member: what not all of them have is nullable. A field
    that has another kind in each is left out."""
    fields: list[Field] = []
    for name in names_of_members(union, env):
        having = [v for v in union.variants if v.tag in tags_with(union, name, env)]
        field = member_field(replace(union, variants=tuple(having)), name, env)
        if name == union.discriminator:
            field = member_field(union, name, env)
        if field is not None:
            always = len(having) == len(union.variants) and not field.optional
            type = field.type if always or name == union.discriminator else nullable(field.type)
            fields.append(replace(field, type=type, optional=False))
    return Record(tuple(fields))
