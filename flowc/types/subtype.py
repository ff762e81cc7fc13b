"""Whether a value of one type can be handed on where another is expected.

Records relate by structure: fields the other does not name are projected away (width),
fields relate in turn (depth), a required field may stand where it is optional and a
non-null type where null is allowed, never the reverse. A record that lacks an optional
field fits, unless it keeps undeclared fields (``...``), among which it might be with any
type. An inferred record's unseen fields are never read, so they hide nothing.

Handing on projects. So the relation is transitive wherever no field is dropped on the way
and asked for again under its name: ``{a, b: int}`` fits ``{a}``, ``{a}`` fits
``{a, b?: string}``, and the first does not fit the last.

Every rule is a conjunction of smaller ones, so the relation is a worklist without
recursion: it ends on recursive types (a pair of names met again is taken as related, and
refuted elsewhere if it is not), and it never raises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.diagnostics.suggest import nearest
from flowc.model.types import (
    JSON,
    STRING,
    DecimalType,
    EnumType,
    Field,
    Kind,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Openness,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
)
from flowc.types.mismatch import ITEM, VALUE, Inside, Mismatch, Reason, Step
from flowc.types.numeric import is_integer, is_numeric, widens
from flowc.types.resolve import NO_NAMES, Env, head, variant_record

#: The scalars that JSON has of itself; the others would become texts.
_JSON_KINDS = frozenset(Kind) - {
    Kind.BYTES,
    Kind.TIMESTAMP,
    Kind.DATE,
    Kind.DURATION,
    Kind.UUID,
}


def is_subtype(actual: Type, expected: Type, env: Env = NO_NAMES) -> bool:
    """Whether every value of ``actual`` fits ``expected`` as it is; `POISON` fits all."""
    return explain(actual, expected, env) is None


def explain(actual: Type, expected: Type, env: Env = NO_NAMES) -> Mismatch | None:
    """The first difference, in the order of the expected fields; None where it fits."""
    work = [_Pair(actual, expected)]
    assumed: set[tuple[Type, Type]] = set()
    while work:
        pair = work.pop()
        if pair.actual is pair.expected:
            continue
        if isinstance(_bare(pair.actual), Ref) or isinstance(_bare(pair.expected), Ref):
            key = (pair.actual, pair.expected)
            if key in assumed:
                continue
            assumed.add(key)
        found = _compare(pair, env)
        if isinstance(found, Mismatch):
            return found
        work.extend(reversed(found))
    return None


@dataclass(frozen=True, slots=True)
class _Pair:
    actual: Type
    expected: Type
    path: tuple[Step, ...] = ()
    actual_field: Field | None = None
    expected_field: Field | None = None

    def wrong(self, reason: Reason, detail: tuple[str, ...] = ()) -> Mismatch:
        return Mismatch(
            reason,
            self.path,
            self.actual,
            self.expected,
            self.actual_field,
            self.expected_field,
            detail,
        )

    def inside(self, step: Inside, actual: Type, expected: Type) -> _Pair:
        path = (*self.path, step)
        return _Pair(actual, expected, path, self.actual_field, self.expected_field)


def _bare(type: Type) -> Type:
    return type.inner if isinstance(type, Nullable) else type


def _compare(pair: _Pair, env: Env) -> Mismatch | list[_Pair]:
    actual, null = head(pair.actual, env)
    expected, null_allowed = head(pair.expected, env)
    if isinstance(actual, Record) and actual.members is not None:
        actual = actual.members
    if isinstance(actual, Poison) or isinstance(expected, Poison):
        return []
    if expected == JSON:
        return _into_json(pair, actual, env)
    if null and not null_allowed:
        return pair.wrong(Reason.NULLABLE)
    if isinstance(actual, Never | NullType):
        return []
    if isinstance(expected, Never | NullType):
        return pair.wrong(Reason.KIND)
    if actual == JSON:
        return pair.wrong(Reason.DYNAMIC)
    match actual, expected:
        case EnumType(values), EnumType(listed):
            surplus = tuple(value for value in values if value not in listed)
            return pair.wrong(Reason.VALUES, surplus) if surplus else []
        case EnumType(), Scalar(Kind.STRING):
            return []
        case Scalar(Kind.STRING), EnumType():
            return pair.wrong(Reason.LOSSY)
        case ListType(a), ListType(b):
            return [pair.inside(ITEM, a, b)]
        case MapType(a), MapType(b):
            return [pair.inside(VALUE, a, b)]
        case Record(), Record():
            return _records(pair, actual, expected)
        case Union(), Union():
            return _unions(pair, actual, expected)
        case Union(), Record():
            return _union_as_record(pair, actual, expected, env)
        case Record(), Union():
            return _record_as_union(pair, actual, expected, env)
        case _:
            if actual == expected or (is_numeric(actual) and widens(actual, expected)):
                return []
            both = is_numeric(actual) and is_numeric(expected)
            return pair.wrong(Reason.LOSSY if both else Reason.KIND)


def _into_json(pair: _Pair, actual: Type, env: Env) -> Mismatch | list[_Pair]:
    match actual:
        case Scalar(kind):
            return [] if kind in _JSON_KINDS else pair.wrong(Reason.KIND)
        case EnumType() | NullType() | Never() | Poison() | Ref():
            return []
        case ListType(item):
            return [pair.inside(ITEM, item, JSON)]
        case MapType(value):
            return [pair.inside(VALUE, value, JSON)]
        case Record(fields):
            return [
                _Pair(f.type, JSON, (*pair.path, f.name), f, pair.expected_field) for f in fields
            ]
        case Union(_, variants):
            return [pair.inside(Inside(f"<{v.tag}>"), v.type, JSON) for v in variants]
        case _:
            return pair.wrong(Reason.KIND)


def _records(pair: _Pair, actual: Record, expected: Record) -> Mismatch | list[_Pair]:
    children: list[_Pair] = []
    own = {field.name: field for field in actual.fields}
    for wanted in expected.fields:
        path = (*pair.path, wanted.name)
        field = own.get(wanted.name)
        if field is None:
            if wanted.optional and actual.openness is not Openness.REST:
                continue
            reason = Reason.HIDDEN if wanted.optional else Reason.MISSING
            near = nearest(wanted.name, own) if reason is Reason.MISSING else ()
            return Mismatch(reason, path, actual, wanted.type, pair.actual_field, wanted, near)
        if field.optional and not wanted.optional:
            return Mismatch(Reason.OPTIONAL, path, field.type, wanted.type, field, wanted)
        children.append(_Pair(field.type, wanted.type, path, field, wanted))
    return children


def _unions(pair: _Pair, actual: Union, expected: Union) -> Mismatch | list[_Pair]:
    if actual.discriminator != expected.discriminator:
        return pair.wrong(Reason.KIND)
    listed = {variant.tag: variant.type for variant in expected.variants}
    surplus = tuple(v.tag for v in actual.variants if v.tag not in listed)
    if surplus:
        return pair.wrong(Reason.VARIANT, surplus)
    return [pair.inside(Inside(f"<{v.tag}>"), v.type, listed[v.tag]) for v in actual.variants]


def _union_as_record(
    pair: _Pair, actual: Union, expected: Record, env: Env
) -> Mismatch | list[_Pair]:
    """A union fits a record that each of its variants, with its tag, fits."""
    children: list[_Pair] = []
    for variant in actual.variants:
        record = variant_record(variant, actual.discriminator, env)
        if record is None:
            return pair.wrong(Reason.KIND)
        children.append(pair.inside(Inside(f"<{variant.tag}>"), record, expected))
    return children


def _record_as_union(
    pair: _Pair, actual: Record, expected: Union, env: Env
) -> Mismatch | list[_Pair]:
    """A record fits a union where an enum in it tells the variants, and it fits each."""
    field = actual.field(expected.discriminator)
    if field is None or field.optional:
        return pair.wrong(Reason.KIND)
    tag, null = head(field.type, env)
    if null or not isinstance(tag, EnumType):
        return pair.wrong(Reason.KIND)
    listed = {variant.tag: variant for variant in expected.variants}
    surplus = tuple(value for value in tag.values if value not in listed)
    if surplus:
        return pair.wrong(Reason.VARIANT, surplus)
    children: list[_Pair] = []
    for value in tag.values:
        narrowed = replace(field, type=EnumType((value,)))
        fields = tuple(narrowed if f is field else f for f in actual.fields)
        record = Record(fields, actual.openness, actual.name, actual.span)
        children.append(pair.inside(Inside(f"<{value}>"), record, listed[value].type))
    return children


def changes_value(actual: Type, expected: Type, env: Env = NO_NAMES) -> bool:
    """Whether handing on a value (that fits) writes it in another form.

    So it is for an integer that becomes a float or a decimal, and for a record that
    becomes json. Dropping fields is not counted.
    """
    work = [(actual, expected)]
    seen: set[tuple[Type, Type]] = set()
    while work:
        a, b = pair = work.pop()
        if isinstance(_bare(a), Ref) or isinstance(_bare(b), Ref):
            if pair in seen:
                continue
            seen.add(pair)
        left, right = head(a, env)[0], head(b, env)[0]
        match left, right:
            case Record() | Union(), Scalar(Kind.JSON):
                return True
            case ListType(item) | MapType(item), Scalar(Kind.JSON):
                work.append((item, JSON))
            case (ListType(x), ListType(y)) | (MapType(x), MapType(y)):
                work.append((x, y))
            case Record(fields), Record():
                wanted = {field.name: field.type for field in right.fields}
                work.extend((f.type, wanted[f.name]) for f in fields if f.name in wanted)
            case Union(_, variants), Union():
                tags = {variant.tag: variant.type for variant in right.variants}
                work.extend((v.type, tags[v.tag]) for v in variants if v.tag in tags)
            case (Union(), Record()) | (Record(), Union()):
                return True
            case Scalar(), DecimalType() | Scalar(Kind.FLOAT):
                if is_integer(left):
                    return True
            case _:
                continue
    return False


def is_json_like(type: Type, env: Env = NO_NAMES) -> bool:
    """Whether JSON has every value of the type as it is, without turning it into text."""
    return is_subtype(type, JSON, env)


def is_textual(type: Type) -> bool:
    """``string`` or an enum, possibly null."""
    bare = _bare(type)
    return bare == STRING or isinstance(bare, EnumType)
