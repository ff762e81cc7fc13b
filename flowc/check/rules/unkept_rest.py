"""Fields kept by ``...`` that meet a format without room for them."""

from __future__ import annotations

from flowc.catalog import registry
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.graph import EndpointBinding, NodeKind, TypedPipeline
from flowc.model.types import Openness

UNKEPT_REST = declare(
    "FC0406", "unkept-rest", "A format has no room for fields that the type does not name"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """``{…, ...}`` promises that other fields are kept; columns are named before the run."""
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        if known is None or not isinstance(node.binding, EndpointBinding):
            continue
        row = known.ports.get("out") if node.kind is NodeKind.SOURCE else known.row
        format = registry.format(node.binding.format) if node.binding.format else None
        if row is None or row.openness is not Openness.REST:
            continue
        if format is None or not format.keeps_rest:
            context.reporter.error(
                UNKEPT_REST,
                f"'{node.id}' cannot keep the fields that the type leaves open by `...`",
                node.span,
                notes=(
                    "its columns are named before anything runs",
                    "name the fields with `select`, or leave `...` out of the type",
                ),
            )
