"""``enrich NAME`` or ``enrich a = e``: add to a record, by a processor or by expressions."""

from __future__ import annotations

from flowc.catalog.assigning import assign, lower_assigned
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
from flowc.catalog.user_code import UserCall, infer_call, lower_call
from flowc.model.effects import Facts
from flowc.model.tree import Word
from flowc.model.types import Record


class Enrich(Operator):
    name = "enrich"
    kind = "bring together"
    summary = "adds to a record, by a processor or by expressions"
    doc = (
        "A name is a processor of `processors/`, which takes the record and gives the "
        "enriched one. Anything else is an assignment, as in `set`."
    )
    form = "enrich NAME · enrich a = e"
    parameters = (
        Parameter("processor", Form.REFERENCE, "the name of a processor", required=False),
        Parameter("columns", Form.ASSIGNMENTS, "fields and what they become", required=False),
    )
    examples = (
        OperatorExample(
            "By an expression",
            "enrich usd = amount * 2",
            '{"amount": 2.5}',
            '{"amount": 2.5, "usd": 5.0}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        word: Word | None = arguments.get("processor")
        if word is None:
            return assign(arguments.get("columns") or (), row, facts, check)
        code = check.processor(word.text)
        if code is None:
            return Outcome(ports={"out": row}, facts=facts)
        return infer_call(code, word.text, row, facts, check, arguments.span)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        if isinstance(outcome, UserCall):
            return lower_call(outcome, context)
        return lower_assigned(outcome, context)


OPERATOR = Enrich()
