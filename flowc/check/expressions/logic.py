"""``and or not``, ``if``, ``??``: Kleene's logic, and what a test says of what follows."""

from __future__ import annotations

from flowc.check.expressions.arithmetic import is_written_number
from flowc.check.expressions.coerce import common, widened
from flowc.check.expressions.context import Walk, any_wrong, is_null, is_wrong, wrong
from flowc.check.narrow import Given, narrowed
from flowc.model.expr import Coalesce as CoalesceExpr
from flowc.model.expr import Conditional, Expr, Literal, Template, Unary, Variable
from flowc.model.expr import Logic as LogicExpr
from flowc.model.typed import Coalesce, If, Logic, Not, Typed
from flowc.model.types import BOOL, Record, Type, nullable


def negation(walk: Walk, node: Unary, row: Record) -> Typed:
    """``not x``."""
    operand = walk.condition(node.operand, row, "`not`", node.span)
    if is_wrong(operand):
        return wrong(node.span)
    type = nullable(BOOL) if is_null(operand.type, walk) else BOOL
    return Not(operand, type, node.span)


def logic(walk: Walk, node: LogicExpr, row: Record) -> Typed:
    """``a and b and c``: an operand is typed knowing what those before it did not settle."""
    given = Given.NOT_FALSE if node.operator == "and" else Given.NOT_TRUE
    operands: list[Typed] = []
    here = row
    for each in node.operands:
        operand = walk.condition(each, here, f"`{node.operator}`", node.span)
        operands.append(operand)
        here = narrowed(here, operand, given, walk.types)
    if any_wrong(*operands):
        return wrong(node.span)
    null = any(is_null(operand.type, walk) for operand in operands)
    return Logic(node.operator, tuple(operands), nullable(BOOL) if null else BOOL, node.span)


def conditional(walk: Walk, node: Conditional, row: Record, hint: Type | None) -> Typed:
    """``if c then a else b``: null takes the second branch."""
    condition = walk.condition(node.condition, row, "`if`", node.span)
    true = narrowed(row, condition, Given.TRUE, walk.types)
    false = narrowed(row, condition, Given.NOT_TRUE, walk.types)
    then, otherwise = _pair(walk, node.then, true, node.otherwise, false, hint)
    if any_wrong(condition, then, otherwise):
        return wrong(node.span)
    type = common(walk, (then, otherwise), "the branches of `if`")
    if type is None:
        return wrong(node.span)
    return If(condition, widened(then, type), widened(otherwise, type), type, node.span)


def coalesce(walk: Walk, node: CoalesceExpr, row: Record, hint: Type | None) -> Typed:
    """``a ?? b``: the default has the type of the value."""
    value, default = _pair(walk, node.value, row, node.default, row, hint)
    if any_wrong(value, default):
        return wrong(node.span)
    unified = walk.unify((value, default), "the sides of `??`")
    if unified is None:
        return wrong(node.span)
    type, values = unified
    if not is_null(values[0].type, walk):
        return values[0]
    parts = values[0].values if isinstance(values[0], Coalesce) else values[:1]
    every = all(is_null(each.type, walk) for each in values)
    return Coalesce((*parts, values[1]), nullable(type) if every else type, node.span)


def _pair(
    walk: Walk, first: Expr, first_row: Record, second: Expr, second_row: Record, hint: Type | None
) -> tuple[Typed, Typed]:
    """Two expressions of one type: a written one takes the type of the other."""
    if _written(first) and not _written(second):
        right = walk.infer(second, second_row, hint)
        return walk.infer(first, first_row, hint or _known(right)), right
    left = walk.infer(first, first_row, hint)
    return left, walk.infer(second, second_row, hint or _known(left))


def _known(typed: Typed) -> Type | None:
    return None if is_wrong(typed) else typed.type


def _written(node: Expr) -> bool:
    return isinstance(node, Literal | Template | Variable) or is_written_number(node)
