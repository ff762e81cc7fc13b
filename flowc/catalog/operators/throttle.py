"""``throttle 100/s``: no more records in a time than may be."""

from __future__ import annotations

from datetime import timedelta

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
from flowc.catalog.times import Rate
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts, Held
from flowc.model.plan import CallRuntime
from flowc.model.types import Record

NO_RATE = declare("FC0422", "rate-out-of-range", "`throttle` lets more than nothing pass")

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class Throttle(Operator):
    name = "throttle"
    kind = "flow"
    summary = "holds records back so that no more pass in a time than may"
    doc = (
        "A rate is a number of records in a unit of time: `100/s`, `5/m`, `1/h`, `1/d`. "
        "They pass evenly, at most a tenth of a second's worth together. What comes before waits, "
        "so its source is read no faster. A stop does not wait: of an endless source the rest "
        "passes at once, of one that ends it is dropped and counted, as nothing is published then."
    )
    form = "throttle N/s"
    parameters = (Parameter("rate", Form.RATE, "how many records in a time: `100/s`"),)
    examples = (
        OperatorExample(
            "At most a thousand in a second",
            "throttle 1000/s",
            '{"id": 1}\n{"id": 2}',
            '{"id": 1}\n{"id": 2}',
        ),
    )
    regroups = True

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        rate: Rate = arguments.get("rate")
        if not 1 <= rate.count <= 1_000_000_000:
            check.reporter.error(
                NO_RATE, "`throttle` lets from 1 to 1000000000 records pass in a time", rate.span
            )
        return Outcome({"out": row}, facts, outcome=rate, held=(Held("one number"),))

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Rate)
        return CallRuntime(
            context.node.id,
            "state.pace",
            "Throttle",
            (outcome.count, _UNITS[outcome.unit]),
            timed=True,
            segment="Paced",
        )


OPERATOR = Throttle()
