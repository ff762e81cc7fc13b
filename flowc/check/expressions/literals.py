"""Literals, interpolated texts, variables, lists and records.

A literal takes the type its place expects: a text where a timestamp is expected is read
at compile time, so that a wrong one is found now and none is parsed at run time.
"""

from __future__ import annotations

import decimal
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from flowc.check.expressions.coerce import common, holds, in_range, widened
from flowc.check.expressions.context import Walk, any_wrong, bare, is_wrong, wrong
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import ListExpr, Literal, LiteralKind, RecordExpr, Template, Variable
from flowc.model.source import Span
from flowc.model.typed import Apply, Const, MakeList, MakeRecord, Setting, TextForm, Typed
from flowc.model.types import (
    BIGINT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    NEVER,
    NULL,
    STRING,
    TIMESTAMP,
    UUID,
    DecimalType,
    EnumType,
    Field,
    Kind,
    ListType,
    MapType,
    Record,
    Scalar,
    Type,
    may_be_null,
)
from flowc.syntax.measures import bytes_of, duration_of
from flowc.types.show import quoted, show

UNREADABLE = declare(
    "FC0307", "unreadable-literal", "A written value is not of the type that its place expects"
)

ZONELESS = declare(
    "FC0427", "zoneless-timestamp", "Under --strict, a written timestamp does not say its zone"
)

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|z|[+-]\d\d:?\d\d)?)?"
)


def literal(walk: Walk, node: Literal, hint: Type | None, negative: bool = False) -> Typed:
    """A literal in the type its place expects, where it can be of that type."""
    wanted = None if hint is None else bare(hint, walk)
    match node.kind:
        case LiteralKind.NULL:
            return Const(None, NULL, node.span)
        case LiteralKind.BOOL:
            return Const(node.text == "true", BOOL, node.span)
        case LiteralKind.INT:
            return _integer(node, wanted, negative)
        case LiteralKind.FLOAT:
            return _fraction(node, wanted, negative)
        case LiteralKind.STRING:
            return text(walk, node.text, node.span, wanted)
        case LiteralKind.DATE:
            return _moment(walk, node, TIMESTAMP if wanted == TIMESTAMP else DATE)
        case LiteralKind.TIMESTAMP:
            return _moment(walk, node, TIMESTAMP)
        case LiteralKind.DURATION:
            length = duration_of(node.text)
            return _read(walk, node.span, node.text, length, DURATION, "1h30m")
        case LiteralKind.SIZE:
            return _read(walk, node.span, node.text, bytes_of(node.text), INT, "64MiB")
        case LiteralKind.PERCENT:
            share = Decimal(node.text.rstrip("%")) / 100
            value = share if isinstance(wanted, DecimalType) else float(share)
            return Const(value, wanted if isinstance(wanted, DecimalType) else FLOAT, node.span)
        case LiteralKind.RATE:
            return _rate(walk, node)


def _integer(node: Literal, wanted: Type | None, negative: bool) -> Const:
    value = -int(node.text) if negative else int(node.text)
    if isinstance(wanted, Scalar) and in_range(value, wanted.kind):
        return Const(value, wanted, node.span)
    return Const(value, INT if in_range(value, Kind.INT) else BIGINT, node.span)


def _fraction(node: Literal, wanted: Type | None, negative: bool) -> Const:
    sign = "-" if negative else ""
    if isinstance(wanted, DecimalType):
        value = Decimal(sign + node.text)
        return Const(value, wanted if holds(wanted, value) else DECIMAL, node.span)
    return Const(float(sign + node.text), FLOAT, node.span)


def text(walk: Walk, value: str, span: Span, wanted: Type | None) -> Typed:
    """A text as a value of the wanted type; reported where it cannot be read as one."""
    if isinstance(wanted, EnumType):
        return _choice(walk, value, span, wanted)
    reader = _READERS.get(wanted) if isinstance(wanted, Scalar) else None
    if isinstance(wanted, DecimalType):
        reader = (_decimal, "12.50")
    if reader is None or wanted is None:
        return Const(value, STRING, span)
    read, example = reader
    return _read(walk, span, value, read(value), wanted, example)


def _read(walk: Walk, span: Span, written: str, value: object, type: Type, example: str) -> Typed:
    if value is not None:
        ask_for_zone(walk, written, span, type)
        return Const(value, type, span)
    walk.reporter.error(
        UNREADABLE,
        f"{quoted(written)} is no {show(type)}",
        span,
        at=f"expected a {show(type)}",
        notes=(f"a {show(type)} is written like {example}",),
    )
    return wrong(span)


def ask_for_zone(walk: Walk, written: str, span: Span | None, type: Type) -> None:
    """Under ``--strict``, report a written time of day that says no zone."""
    found = _TIMESTAMP.fullmatch(written.strip()) if type == TIMESTAMP and walk.strict else None
    if found is None or found[2] is None or found[5] is not None or span is None:
        return
    end = span.text.find(found[0]) + len(found[0])
    place = Span(span.source, span.start + end, span.start + end)
    walk.reporter.error(
        ZONELESS,
        f"`{found[0]}` does not say its time zone",
        span,
        at="read as UTC",
        notes=('an offset names another: `+02:00`; `assume_zone(t, "Europe/Berlin")` a place',),
        fixes=(Fix("say that it is UTC: `Z`", (Edit(place, "Z"),), Safety.UNSAFE),),
    )


def _choice(walk: Walk, value: str, span: Span, wanted: EnumType) -> Typed:
    if value in wanted.values:
        return Const(value, wanted, span)
    near = nearest(value, wanted.values, most=1)
    walk.reporter.error(
        UNREADABLE,
        f"{quoted(value)} is none of the values of {show(wanted, width=60)}",
        span,
        at=f"did you mean {quoted(near[0])}?" if near else "not a value of this enum",
        notes=() if near else (f"its values are {_listed(wanted.values)}",),
        fixes=(
            (Fix(f"write {quoted(near[0])}", (Edit(span, quoted(near[0])),), Safety.UNSAFE),)
            if near
            else ()
        ),
    )
    return wrong(span)


def _listed(values: tuple[str, ...], most: int = 8) -> str:
    shown = ", ".join(quoted(value) for value in values[:most])
    return shown + (f" and {len(values) - most} more" if len(values) > most else "")


def _moment(walk: Walk, node: Literal, wanted: Type) -> Typed:
    reader = _timestamp if wanted == TIMESTAMP else _date
    example = "2024-01-31T10:00Z" if wanted == TIMESTAMP else "2024-01-31"
    return _read(walk, node.span, node.text, reader(node.text), wanted, example)


def _timestamp(written: str) -> datetime | None:
    found = _TIMESTAMP.fullmatch(written.strip())
    if found is None:
        return None
    day, minute, second, part, zone = found.groups()
    zone = "+00:00" if zone is None or zone in "Zz" else zone
    micros = (part or "")[:6].ljust(6, "0")
    try:
        moment = datetime.fromisoformat(
            f"{day}T{minute or '00:00'}:{second or '00'}.{micros}{zone}"
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _date(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if len(written) == 10 else None
    except ValueError:
        return None


def _decimal(written: str) -> Decimal | None:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", written, re.ASCII):
        return None
    try:
        return Decimal(written)
    except decimal.InvalidOperation:
        return None


def _uuid(written: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(written) if len(written) in (32, 36) else None
    except ValueError:
        return None


_READERS: Mapping[Scalar, tuple[Callable[[str], object], str]] = {
    TIMESTAMP: (_timestamp, "2024-01-31T10:00Z"),
    DATE: (_date, "2024-01-31"),
    DURATION: (duration_of, "1h30m"),
    UUID: (_uuid, "6fa459ea-ee8a-3ca4-894e-db77e160355e"),
}


def read_as(written: str, type: Type) -> object:
    """A text read as a scalar type at compile time; None where it cannot be."""
    reader = _READERS.get(type) if isinstance(type, Scalar) else None
    return None if reader is None else reader[0](written)


def _rate(walk: Walk, node: Literal) -> Typed:
    walk.reporter.error(
        UNREADABLE,
        f"the rate {node.text} cannot stand in an expression",
        node.span,
        notes=("a rate is an argument of `throttle`; a division needs blanks: `100 / s`",),
    )
    return wrong(node.span)


def variable(walk: Walk, node: Variable, hint: Type | None) -> Typed:
    """``${NAME}``: read once at start, as the scalar type its place expects."""
    wanted = None if hint is None else bare(hint, walk)
    scalar = isinstance(wanted, Scalar | DecimalType | EnumType) and not may_be_null(wanted)
    type = wanted if scalar and wanted is not None else STRING
    return Setting(node.name, type, node.span, node.default, node.message)


def template(walk: Walk, node: Template, hint: Type | None) -> Typed:
    """A text with variables in it."""
    plain = node.plain
    if plain is not None:
        return text(walk, plain, node.span, None if hint is None else bare(hint, walk))
    if node.bare and len(node.parts) == 1 and isinstance(node.parts[0], Variable):
        return variable(walk, node.parts[0], hint)
    parts = tuple(
        Const(part, STRING, node.span)
        if isinstance(part, str)
        else Setting(part.name, STRING, part.span, part.default, part.message)
        for part in node.parts
    )
    if len(parts) == 1:
        return parts[0]
    return Apply("concat", TextForm(), parts, STRING, span=node.span)


def list_of(walk: Walk, node: ListExpr, row: Record, hint: Type | None) -> Typed:
    """``[a, b]``: the type of its items is their common one."""
    wanted = None if hint is None else bare(hint, walk)
    item = wanted.item if isinstance(wanted, ListType) else None
    items = [walk.infer(each, row, item) for each in node.items]
    if any_wrong(*items):
        return wrong(node.span)
    type = common(walk, items, "the items of the list") if items else item or NEVER
    if type is None:
        return wrong(node.span)
    return MakeList(tuple(widened(each, type) for each in items), ListType(type), node.span)


def record_of(walk: Walk, node: RecordExpr, row: Record, hint: Type | None) -> Typed:
    """``{a: e}``: a record; where a map is expected, a record of equal values is none."""
    wanted = None if hint is None else bare(hint, walk)
    made: list[tuple[str, Typed]] = []
    for name, each in node.fields:
        field = wanted.field(name) if isinstance(wanted, Record) else None
        inner = (
            wanted.value if isinstance(wanted, MapType) else None if field is None else field.type
        )
        made.append((name, walk.infer(each, row, inner)))
    if any(is_wrong(value) for _, value in made):
        return wrong(node.span)
    type = Record(tuple(Field(name, value.type) for name, value in made))
    return MakeRecord(tuple(made), type, node.span)
