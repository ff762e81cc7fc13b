"""A ``batch`` whose groups reach nothing that is given records at once."""

from __future__ import annotations

from flowc.catalog import registry
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.graph import Node, NodeKind, StageBinding, TypedPipeline

NO_EFFECT = declare(
    "FC0394", "batch-without-effect", "A `batch` says nothing to a sink or a remote step"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """The groups of a batch must reach a sink, or a remote step, as they are."""
    for node in typed.pipeline.nodes:
        if _operator(node) == "batch" and node.id in typed.types:
            ends = _takers(node, typed)
            if ends and not any(_is_given_batches(end) for end in ends):
                context.reporter.error(
                    NO_EFFECT,
                    "this `batch` has no effect",
                    node.span,
                    at=f"`{ends[0].text}` groups the records anew",
                    notes=("put it right before the sink or the remote step that it is for",),
                )


def _takers(node: Node, typed: TypedPipeline) -> list[Node]:
    """The first nodes behind one that are given records at once, or group them anew."""
    found: list[Node] = []
    waiting, seen = [node.id], {node.id}
    while waiting:
        for edge in typed.pipeline.out_of(waiting.pop()):
            target = typed.pipeline.node(edge.target)
            if target.id in seen:
                continue
            seen.add(target.id)
            operator = registry.operator(_operator(target)) if _operator(target) else None
            if _is_given_batches(target) or (operator is not None and operator.regroups):
                found.append(target)
            else:
                waiting.append(target.id)
    return found


def _is_given_batches(node: Node) -> bool:
    operator = registry.operator(_operator(node))
    return node.kind is NodeKind.SINK or (operator is not None and operator.remote)


def _operator(node: Node) -> str:
    return node.binding.operator if isinstance(node.binding, StageBinding) else ""
