"""``sample 1%``: a share of the records, the same in every run."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

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

SHARE_RANGE = declare("FC0377", "share-out-of-range", "`sample` takes a share from 0 to 1")


class Sample(Operator):
    name = "sample"
    kind = "flow"
    summary = "lets a share of the records pass, chosen by their positions"
    doc = (
        "Whether a record passes is told by a hash of its number among those that reach the "
        "stage and of `--seed` (0): the same records in every run over the same input, about as many as the share "
        "says, spread evenly. Two samples of one stream choose the same places. The rest is "
        "dropped and counted."
    )
    form = "sample 1%"
    parameters = (
        Parameter("share", Form.SHARE, "how much passes: a percentage, or a number up to 1"),
    )
    corrections = {"tablesample": "sample"}
    examples = (
        OperatorExample(
            "About half of the records",
            "sample 50%",
            '{"id": 1}\n{"id": 2}\n{"id": 3}\n{"id": 4}\n{"id": 5}\n{"id": 6}',
            '{"id": 2}\n{"id": 3}\n{"id": 5}\n{"id": 6}',
        ),
        OperatorExample("All of them", "sample 1.0", '{"id": 1}', '{"id": 1}'),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: Literal = arguments.get("share")
        share = _share(written.text)
        if share is None or not 0 <= share <= 1:
            check.reporter.error(
                SHARE_RANGE,
                f"{written.text} is no share of the records",
                written.span,
                notes=("a share is written `1%`, `0.5%` or `0.01`",),
            )
            share = None
        in_order = facts.order is Order.SOURCE
        return Outcome(
            ports={"out": row},
            facts=replace(facts, deterministic=facts.deterministic if in_order else Truth.NO),
            outcome=float(share or 0),
            held=(Held("one number"),),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return CallRuntime(context.node.id, "state.sample", "Sample", (outcome,), timed=True)


def _share(written: str) -> Decimal | None:
    """A percentage or a number, exactly; None where it is neither."""
    try:
        number = Decimal(written.rstrip("%"))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return number / 100 if written.endswith("%") else number


OPERATOR = Sample()
