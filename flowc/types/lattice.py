"""The least type above two, and the greatest below."""

from __future__ import annotations

from dataclasses import replace

from flowc.model.types import (
    JSON,
    NEVER,
    POISON,
    EnumType,
    Field,
    ListType,
    MapType,
    Never,
    NullType,
    Openness,
    Poison,
    Record,
    Ref,
    Refinement,
    Type,
    Union,
    Variant,
    nullable,
)
from flowc.types.numeric import common_narrow, common_wide, is_numeric
from flowc.types.resolve import NO_NAMES, Env, head
from flowc.types.subtype import is_json_like, is_subtype

#: Two names met again while they are joined are given up at this depth of names.
_NAMES_DEEP = 16


def join(a: Type, b: Type, env: Env = NO_NAMES, *, dynamic: bool = False) -> Type | None:
    """The least type that both fit; None where there is none.

    ``int`` and ``float`` give ``number``. A field that only one record has becomes
    optional; fields of one name are joined. Kinds that have nothing in common give None,
    or, with ``dynamic``, ``json`` where both are JSON data.
    """
    return _join(a, b, env, dynamic, 0)


def join_all(types: tuple[Type, ...], env: Env = NO_NAMES, *, dynamic: bool = False) -> Type | None:
    """The least type that all fit (``never`` for none); None where there is none."""
    result: Type | None = NEVER
    for type in types:
        if result is None:
            return None
        result = join(result, type, env, dynamic=dynamic)
    return result


def meet(a: Type, b: Type, env: Env = NO_NAMES) -> Type:
    """A greatest type that fits both; ``never`` where no value is of both types.

    A record of both has the fields of both. Where integers and floats share several
    narrower types, the widest integer type is taken.
    """
    return _meet(a, b, env, 0)


def _join(a: Type, b: Type, env: Env, dynamic: bool, names: int) -> Type | None:
    if isinstance(a, Poison) or isinstance(b, Poison):
        return POISON
    if a == b:
        return a
    names += isinstance(a, Ref) or isinstance(b, Ref)
    if isinstance(a, Ref) or isinstance(b, Ref):
        if is_subtype(a, b, env):
            return b
        if is_subtype(b, a, env):
            return a
    x, x_null = head(a, env)
    y, y_null = head(b, env)
    if isinstance(x, Poison) or isinstance(y, Poison):
        return POISON
    null = x_null or y_null
    joined = _join_heads(x, y, env, dynamic, names) if names <= _NAMES_DEEP else None
    if joined is None and dynamic and is_json_like(x, env) and is_json_like(y, env):
        joined = JSON
    if joined is None:
        return None
    return nullable(joined) if null else joined


def _join_heads(x: Type, y: Type, env: Env, dynamic: bool, names: int) -> Type | None:
    if isinstance(x, Never | NullType):
        return y
    if isinstance(y, Never | NullType):
        return x
    match x, y:
        case EnumType(values), EnumType(more):
            return EnumType((*values, *(v for v in more if v not in values)))
        case ListType(item), ListType(other):
            joined = _join(item, other, env, dynamic, names)
            return None if joined is None else ListType(joined)
        case MapType(value), MapType(other):
            joined = _join(value, other, env, dynamic, names)
            return None if joined is None else MapType(joined)
        case Record(), Record():
            return _join_records(x, y, env, dynamic, names)
        case Union(), Union():
            return _join_unions(x, y, env, dynamic, names)
        case _:
            if is_numeric(x) and is_numeric(y):
                return common_wide(x, y)
            if is_subtype(x, y, env):
                return y
            return x if is_subtype(y, x, env) else None


def _join_records(x: Record, y: Record, env: Env, dynamic: bool, names: int) -> Record | None:
    fields: list[Field] = []
    for left in x.fields:
        right = y.field(left.name)
        if right is None:
            if y.openness is not Openness.REST:
                fields.append(replace(left, optional=True))
            continue
        joined = _join(left.type, right.type, env, dynamic, names)
        if joined is None:
            return None
        fields.append(
            Field(
                left.name,
                joined,
                left.optional or right.optional,
                _looser(left.refinement, right.refinement),
                left.origin if left.type == joined else right.origin,
            )
        )
    if x.openness is not Openness.REST:
        fields += [replace(f, optional=True) for f in y.fields if x.field(f.name) is None]
    either = (x.openness, y.openness)
    openness = next((o for o in (Openness.REST, Openness.UNSEEN) if o in either), Openness.CLOSED)
    return Record(tuple(fields), openness, x.name if x.name == y.name else None, x.span)


def _join_unions(x: Union, y: Union, env: Env, dynamic: bool, names: int) -> Union | None:
    if x.discriminator != y.discriminator:
        return None
    others = {variant.tag: variant for variant in y.variants}
    variants: list[Variant] = []
    for variant in x.variants:
        other = others.pop(variant.tag, None)
        joined = (
            variant.type if other is None else _join(variant.type, other.type, env, dynamic, names)
        )
        if joined is None:
            return None
        variants.append(Variant(variant.tag, joined))
    return Union(x.discriminator, (*variants, *others.values()))


def _looser(a: Refinement, b: Refinement) -> Refinement:
    """What holds of values of either; a label of either stays."""
    return Refinement(
        a.minimum if a.minimum == b.minimum else None,
        a.maximum if a.maximum == b.maximum else None,
        a.pattern if a.pattern == b.pattern else None,
        a.unit if a.unit == b.unit else None,
        a.pii or b.pii,
        a.secret or b.secret,
    )


def _meet(a: Type, b: Type, env: Env, names: int) -> Type:
    if isinstance(a, Poison) or isinstance(b, Poison):
        return POISON
    if is_subtype(a, b, env):
        return a
    if is_subtype(b, a, env):
        return b
    names += isinstance(a, Ref) or isinstance(b, Ref)
    x, x_null = head(a, env)
    y, y_null = head(b, env)
    both_null = (x_null or x == JSON) and (y_null or y == JSON)
    met = _meet_heads(x, y, env, names) if names <= _NAMES_DEEP else NEVER
    return nullable(met) if both_null else met


def _meet_heads(x: Type, y: Type, env: Env, names: int) -> Type:
    if is_subtype(x, y, env):
        return x
    if is_subtype(y, x, env):
        return y
    match x, y:
        case EnumType(values), EnumType(others):
            shared = tuple(value for value in values if value in others)
            return EnumType(shared) if shared else NEVER
        case ListType(item), ListType(other):
            return ListType(_meet(item, other, env, names))
        case MapType(value), MapType(other):
            return MapType(_meet(value, other, env, names))
        case Record(), Record():
            return _meet_records(x, y, env, names)
        case Union(), Union():
            return _meet_unions(x, y, env, names)
        case _:
            if is_numeric(x) and is_numeric(y):
                return common_narrow(x, y) or NEVER
            return NEVER


def _meet_records(x: Record, y: Record, env: Env, names: int) -> Type:
    fields: list[Field] = []
    openness = x.openness if x.openness is y.openness else Openness.CLOSED
    for left in x.fields:
        right = y.field(left.name)
        if right is None:
            fields.append(left)
            continue
        met = _meet(left.type, right.type, env, names)
        optional = left.optional and right.optional
        if isinstance(met, Never):
            if not optional:
                return NEVER
            # Only records without the field are of both: it may not hide behind `...`.
            openness = Openness.CLOSED
            continue
        fields.append(Field(left.name, met, optional, left.refinement, left.origin))
    fields += [f for f in y.fields if x.field(f.name) is None]
    return Record(tuple(fields), openness, None, x.span)


def _meet_unions(x: Union, y: Union, env: Env, names: int) -> Type:
    if x.discriminator != y.discriminator:
        return NEVER
    others = {variant.tag: variant.type for variant in y.variants}
    met = [
        Variant(v.tag, _meet(v.type, others[v.tag], env, names))
        for v in x.variants
        if v.tag in others
    ]
    shared = tuple(variant for variant in met if not isinstance(variant.type, Never))
    return Union(x.discriminator, shared) if shared else NEVER
