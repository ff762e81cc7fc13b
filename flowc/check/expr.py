"""Types an expression over a row. The one entrance for operators and the graph's walk."""

from __future__ import annotations

from flowc.check.expressions.conversions import convert
from flowc.check.expressions.expectations import fit
from flowc.check.expressions.paths import field_at
from flowc.check.expressions.walk import Inference
from flowc.check.narrow import narrow
from flowc.diagnostics.reporter import Reporter
from flowc.model.expect import Expectation
from flowc.model.expr import Expr, Path
from flowc.model.source import Span
from flowc.model.typed import Typed
from flowc.model.types import Field, Record, Type
from flowc.types.relate import NO_NAMES, Env


class ExpressionChecker:
    """Types expressions; a mistake is reported and gives poison, nothing is ever raised.

    Args:
        reporter: takes the findings.
        strict: whether ``--strict`` holds: comparisons with null are errors.
        types: the named types in sight.
    """

    def __init__(self, reporter: Reporter, strict: bool = False, types: Env = NO_NAMES) -> None:
        self.reporter = reporter
        self.strict = strict
        self.types = types

    def infer(
        self,
        expr: Expr,
        row: Record,
        expectation: Expectation | None = None,
        *,
        strict_null: bool = False,
    ) -> Typed:
        """The expression with its types.

        With an expectation, written values are read as the expected type, and the result
        is of that type, nullable where it may be null; under ``--strict`` with
        ``strict_null``, null where a plain type is expected is reported.
        """
        walk = self._walk()
        if expectation is None:
            return walk.start(expr, row, None)
        value = walk.start(expr, row, expectation.type)
        return fit(walk, value, row, expectation, expr.span, strict_null=strict_null)

    def convert(self, value: Typed, target: Type, span: Span) -> Typed:
        """The value converted to a type, as ``cast`` does it: failure is a ConversionError of
        the record, null stays null; a conversion that can never succeed is reported."""
        return convert(self._walk(), value, target, span)

    def field(self, path: Path, row: Record) -> Field | None:
        """The field at a path of names; reported with did-you-mean where there is none."""
        return field_at(self._walk(), path, row)

    def narrow(self, row: Record, condition: Typed, truth: bool) -> Record:
        """The row where the condition was true, or was not (false or null)."""
        return narrow(row, condition, truth, self.types)

    def _walk(self) -> Inference:
        return Inference(self.reporter, self.strict, self.types)
