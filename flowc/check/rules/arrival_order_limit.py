"""``limit`` over streams that are interleaved by arrival."""

from __future__ import annotations

from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.effects import Order
from flowc.model.graph import StageBinding, TypedPipeline

ARRIVAL_LIMIT = declare(
    "FC0404", "limit-in-arrival-order", "Which records `limit` passes depends on arrival"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """The first N of an interleaving differ from run to run."""
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        if known is None or not isinstance(node.binding, StageBinding):
            continue
        if node.binding.operator == "limit" and known.facts.order in (Order.ARRIVAL, Order.NONE):
            context.reporter.warning(
                ARRIVAL_LIMIT,
                "which records pass this `limit` may differ from run to run",
                node.span,
                notes=("the streams before it are merged in the order of arrival",),
            )
