"""From the type a value has to the type its place wants: exactly, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from flowc.check.expressions.context import Walk, bare, is_wrong
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.typed import Const, If, MakeList, Typed, Widen
from flowc.model.types import (
    FLOAT,
    INT,
    NEVER,
    NULL,
    NUMBER,
    STRING,
    DecimalType,
    EnumType,
    Kind,
    ListType,
    Nullable,
    Scalar,
    Type,
    nullable,
    strip_null,
)
from flowc.types.relate import changes_value, join, widens
from flowc.types.show import label

DISAGREE = declare("FC0319", "branches-disagree", "Values that must have one type have several")

_BITS: dict[Kind, tuple[int, int]] = {
    Kind.INT: (-(2**63), 2**63 - 1),
    Kind.INT32: (-(2**31), 2**31 - 1),
    Kind.UINT32: (0, 2**32 - 1),
    Kind.UINT64: (0, 2**64 - 1),
}


def in_range(value: int, kind: Kind) -> bool:
    """Whether an integer type holds the value."""
    if kind is Kind.BIGINT:
        return True
    low, high = _BITS.get(kind, (1, 0))
    return low <= value <= high


def holds(type: DecimalType, value: Decimal) -> bool:
    """Whether ``decimal(p, s)`` holds the value exactly."""
    if type.precision is None:
        return True
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return False
    scale = type.scale or 0
    shown = "".join(map(str, digits)).rstrip("0") if exponent < 0 else "".join(map(str, digits))
    cut = len(digits) - len(shown)
    return -(exponent + cut) <= scale and len(digits) + exponent <= type.precision - scale


def adapted(value: Typed, wanted: Type) -> Typed | None:
    """A written value as a value of another type, where that is exact; None where not."""
    if not isinstance(value, Const):
        return None
    target = strip_null(wanted)
    if value.type == target:
        return value
    if value.value is None:
        return Const(None, wanted, value.span) if isinstance(wanted, Nullable) else None
    match value.value, target:
        case bool(), _:
            return None
        case int() as number, Scalar(kind) if in_range(number, kind):
            return replace(value, type=target)
        case int() as number, Scalar(Kind.FLOAT) if abs(number) <= 2**53:
            return Const(float(number), FLOAT, value.span)
        case int() as number, Scalar(Kind.NUMBER) if in_range(number, Kind.INT):
            return replace(value, type=NUMBER)
        case int() as number, DecimalType() if holds(target, Decimal(number)):
            return Const(Decimal(number), target, value.span)
        case float(), Scalar(Kind.NUMBER):
            return replace(value, type=NUMBER)
        case Decimal() as number, DecimalType() if holds(target, number):
            return replace(value, type=target)
        case str() as chosen, EnumType(values) if chosen in values:
            return replace(value, type=target)
        case str(), _ if target == STRING:
            return replace(value, type=STRING)
        case _:
            return None


def widened(value: Typed, wanted: Type) -> Typed:
    """The value as one of the wanted type, which it fits."""
    if is_wrong(value) or value.type == wanted:
        return value
    written = adapted(value, wanted)
    if written is not None:
        return written
    if isinstance(value, MakeList) and isinstance(strip_null(wanted), ListType):
        inner = strip_null(wanted)
        assert isinstance(inner, ListType)
        items = tuple(widened(item, inner.item) for item in value.items)
        return replace(value, items=items, type=inner)
    if isinstance(value, If):
        then, otherwise = widened(value.then, wanted), widened(value.otherwise, wanted)
        return replace(value, then=then, otherwise=otherwise, type=wanted)
    if changes_value(value.type, wanted):
        kept = nullable(strip_null(wanted)) if isinstance(value.type, Nullable) else wanted
        return Widen(value, kept, value.span)
    return value


def common(walk: Walk, values: Sequence[Typed], what: str) -> Type | None:
    """The type that all the values have or can be given exactly; None where it was reported.

    Written values follow the others: in ``amount ?? 0`` the zero is what ``amount`` is.
    """
    type: Type = NEVER
    first: Typed | None = None
    fixed = [value for value in values if not isinstance(value, Const) or value.value is None]
    for value in fixed:
        joined = join(type, value.type, walk.types)
        if joined is None or _converts_inside(type, value.type, joined):
            _report(walk, first, type, value, what)
            return None
        if joined != type or first is None:
            type, first = joined, value
    for value in values:
        if not isinstance(value, Const) or value.value is None:
            continue
        if adapted(value, type) is not None:
            continue
        joined = _numeric(type, value.type) or join(type, value.type, walk.types)
        if joined is None:
            _report(walk, first, type, value, what)
            return None
        type, first = joined, first or value
    return NULL if type == NEVER and values else type


def _numeric(type: Type, other: Type) -> Type | None:
    """Of written numbers, ``1`` and ``2.5`` are floats; a column of ints stays exact."""
    if {type, other} == {INT, FLOAT}:
        return FLOAT
    return None


def _converts_inside(before: Type, after: Type, joined: Type) -> bool:
    """Whether items of a list or a record would have to be converted one by one."""
    return any(
        not isinstance(strip_null(each), Scalar | DecimalType) and changes_value(each, joined)
        for each in (before, after)
    )


def _report(walk: Walk, first: Typed | None, type: Type, other: Typed, what: str) -> None:
    labels: tuple[Label, ...] = ()
    if first is not None and first.span is not None:
        labels = (Label(first.span, f"this is {label(type)}"),)
    walk.reporter.error(
        DISAGREE,
        f"{what} must have one type: {label(type)} and {label(other.type)} have none in common",
        other.span,
        at=f"this is {label(other.type)}",
        labels=labels,
        notes=("convert one of them, as in `string(x)` or `int(x)`",),
    )


def in_arithmetic(value: Typed, wanted: Type, walk: Walk) -> Typed:
    """An operand as the type an overload computes in; a written number stays as written."""
    have = bare(value.type, walk)
    target = strip_null(wanted)
    if have == target or not isinstance(target, Scalar | DecimalType):
        return value
    if isinstance(target, Scalar) and target != FLOAT and widens(have, target):
        return value
    if isinstance(have, DecimalType) and isinstance(target, DecimalType):
        return value
    if isinstance(have, Scalar | DecimalType):
        kept = nullable(target) if isinstance(value.type, Nullable) else target
        return Widen(value, kept, value.span)
    return value
