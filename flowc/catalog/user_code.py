"""The user's own processors: their type rule and lowering, shared by ``enrich NAME`` and
the stage that bears the processor's name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.spec import CheckContext, LowerContext, Lowered, Outcome
from flowc.model.effects import ErrorSet, Facts, Truth
from flowc.model.expect import Expectation, ProcessorParameter
from flowc.model.graph import Lineage
from flowc.model.plan import CallUser
from flowc.model.project import ProcessorCode
from flowc.model.source import Span
from flowc.model.types import Record, Type

#: What a processor may raise when no schema says: any exception, named by its class.
ANY_ERROR: ErrorSet = frozenset({"Exception"})


@dataclass(frozen=True, slots=True)
class UserCall:
    processor: ProcessorCode
    takes: Record
    gives: Record


def infer_call(
    code: ProcessorCode, name: str, row: Record, facts: Facts, check: CheckContext, span: Span
) -> Outcome:
    """A processor takes a record of its input type and gives one of its output type.

    Fields of the row that the input type does not name are left behind.
    """
    declared = check.declared_processor(name)
    takes = _record(declared.input if declared else None, code.input)
    gives = _record(declared.output if declared else None, code.output)
    where = declared.span if declared else code.span
    check.expect_row(row, Expectation(takes, ProcessorParameter(name), where), span, name)
    errors = frozenset(declared.errors) if declared and declared.errors else ANY_ERROR
    reads = frozenset((field.name,) for field in takes.fields if row.field(field.name) is not None)
    given = gives.with_fields(
        tuple(field.because(f"is given by the processor '{name}'", where) for field in gives.fields)
    )
    given = replace(given, name=gives.name)
    return Outcome(
        ports={"out": given},
        facts=replace(
            facts,
            keys=frozenset(),
            time=None,
            deterministic=facts.deterministic if code.pure else Truth.UNKNOWN,
        ),
        lineage=Lineage(
            reads=reads,
            computed={(field.name,): reads for field in gives.fields},
            rest=False,
        ),
        errors=errors,
        outcome=UserCall(code, takes, given),
    )


def lower_call(outcome: object, context: LowerContext) -> Lowered:
    """The code runs once a record: a batch that fails is not done again with it."""
    assert isinstance(outcome, UserCall)
    return CallUser(context.node.id, outcome.processor)


def _record(declared: Type | None, written: Record) -> Record:
    """The declared type where there is one: it bears the name that people know."""
    return declared if isinstance(declared, Record) else written
