"""``filter cond``: keep the records for which the condition is true."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.shared import Test, both, condition
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
from flowc.model.effects import Facts
from flowc.model.graph import Lineage
from flowc.model.plan import Keep
from flowc.model.typed import columns, errors, is_deterministic
from flowc.model.types import Record


class Filter(Operator):
    name = "filter"
    kind = "keep or fail"
    summary = "keeps the records for which a condition is true"
    doc = (
        "A record for which the condition is false or null is dropped and counted. "
        "What the condition proves is known behind it: after `filter x != null`, `x` is "
        "no longer nullable."
    )
    form = "filter cond"
    parameters = (Parameter("condition", Form.CONDITION, "what must be true"),)
    spellings = ("where",)
    corrections = {"having": "filter", "grep": "filter", "keep_if": "filter"}
    examples = (
        OperatorExample(
            "Large orders",
            "filter amount > 100",
            '{"id": 1, "amount": 250}\n{"id": 2, "amount": 40}',
            '{"id": 1, "amount": 250}',
        ),
        OperatorExample(
            "Null is not true",
            "filter country == 'DE'",
            '{"id": 1, "country": "DE"}\n{"id": 2, "country": null}',
            '{"id": 1, "country": "DE"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        typed = condition(arguments, "condition", row, check)
        return Outcome(
            ports={"out": check.narrow(row, typed, True)},
            facts=replace(facts, deterministic=both(facts, is_deterministic(typed))),
            lineage=Lineage(reads=columns(typed)),
            errors=errors(typed),
            outcome=Test(typed),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Test)
        return (Keep(context.node.id, outcome.condition),)


OPERATOR = Filter()
