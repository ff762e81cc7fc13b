"""``select a, b.c, n = e``: choose and compute the columns of the new record."""

from __future__ import annotations

from flowc.catalog.columns import lower_new_record, new_record
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


class Select(Operator):
    name = "select"
    kind = "shape"
    summary = "chooses the columns of the record, and computes more"
    doc = (
        "The new record has the columns named, in the order written. `b.c` takes a nested "
        "field and calls it `c`; `n = e` and `e as n` compute a column. Every item sees the "
        "incoming record."
    )
    form = "select a, b.c, n = e"
    parameters = (Parameter("columns", Form.COLUMNS, "the columns of the new record"),)
    spellings = ("project",)
    corrections = {"fields": "select", "cut": "select", "keep": "select", "table": "select"}
    examples = (
        OperatorExample(
            "Two of three fields, in another order",
            "select amount, id",
            '{"id": 1, "amount": 2.5, "note": "x"}',
            '{"amount": 2.5, "id": 1}',
        ),
        OperatorExample(
            "Nested and computed",
            "select customer.city, twice = 2 * amount",
            '{"amount": 2, "customer": {"city": "Bonn"}}',
            '{"city": "Bonn", "twice": 4}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        word = arguments.word.text
        return new_record(arguments.get("columns"), row, facts, check, word)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_new_record(outcome, context)


OPERATOR = Select()
