"""``+ - * / // %`` and the signs."""

from __future__ import annotations

from datetime import timedelta

from flowc.check.expressions.context import Walk, any_wrong, bare, is_wrong, wrong
from flowc.check.expressions.json import needs_cast
from flowc.check.expressions.literals import literal
from flowc.check.expressions.operators import BINARY, UNARY
from flowc.check.expressions.origins import origins
from flowc.check.expressions.overloads import Choice, apply, choose
from flowc.check.expressions.paths import dashed
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Arithmetic, Expr, Literal, LiteralKind, Unary
from flowc.model.source import Span
from flowc.model.typed import Const, Typed
from flowc.model.types import (
    DATE,
    DURATION,
    FLOAT,
    JSON,
    NUMBER,
    STRING,
    TIMESTAMP,
    DecimalType,
    Record,
    Type,
)
from flowc.types.relate import is_numeric, is_textual
from flowc.types.show import label

NO_OPERATION = declare(
    "FC0305", "no-operation", "An operator or function does not take values of these types"
)

_NUMBERS = (LiteralKind.INT, LiteralKind.FLOAT)


def is_written_number(node: Expr) -> bool:
    """Whether an expression is made of written numbers alone, and so takes any type."""
    while True:
        match node:
            case Literal(kind=kind):
                return kind in _NUMBERS
            case Unary(operator="-" | "+", operand=operand):
                node = operand
            case Arithmetic(left=left, right=right):
                if not is_written_number(right):
                    return False
                node = left
            case _:
                return False


def unary(walk: Walk, node: Unary, row: Record, hint: Type | None) -> Typed:
    """``-x`` and ``+x``."""
    operand = node.operand
    if isinstance(operand, Literal) and operand.kind in _NUMBERS:
        negative = node.operator == "-"
        signed = Literal(operand.kind, operand.text, node.span)
        return literal(walk, signed, hint, negative)
    value = walk.infer(operand, row, hint)
    if is_wrong(value):
        return wrong(node.span)
    choice = choose(walk, UNARY["-"], (value,))
    if choice is None:
        kind = bare(value.type, walk)
        if kind == JSON:
            needs_cast(walk, value, FLOAT, f"`{node.operator}`")
        else:
            walk.reporter.error(
                NO_OPERATION,
                f"`{node.operator}` has no meaning for {label(kind)}",
                node.span,
                at=f"this is {label(kind)}",
            )
        return wrong(node.span)
    return value if node.operator == "+" else apply(walk, "-", choice, (value,), node.span)


def arithmetic(walk: Walk, node: Arithmetic, row: Record, hint: Type | None) -> Typed:
    """``a + b``; a written number takes the type of the other side."""
    if dashed(walk, node, row):
        return wrong(node.span)
    if is_written_number(node.left) and not is_written_number(node.right):
        right = walk.infer(node.right, row, hint)
        left = walk.infer(node.left, row, _number_hint(walk, right))
    elif is_written_number(node.right) and not is_written_number(node.left):
        left = walk.infer(node.left, row, hint)
        right = walk.infer(node.right, row, _number_hint(walk, left))
    else:
        inner = _number_hint_of(hint)
        left = walk.infer(node.left, row, inner)
        right = walk.infer(node.right, row, inner)
    if any_wrong(left, right):
        return wrong(node.span)
    choice = choose(walk, BINARY[node.operator], (left, right))
    if choice is not None:
        if not _moves_by_days(walk, node, choice, left, right):
            return wrong(node.span)
        return apply(walk, node.operator, choice, (left, right), node.span)
    _no_operation(walk, node, left, right, row)
    return wrong(node.span)


def _moves_by_days(walk: Walk, node: Arithmetic, choice: Choice, left: Typed, right: Typed) -> bool:
    """Whether a date, if one is moved, moves by whole days, which must be written."""
    if set(choice.parameters) != {DATE, DURATION}:
        return True
    moved, length = (left, right) if choice.parameters[0] == DATE else (right, left)
    written = length.value if isinstance(length, Const) else None
    if written is None and isinstance(length, Const):
        return True
    if isinstance(written, timedelta) and not written % timedelta(days=1):
        return True
    day = node.left if moved is left else node.right
    walk.reporter.error(
        NO_OPERATION,
        "a date moves by whole days, and this may be a part of one",
        length.span or node.operator_span,
        labels=(Label(day.span, "this is date"),),
        notes=("`add_days(date, n)` takes a number of days that is computed",),
        fixes=(wrap("timestamp", day.span, Safety.UNSAFE),),
    )
    return False


def _number_hint(walk: Walk, other: Typed) -> Type | None:
    return _number_hint_of(bare(other.type, walk))


def _number_hint_of(type: Type | None) -> Type | None:
    """A written fraction becomes a decimal beside a decimal, and there only."""
    return type if isinstance(type, DecimalType) else None


def _no_operation(walk: Walk, node: Arithmetic, left: Typed, right: Typed, row: Record) -> None:
    a, b = bare(left.type, walk), bare(right.type, walk)
    for value, kind, other in ((left, a, b), (right, b, a)):
        if kind == JSON:
            needs_cast(walk, value, other if is_numeric(other) else FLOAT, f"`{node.operator}`")
            return
    labels, notes = origins(row, left, right)
    walk.reporter.error(
        NO_OPERATION,
        f"`{node.operator}` has no meaning for {label(a)} and {label(b)}",
        node.operator_span,
        labels=(*_labels(walk, left, right), *labels),
        notes=(*_why(a, b), *notes),
        fixes=_fixes(node, a, b),
    )


def _labels(walk: Walk, left: Typed, right: Typed) -> tuple[Label, ...]:
    return tuple(
        Label(value.span, f"this is {label(bare(value.type, walk))}")
        for value in (left, right)
        if value.span is not None
    )


def _why(a: Type, b: Type) -> tuple[str, ...]:
    if _is_decimal_and_float(a, b):
        return ("a float is not exact, a decimal is; a conversion says which is meant",)
    return ()


def _is_decimal_and_float(a: Type, b: Type) -> bool:
    inexact = (FLOAT, NUMBER)
    return (isinstance(a, DecimalType) and b in inexact) or (
        isinstance(b, DecimalType) and a in inexact
    )


def _fixes(node: Arithmetic, a: Type, b: Type) -> tuple[Fix, ...]:
    if _is_decimal_and_float(a, b):
        inexact = node.right.span if isinstance(a, DecimalType) else node.left.span
        return (wrap("decimal", inexact, Safety.UNSAFE),)
    for kind, other, side in ((a, b, node.left), (b, a, node.right)):
        if kind == STRING and other in (DURATION, TIMESTAMP):
            return (wrap("timestamp", side.span, Safety.UNSAFE),)
    if node.operator == "+" and (is_textual(a) or is_textual(b)):
        parts = [
            side.span.text if is_textual(kind) else f"string({side.span.text})"
            for side, kind in ((node.left, a), (node.right, b))
        ]
        call = f"concat({', '.join(parts)})"
        safety = Safety.SAFE if is_textual(a) and is_textual(b) else Safety.UNSAFE
        return (Fix(f"join texts with `{call}`", (Edit(node.span, call),), safety),)
    for kind, other, side in ((a, b, node.left), (b, a, node.right)):
        if kind == STRING and is_numeric(other):
            return (
                wrap(
                    label(other) if not isinstance(other, DecimalType) else "decimal",
                    side.span,
                    Safety.UNSAFE,
                ),
            )
        if kind == DATE and other != DATE:
            return (wrap("timestamp", side.span, Safety.UNSAFE),)
    return ()


def wrap(function: str, span: Span, safety: Safety) -> Fix:
    """The fix that puts a call around an expression."""
    return Fix(
        f"convert it: `{function}({span.text})`",
        (Edit(span, f"{function}({span.text})"),),
        safety,
    )
