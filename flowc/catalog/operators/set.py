"""``set a = e, b.c = e``: compute fields."""

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
from flowc.model.effects import Facts
from flowc.model.types import Record


class Set(Operator):
    name = "set"
    kind = "shape"
    summary = "computes fields, new or in place"
    doc = (
        "Assignments are done from left to right, and a later one sees what an earlier one "
        "made. A new field comes last; a field that is replaced keeps its place. `b.c = e` "
        "sets a field inside the record `b`."
    )
    form = "set a = e, b.c = e"
    parameters = (Parameter("columns", Form.ASSIGNMENTS, "the fields and what they become"),)
    spellings = ("extend", "derive", "eval", "mutate")
    corrections = {"put": "set", "let": "set", "assign": "set", "with": "set", "add": "set"}
    examples = (
        OperatorExample(
            "A new field",
            "set net = amount * 0.5, half = net / 2",
            '{"id": 1, "amount": 250.0}',
            '{"id": 1, "amount": 250.0, "net": 125.0, "half": 62.5}',
        ),
        OperatorExample(
            "A field replaced in its place",
            "set name = upper(name)",
            '{"name": "ada", "age": 36}',
            '{"name": "ADA", "age": 36}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        return assign(arguments.get("columns"), row, facts, check)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


OPERATOR = Set()
