"""Null where a value is needed: what ``--strict`` asks for."""

from __future__ import annotations

from flowc.check.expressions.context import Walk, bare, is_null
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Comparison
from flowc.model.source import Span
from flowc.model.typed import Column, Typed, children
from flowc.model.types import BOOL, DURATION, STRING, Type
from flowc.types.relate import is_numeric

NULLABLE_COMPARISON = declare(
    "FC0312", "nullable-comparison", "A comparison with a value that may be null gives null"
)
NULLABLE_EQUALITY = declare(
    "FC0313", "nullable-equality", "Two values that may both be null are compared"
)


def filler(type: Type) -> str | None:
    """The value that stands in for null in a proposed ``??``; None where none suggests itself."""
    if is_numeric(type):
        return "0"
    if type == STRING:
        return '""'
    if type == BOOL:
        return "false"
    return "0s" if type == DURATION else None


def default(walk: Walk, value: Typed, span: Span) -> tuple[Fix, ...]:
    """The fix that puts ``?? 0`` or the like around a value that may be null."""
    stand_in = filler(bare(value.type, walk))
    if stand_in is None:
        return ()
    text = f"({span.text} ?? {stand_in})"
    return (Fix(f"say what null counts as: `{text}`", (Edit(span, text),), Safety.UNSAFE),)


def _new_blame(walk: Walk, value: Typed) -> bool:
    """Whether the null comes from a column that was not named in this expression yet."""
    found = set(_null_columns(walk, value))
    if found and found <= walk.blamed:
        return False
    walk.blamed.update(found)
    return True


def _null_columns(walk: Walk, value: Typed) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    stack = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, Column) and is_null(here.type, walk):
            paths.append(here.path)
        stack.extend(children(here))
    return paths


def null_compared(walk: Walk, value: Typed, operator: str) -> None:
    """Report, under ``--strict``, an ordering with a value that may be null."""
    if value.span is None or not _new_blame(walk, value):
        return
    text = value.span.text
    walk.reporter.error(
        NULLABLE_COMPARISON,
        f"`{text}` may be null, and then `{operator}` is null, not true or false",
        value.span,
        at="may be null",
        notes=(f"or test it before: `{text} is not null and …`",),
        fixes=default(walk, value, value.span),
    )


def nulls_compared(walk: Walk, node: Comparison, left: Typed, right: Typed, operator: str) -> None:
    """Report, under ``--strict``, an equality of two values that may both be null."""
    if not _new_blame(walk, left) and not _new_blame(walk, right):
        return
    safe = "is" if operator == "==" else "is not"
    walk.reporter.error(
        NULLABLE_EQUALITY,
        f"both sides may be null, and then `{operator}` is null, not true or false",
        node.operator_span,
        notes=(f"`{safe}` takes two nulls for the same",),
        fixes=(
            Fix(
                f"compare by `{safe}`, which is never null",
                (Edit(node.operator_span, safe),),
                Safety.UNSAFE,
            ),
            *default(walk, left, node.left.span),
        ),
    )
