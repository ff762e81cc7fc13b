"""Comparisons, null tests, ``in`` and ``matches``."""

from __future__ import annotations

from flowc.check.expressions.arithmetic import is_written_number, wrap
from flowc.check.expressions.coerce import adapted
from flowc.check.expressions.context import Walk, any_wrong, bare, is_null, is_wrong, wrong
from flowc.check.expressions.json import conversion, needs_cast
from flowc.check.expressions.nulls import null_compared, nulls_compared
from flowc.check.expressions.origins import origins
from flowc.check.expressions.regex import pattern
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import (
    Comparison,
    Expr,
    ListExpr,
    Literal,
    LiteralKind,
    Membership,
    NullTest,
    Template,
    Variable,
)
from flowc.model.typed import Apply, BinaryForm, Const, In, IsNull, Not, RuntimeCall, Typed
from flowc.model.types import (
    BOOL,
    BYTES,
    DATE,
    DURATION,
    JSON,
    STRING,
    TIMESTAMP,
    UUID,
    DecimalType,
    ListType,
    MapType,
    Never,
    NullType,
    Poison,
    Record,
    Scalar,
    Type,
    nullable,
)
from flowc.types.relate import is_integer, is_numeric, is_textual
from flowc.types.show import label, quoted

INCOMPARABLE = declare("FC0306", "incomparable", "Values of these types cannot be compared")
NOT_SEARCHABLE = declare("FC0308", "not-searchable", "`in` looks into lists and maps")

_ORDERED = ("<", "<=", ">", ">=")
_SCALARS = (BOOL, BYTES, TIMESTAMP, DATE, DURATION, UUID)


def comparison(walk: Walk, node: Comparison, row: Record) -> Typed:
    """``a < b``; a literal is read as the type of the other side."""
    operator = "==" if node.operator == "=" else node.operator
    if operator == "matches":
        return _matches(walk, node, row)
    left, right = _sides(walk, node.left, node.right, row)
    if any_wrong(left, right):
        return wrong(node.span)
    if not _comparable(walk, node, operator, left, right, row):
        return wrong(node.span)
    if _is_nested(bare(left.type, walk)) or _is_nested(bare(right.type, walk)):
        return _same_inside(walk, node, operator, left, right)
    if operator in ("is", "is not"):
        form = BinaryForm("==" if operator == "is" else "!=")
        return Apply(operator, form, (left, right), BOOL, strict=False, span=node.span)
    null = is_null(left.type, walk), is_null(right.type, walk)
    if walk.strict and operator in _ORDERED:
        for value, may in zip((left, right), null, strict=True):
            if may:
                null_compared(walk, value, operator)
    elif walk.strict and all(null):
        nulls_compared(walk, node, left, right, operator)
    type = nullable(BOOL) if any(null) else BOOL
    return Apply(operator, BinaryForm(operator), (left, right), type, span=node.span)


def _same_inside(walk: Walk, node: Comparison, operator: str, left: Typed, right: Typed) -> Typed:
    """Equality of lists, maps and records: of all that is in them, null being like null."""
    form = RuntimeCall("values.compare", "equal")
    safe = operator in ("is", "is not")
    null = is_null(left.type, walk), is_null(right.type, walk)
    if walk.strict and not safe and all(null):
        nulls_compared(walk, node, left, right, operator)
    type = nullable(BOOL) if any(null) and not safe else BOOL
    same = Apply("==", form, (left, right), type, strict=not safe, span=node.span)
    return same if operator in ("==", "is") else Not(same, type, node.span)


def _is_nested(type: Type) -> bool:
    return isinstance(type, ListType | MapType | Record)


def _is_literal(node: Expr) -> bool:
    return isinstance(node, Literal | Template | Variable) or is_written_number(node)


def _sides(walk: Walk, first: Expr, second: Expr, row: Record) -> tuple[Typed, Typed]:
    """Both sides, the written one in the type of the other where it can be."""
    if _is_literal(first) and not _is_literal(second):
        right = walk.infer(second, row)
        return _beside(walk, first, right, row), right
    left = walk.infer(first, row)
    return left, _beside(walk, second, left, row)


def _beside(walk: Walk, node: Expr, other: Typed, row: Record) -> Typed:
    if is_wrong(other):
        # The literal cannot be judged without its place; what is wrong in itself still is.
        return walk.infer(node, row)
    value = walk.infer(node, row, other.type)
    kind = bare(other.type, walk)
    if isinstance(kind, Scalar | DecimalType) and is_numeric(kind):
        return value
    return adapted(value, kind) or value


def _comparable(
    walk: Walk, node: Comparison, operator: str, left: Typed, right: Typed, row: Record
) -> bool:
    a, b = bare(left.type, walk), bare(right.type, walk)
    for value, kind, other in ((left, a, b), (right, b, a)):
        if kind == JSON:
            wanted = other if conversion(other) is not None and other != JSON else STRING
            needs_cast(walk, value, wanted, f"`{operator}`")
            return False
    if isinstance(a, NullType | Never) or isinstance(b, NullType | Never):
        return True
    if related(a, b) and (operator not in _ORDERED or a not in (BOOL, UUID)):
        return True
    if operator not in _ORDERED and _alike(walk, a, b):
        return True
    _incomparable(walk, node, operator, left, right, row)
    return False


def related(a: Type, b: Type) -> bool:
    """Whether values of two types can be equal: one kind, exactly."""
    if is_numeric(a) and is_numeric(b):
        decimal = isinstance(a, DecimalType) or isinstance(b, DecimalType)
        return not decimal or all(isinstance(t, DecimalType) or is_integer(t) for t in (a, b))
    if is_textual(a) and is_textual(b):
        return True
    return a == b and a in _SCALARS


def _alike(walk: Walk, a: Type, b: Type) -> bool:
    """Whether lists, maps or records can be equal: what is in them can, name by name."""
    a, b = bare(a, walk), bare(b, walk)
    match a, b:
        case (Never() | NullType(), _) | (_, Never() | NullType()):
            return True
        case ListType(one), ListType(other):
            return _alike(walk, one, other)
        case MapType(one), MapType(other):
            return _alike(walk, one, other)
        case Record(), Record():
            return a.names == b.names and all(
                _alike(walk, one.type, other.type)
                for one, other in zip(a.fields, b.fields, strict=True)
            )
        case _:
            return related(a, b) or a == b == JSON


def _incomparable(
    walk: Walk,
    node: Comparison,
    operator: str,
    left: Typed,
    right: Typed,
    row: Record,
) -> None:
    a, b = bare(left.type, walk), bare(right.type, walk)
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    for kind, other, side, facing in ((a, b, node.left, node.right), (b, a, node.right, node.left)):
        if fixes or notes:
            break
        if isinstance(kind, ListType | MapType | Record):
            notes = (
                (f"{label(kind)} has no order; compare what is in it",)
                if operator in _ORDERED
                else (f"{label(kind)} equals another of the same type; compare what is in it",)
            )
        elif kind == STRING and isinstance(side, Literal) and is_numeric(other):
            if side.kind is LiteralKind.STRING and _number(side.text):
                fixes = (Fix("leave out the quotes", (Edit(side.span, side.text),)),)
        elif kind == STRING and is_numeric(other) and _is_literal(facing):
            text = quoted(facing.span.text)
            fixes = (
                wrap(
                    "decimal" if isinstance(other, DecimalType) else label(other),
                    side.span,
                    Safety.UNSAFE,
                ),
                Fix(f"compare with the text {text}", (Edit(facing.span, text),), Safety.UNSAFE),
            )
        elif kind == STRING and conversion(other) is not None:
            fixes = (wrap(conversion(other) or "", side.span, Safety.UNSAFE),)
        elif isinstance(kind, DecimalType) and is_numeric(other):
            fixes = (wrap("decimal", facing.span, Safety.UNSAFE),)
            notes = ("a float is not exact, a decimal is; a conversion says which is meant",)
        elif kind == DATE and other == TIMESTAMP:
            fixes = (wrap("timestamp", side.span, Safety.UNSAFE),)
    if operator in _ORDERED and a == b and not notes:
        notes = (f"{label(a)} has no order",)
    labels, origin_notes = origins(row, left, right)
    walk.reporter.error(
        INCOMPARABLE,
        f"{label(a)} and {label(b)} cannot be compared by `{node.operator}`",
        node.operator_span,
        labels=(
            *(
                Label(value.span, f"this is {label(kind)}")
                for value, kind in ((left, a), (right, b))
                if value.span is not None
            ),
            *labels,
        ),
        notes=(*notes, *origin_notes),
        fixes=fixes,
    )


def _number(text: str) -> bool:
    digits = text.replace(".", "", 1).removeprefix("-")
    return digits.isascii() and digits.isdigit() and not digits.startswith("0" * 2)


def null_test(walk: Walk, node: NullTest, row: Record) -> Typed:
    """``x is null``: a test, never null."""
    value = walk.infer(node.value, row)
    return wrong(node.span) if is_wrong(value) else IsNull(value, node.negated, BOOL, node.span)


def membership(walk: Walk, node: Membership, row: Record) -> Typed:
    """``x in (a, b)``, ``x in list``, ``key in map``."""
    value = walk.infer(node.value, row)
    if isinstance(node.collection, ListExpr):
        return _among(walk, node, node.collection, value, row)
    collection = walk.infer(node.collection, row)
    if any_wrong(value, collection):
        return wrong(node.span)
    have, inside = bare(value.type, walk), bare(collection.type, walk)
    match inside:
        case ListType(item):
            kind = bare(item, walk)
        case MapType():
            kind = STRING
        case _:
            walk.reporter.error(
                NOT_SEARCHABLE,
                f"`in` looks into a list or a map, not into {label(inside)}",
                node.collection.span,
                at=f"this is {label(inside)}",
                notes=("`contains(text, part)` looks into a text",) if is_textual(inside) else (),
            )
            return wrong(node.span)
    value = adapted(value, kind) or value
    if not related(bare(value.type, walk), kind) and not isinstance(kind, Never):
        walk.reporter.error(
            INCOMPARABLE,
            f"a {label(inside)} holds no {label(have)}",
            node.span,
            labels=tuple(
                Label(side.span, f"this is {label(bare(side.type, walk))}")
                for side in (value, collection)
                if side.span is not None
            ),
        )
        return wrong(node.span)
    null = is_null(value.type, walk) or is_null(collection.type, walk)
    return In(value, (), collection, node.negated, nullable(BOOL) if null else BOOL, node.span)


def _among(walk: Walk, node: Membership, written: ListExpr, value: Typed, row: Record) -> Typed:
    if is_wrong(value):
        return wrong(node.span)
    have = bare(value.type, walk)
    if have == JSON:
        needs_cast(walk, value, STRING, "`in`")
        return wrong(node.span)
    items = [_beside(walk, each, value, row) for each in written.items]
    good = not any_wrong(*items)
    foreign: list[tuple[Expr, Type]] = []
    for each, item in zip(written.items, items, strict=True):
        kind = bare(item.type, walk)
        if isinstance(kind, NullType):
            _null_item(walk, node, each)
            good = False
        elif kind == JSON:
            needs_cast(walk, item, have, "`in`")
            good = False
        elif not isinstance(kind, Poison) and not related(have, kind):
            foreign.append((each, kind))
    if foreign and not isinstance(have, NullType):
        _foreign_items(walk, value, have, foreign)
        good = False
    if not good:
        return wrong(node.span)
    null = is_null(value.type, walk) or any(is_null(item.type, walk) for item in items)
    type = nullable(BOOL) if null else BOOL
    return In(value, tuple(items), None, node.negated, type, node.span)


def _null_item(walk: Walk, node: Membership, each: Expr) -> None:
    test = "is not null" if node.negated else "is null"
    walk.reporter.error(
        INCOMPARABLE,
        "null equals nothing, so it cannot be among the values of `in`",
        each.span,
        notes=(
            f"add `or {node.value.span.text} {test}`"
            if not node.negated
            else f"add `and {node.value.span.text} {test}`",
        ),
    )


def _foreign_items(walk: Walk, value: Typed, have: Type, foreign: list[tuple[Expr, Type]]) -> None:
    """Items that never equal the value: one error, at the first."""
    first, kind = foreign[0]
    labels = [] if value.span is None else [Label(value.span, f"this is {label(have)}")]
    labels.extend(Label(each.span, f"so is {label(other)}") for each, other in foreign[1:])
    edits = [edit for each, other in foreign if (edit := _requoted(each, have, other)) is not None]
    fixes: tuple[Fix, ...] = ()
    if len(edits) == len(foreign):
        safe = is_numeric(have)
        title = "leave out the quotes" if safe else "write texts in quotes"
        fixes = (Fix(title, tuple(edits), Safety.SAFE if safe else Safety.UNSAFE),)
    walk.reporter.error(
        INCOMPARABLE,
        f"{label(have)} and {label(kind)} are never equal",
        first.span,
        at=f"this is {label(kind)}",
        labels=labels,
        fixes=fixes,
    )


def _requoted(each: Expr, have: Type, kind: Type) -> Edit | None:
    """The edit that makes a written number of a written text, or the reverse."""
    if not isinstance(each, Literal):
        return None
    if is_numeric(have) and kind == STRING and _number(each.text):
        return Edit(each.span, each.text)
    if have == STRING and is_numeric(kind):
        return Edit(each.span, quoted(each.span.text))
    return None


def _matches(walk: Walk, node: Comparison, row: Record) -> Typed:
    value = walk.infer(node.left, row)
    if is_wrong(value):
        pattern(walk, node.right)
        return wrong(node.span)
    kind = bare(value.type, walk)
    if kind == JSON:
        needs_cast(walk, value, STRING, "`matches`")
        return wrong(node.span)
    if not is_textual(kind):
        walk.reporter.error(
            INCOMPARABLE,
            f"`matches` tests a text, not {label(kind)}",
            node.left.span,
            at=f"this is {label(kind)}",
            fixes=(wrap("string", node.left.span, Safety.UNSAFE),),
        )
        return wrong(node.span)
    compiled = pattern(walk, node.right)
    if compiled is None:
        return wrong(node.span)
    type = nullable(BOOL) if is_null(value.type, walk) else BOOL
    form = RuntimeCall("values.patterns", "matches")
    return Apply(
        "matches", form, (value, Const(compiled, STRING, node.right.span)), type, span=node.span
    )
