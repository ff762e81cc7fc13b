"""``batch 1000 every 5s``: what the next sink or remote step is given at once."""

from __future__ import annotations

from dataclasses import dataclass
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
from flowc.catalog.windows import micros_of, shown_duration
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts, Held
from flowc.model.expr import Literal
from flowc.model.plan import CallRuntime
from flowc.model.types import Record

WRONG_SIZE = declare("FC0423", "batch-out-of-range", "`batch` takes a count and a time from 1 on")

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Batched:
    """How many records are handed on together, and the microseconds they wait at most."""

    count: int
    every: int | None


class Batch(Operator):
    name = "batch"
    kind = "flow"
    summary = "says how many records the next sink or remote step is given at once"
    doc = (
        "The records stay as they are; they are handed on so many at a time, fewer at the end of "
        "the input. With `every` none waits longer than that, however few there are. Between "
        "`batch` and the sink only steps may stand that hand on together what came together: "
        "behind a `sort`, an `aggregate` or a `throttle` it would have no effect, which is an error."
    )
    form = "batch N [every D]"
    parameters = (
        Parameter("count", Form.NUMBER, "how many records, from 1 on"),
        Parameter(
            "every", Form.DURATION, "how long a record waits", clause="every", required=False
        ),
    )
    examples = (
        OperatorExample(
            "Two at a time",
            "batch 2 every 5s",
            '{"id": 1}\n{"id": 2}\n{"id": 3}',
            '{"id": 1}\n{"id": 2}\n{"id": 3}',
        ),
    )
    regroups = True

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        count: Literal = arguments.get("count")
        every: Literal | None = arguments.get("every")
        number = int(count.text)
        micros = None if every is None else micros_of(every, row, check)
        if not 1 <= number <= _MOST:
            check.reporter.error(WRONG_SIZE, f"`batch` takes a count from 1 to {_MOST}", count.span)
        if every is not None and micros is not None and micros <= 0:
            check.reporter.error(WRONG_SIZE, "records wait longer than nothing", every.span)
        plural = "" if number == 1 else "s"
        what = f"at most {number:,} record{plural}"
        until = f"handed on after {shown_duration(micros)}" if micros else ""
        return Outcome(
            {"out": row}, facts, outcome=Batched(number, micros), held=(Held(what, until=until),)
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Batched)
        every = None if outcome.every is None else timedelta(microseconds=outcome.every)
        return CallRuntime(
            context.node.id,
            "state.batch",
            "Batches",
            (outcome.count, every),
            timed=True,
            holds=True,
            segment="Batching",
        )


OPERATOR = Batch()
