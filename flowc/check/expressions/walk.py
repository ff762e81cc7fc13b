"""The walk over an expression: each node to its family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from flowc.check.expressions import arithmetic, calls, comparisons, literals, logic, paths
from flowc.check.expressions.coerce import common, widened
from flowc.check.expressions.context import bare, is_null, is_wrong, wrong
from flowc.check.expressions.expectations import fit
from flowc.diagnostics.reporter import Reporter
from flowc.model.expect import Expectation, PredicateMustBeBool
from flowc.model.expr import (
    Arithmetic,
    Call,
    Coalesce,
    Comparison,
    Conditional,
    Expr,
    Hole,
    Inside,
    ListExpr,
    Literal,
    Logic,
    Membership,
    NullTest,
    Path,
    RecordExpr,
    Template,
    Unary,
    Variable,
    parts,
)
from flowc.model.source import Span
from flowc.model.typed import Typed
from flowc.model.types import BOOL, Record, Type, nullable, strip_null
from flowc.syntax.limits import DEEPEST, TOO_DEEP
from flowc.types.relate import Env

#: Levels of nesting: what the parser lets pass, with room for how it counts.
_DEEPEST = DEEPEST + 10


class Inference:
    """One walk over one expression; see `flowc.check.expr.ExpressionChecker`."""

    def __init__(self, reporter: Reporter, strict: bool, types: Env) -> None:
        self.reporter = reporter
        self.strict = strict
        self.types = types
        self.blamed: set[tuple[str, ...]] = set()

    def start(self, expr: Expr, row: Record, hint: Type | None) -> Typed:
        """`infer` for a whole expression: one nested too deeply is reported, not walked."""
        if _depth(expr) > _DEEPEST:
            self.reporter.error(
                TOO_DEEP,
                f"the expression is nested more than {_DEEPEST} levels deep",
                expr.span,
                notes=("compute parts of it in fields of their own, with `set`",),
            )
            return wrong(expr.span)
        return self.infer(expr, row, hint)

    def infer(self, expr: Expr, row: Record, hint: Type | None = None) -> Typed:
        match expr:
            case Literal():
                return literals.literal(self, expr, hint)
            case Template():
                return literals.template(self, expr, hint)
            case Variable():
                return literals.variable(self, expr, hint)
            case Path():
                return paths.path(self, expr, row)
            case Inside():
                return paths.inside(self, expr, row)
            case Unary(operator="not"):
                return logic.negation(self, expr, row)
            case Unary():
                return arithmetic.unary(self, expr, row, hint)
            case Arithmetic():
                return arithmetic.arithmetic(self, expr, row, hint)
            case Comparison():
                return comparisons.comparison(self, expr, row)
            case Logic():
                return logic.logic(self, expr, row)
            case Membership():
                return comparisons.membership(self, expr, row)
            case NullTest():
                return comparisons.null_test(self, expr, row)
            case Coalesce():
                return logic.coalesce(self, expr, row, hint)
            case Conditional():
                return logic.conditional(self, expr, row, hint)
            case Call():
                return calls.call(self, expr, row, hint)
            case ListExpr():
                return literals.list_of(self, expr, row, hint)
            case RecordExpr():
                return literals.record_of(self, expr, row, hint)
            case Hole():
                return wrong(expr.span)
            case _:
                assert_never(expr)

    def unify(self, values: Sequence[Typed], what: str) -> tuple[Type, tuple[Typed, ...]] | None:
        """The least type of all the values, null left aside, and the values as that type."""
        type = common(self, values, what)
        if type is None:
            return None
        inner = strip_null(type)
        made = tuple(
            widened(value, nullable(inner) if is_null(value.type, self) else inner)
            for value in values
        )
        return inner, made

    def condition(self, expr: Expr, row: Record, who: str, at: Span | None = None) -> Typed:
        value = self.infer(expr, row, BOOL)
        if is_wrong(value) or bare(value.type, self) == BOOL:
            return value
        expectation = Expectation(nullable(BOOL), PredicateMustBeBool(who))
        return fit(self, value, row, expectation, expr.span)


def _depth(expr: Expr) -> int:
    """The nesting of an expression, found without recursion; stops past `_DEEPEST`."""
    deepest = 0
    stack: list[tuple[Expr, int]] = [(expr, 1)]
    while stack:
        here, depth = stack.pop()
        deepest = max(deepest, depth)
        if deepest > _DEEPEST:
            break
        stack.extend((part, depth + 1) for part in parts(here))
    return deepest
