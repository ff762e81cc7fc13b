"""What the checker offers to an operator's type rule: the protocol of `catalog.spec`."""

from __future__ import annotations

from collections.abc import Mapping

from flowc.catalog.inputs import Arriving
from flowc.catalog.spec import GroupedPattern
from flowc.check.expr import ExpressionChecker
from flowc.check.expressions.regex import grouped
from flowc.check.members import fit_members
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expect import Expectation, ProcessorParameter, SinkColumn
from flowc.model.expr import Expr, Path
from flowc.model.project import NamedType, ProcessorCode, ProcessorDecl, Project
from flowc.model.source import Span
from flowc.model.tree import TypeExpr
from flowc.model.typed import Typed
from flowc.model.types import POISON, Field, Poison, Record, Type
from flowc.types.mismatch import Mismatch
from flowc.types.names import check_names
from flowc.types.relate import explain
from flowc.types.resolve import expanded
from flowc.types.show import label as record_label

WRONG_RECORD = declare(
    "FC0342", "wrong-record-type", "A processor or sink receives another record than it takes"
)


class Check:
    """One pipeline's context. ``infer``, ``convert``, ``field`` and ``narrow`` are the
    expression checker's."""

    def __init__(self, project: Project, reporter: Reporter) -> None:
        self._project = project
        self._reporter = reporter
        self._expressions = ExpressionChecker(reporter, project.strict, project.types)
        #: What arrives at the node under way by other inputs than its stream.
        self.inputs: Mapping[str, Arriving] = {}

    @property
    def reporter(self) -> Reporter:
        return self._reporter

    @property
    def strict(self) -> bool:
        return self._project.strict

    @property
    def types(self) -> Mapping[str, NamedType]:
        return self._project.types

    def infer(
        self,
        expr: Expr,
        row: Record,
        expectation: Expectation | None = None,
        *,
        strict_null: bool = False,
    ) -> Typed:
        return self._expressions.infer(expr, row, expectation, strict_null=strict_null)

    def convert(self, value: Typed, target: Type, span: Span) -> Typed:
        return self._expressions.convert(value, target, span)

    def field(self, path: Path, row: Record) -> Field | None:
        return self._expressions.field(path, row)

    def pattern(self, written: str, span: Span) -> GroupedPattern | None:
        return grouped(written, span, self._reporter)

    def narrow(self, row: Record, condition: Typed, truth: bool) -> Record:
        return self._expressions.narrow(row, condition, truth)

    def resolve_type(self, written: TypeExpr) -> Type:
        known = check_names(written.type, self._project.types, self._reporter, written.span)
        type = expanded(known, self._project.types)
        return type if fit_members(type, written.span, self._reporter) else POISON

    def processor(self, name: str) -> ProcessorCode | None:
        return self._project.processors.get(name)

    def declared_processor(self, name: str) -> ProcessorDecl | None:
        return self._project.declared.get(name)

    def expect_row(self, actual: Record, expectation: Expectation, span: Span, who: str) -> bool:
        mismatch = explain(actual, expectation.type, self._project.types)
        if mismatch is None:
            return True
        if isinstance(mismatch.actual, Poison):
            return False
        expected = expectation.type
        named = isinstance(expected, Record) and expected.name and actual.name
        if named and isinstance(expected, Record) and expected.name != actual.name:
            message = f"'{who}' expects {expected.name} but receives {actual.name}"
        elif isinstance(expected, Record) and expected.name:
            message = f"'{who}' expects {expected.name}, which {record_label(actual)} is not"
        else:
            message = f"'{who}' expects another record than it receives"
        self._reporter.error(
            WRONG_RECORD,
            message,
            span,
            at=mismatch.why,
            labels=self._labels(expectation, mismatch, span),
            notes=_notes(mismatch),
            fixes=_fixes(mismatch, span),
        )
        return False

    def _labels(
        self, expectation: Expectation, mismatch: Mismatch, span: Span
    ) -> tuple[Label, ...]:
        found: list[Label] = []
        match expectation.because:
            case ProcessorParameter(processor=name):
                reason = f"the input of '{name}' is declared here"
            case SinkColumn(sink=sink):
                reason = f"the columns of '{sink}' are declared here"
            case _:
                reason = "expected because of this"
        if expectation.span is not None:
            found.append(Label(expectation.span, reason))
        for origin in mismatch.actual_field.origin if mismatch.actual_field else ():
            if origin.span is not None and origin.span != span:
                found.append(Label(origin.span, f"'{mismatch.where}' {origin.verb}"))
        return tuple(found)


def _notes(mismatch: Mismatch) -> tuple[str, ...]:
    origins = mismatch.actual_field.origin if mismatch.actual_field else ()
    return tuple(f"'{mismatch.where}' {origin.verb}" for origin in origins if origin.span is None)


def _fixes(mismatch: Mismatch, span: Span) -> tuple[Fix, ...]:
    cast = mismatch.cast
    if cast is None:
        return ()
    before = Span(span.source, span.start, span.start)
    return (Fix(f"convert it first: `{cast}`", (Edit(before, f"{cast} | "),), Safety.UNSAFE),)
