"""``running avg(x) as m by k over last 10``: parses, and is not there yet."""

from __future__ import annotations

from flowc.catalog.grouping import not_yet
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    Outcome,
    Parameter,
)
from flowc.model.effects import Facts
from flowc.model.types import Record


class Running(Operator):
    name = "running"
    kind = "state"
    summary = "adds what is computed of the last records (not supported yet)"
    doc = (
        "It will give each record with a value computed of it and of those before it. Until then "
        "it is one error; windows of time are there: `aggregate … over sliding 1h every 5m`."
    )
    form = "running f(x) as m by k over last N order t"
    parameters = (
        Parameter("columns", Form.AGGREGATES, "what is computed"),
        Parameter("by", Form.COLUMNS, "what the groups are of", clause="by", required=False),
        Parameter("over", Form.WINDOW, "how far back", clause="over", required=False),
        Parameter("order", Form.ORDER, "what is before", clause="order", required=False),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        not_yet(
            "`running`",
            arguments.word.span,
            check,
            "windows that overlap are there: `aggregate … over sliding 1h every 5m`",
        )
        return Outcome({"out": row}, facts)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return ()


OPERATOR = Running()
