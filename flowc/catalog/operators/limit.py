"""``limit N``: the first N records."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts, Held, Order, Truth
from flowc.model.expr import Literal
from flowc.model.plan import CallRuntime
from flowc.model.types import Record

NEGATIVE_LIMIT = declare("FC0339", "limit-out-of-range", "`limit` takes a count from 0 on")


class Limit(Operator):
    name = "limit"
    kind = "state"
    summary = "passes the first N records and stops reading"
    doc = "Once every consumer has its records, the source is no longer read."
    form = "limit N"
    parameters = (Parameter("count", Form.NUMBER, "how many records, from 0 on"),)
    spellings = ("take", "head")
    corrections = {"first": "limit", "tail": "limit", "offset": "limit"}
    examples = (
        OperatorExample(
            "The first two",
            "limit 2",
            '{"id": 1}\n{"id": 2}\n{"id": 3}',
            '{"id": 1}\n{"id": 2}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        count: Literal = arguments.get("count")
        number = int(count.text)
        if not 0 <= number < 2**63:
            check.reporter.error(
                NEGATIVE_LIMIT,
                "`limit` takes a count from 0 to 9223372036854775807",
                count.span,
            )
        deterministic = facts.deterministic if facts.order is Order.SOURCE else Truth.NO
        return Outcome(
            ports={"out": row},
            facts=replace(facts, bounded=Truth.YES, deterministic=deterministic),
            outcome=number,
            held=(Held("one number"),),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return CallRuntime(context.node.id, "state.limit", "Limit", (outcome,))


OPERATOR = Limit()
