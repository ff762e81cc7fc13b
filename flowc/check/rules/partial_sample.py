"""A record type that was inferred from a part of the data, under ``--strict``."""

from __future__ import annotations

from flowc.catalog.spec import Sampled
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.graph import NodeKind, TypedPipeline
from flowc.types.show import show

PARTIAL_SAMPLE = declare(
    "FC0401", "partial-sample", "A type was inferred from a part of the records"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """Under --strict a source has a declared type, or one inferred from all its records."""
    if not context.strict:
        return
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        if node.kind is not NodeKind.SOURCE or known is None:
            continue
        sampled = known.outcome
        if not isinstance(sampled, Sampled) or sampled.whole:
            continue
        text = show(known.ports["out"])
        context.reporter.error(
            PARTIAL_SAMPLE,
            f"the type of '{node.id}' was inferred from a part of its records",
            node.span,
            at=sampled.evidence,
            notes=("a later record may disagree; --strict accepts a declared type",),
            fixes=(
                Fix(
                    f"declare it: `as {text}`",
                    (Edit(node.span.at_end(), f" as {text}"),),
                    Safety.UNSAFE,
                ),
            ),
        )
