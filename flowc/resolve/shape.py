"""Checks the shape of a graph: circles, nodes that nothing reaches or that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog import registry
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.graph import EndpointBinding, Node, NodeKind, Pipeline
from flowc.resolve.graph import CYCLE

UNREACHABLE = declare("FC0261", "unreachable-node", "No record ever reaches a node")
UNCONSUMED = declare("FC0262", "unconsumed-node", "Nothing takes the records of a node")
SHARED_SINK = declare("FC0269", "shared-sink", "Two sinks would write over each other")


def check_shape(pipeline: Pipeline, reporter: Reporter, *, whole: bool) -> None:
    """Report what is wrong with the graph as a whole, each fault once.

    ``whole`` is false where an end or an edge is known to be missing: then nothing is said
    of what hangs in the air behind it.
    """
    if _is_straight(pipeline) or _report_cycles(pipeline, reporter) or not whole:
        return
    reached, consumed = pipeline.reachable(), pipeline.consumed()
    for node in pipeline.nodes:
        if node.id not in reached and not pipeline.into(node.id):
            _unreachable(node, reporter)
        elif node.id not in consumed and not pipeline.out_of(node.id):
            _unconsumed(node, reporter)


def _is_straight(pipeline: Pipeline) -> bool:
    """Whether the nodes are one chain from a source to a sink: nothing can be wrong."""
    nodes = pipeline.nodes
    if not nodes or nodes[0].kind is not NodeKind.SOURCE or nodes[-1].kind is not NodeKind.SINK:
        return False
    if len(pipeline.edges) != len(nodes) - 1:
        return False
    return all(
        edge.source == before.id and edge.target == after.id
        for edge, before, after in zip(pipeline.edges, nodes, nodes[1:])
    )


def _report_cycles(pipeline: Pipeline, reporter: Reporter) -> bool:
    """Whether there are circles; each is reported by its nodes."""
    cycles = pipeline.cycles()
    for cycle in cycles:
        first = pipeline.node(cycle[0])
        others = [pipeline.node(id) for id in cycle[1:]]
        reporter.error(
            CYCLE,
            f"the pipeline runs in a circle: {' → '.join((*cycle, cycle[0]))}",
            first.span,
            labels=tuple(Label(node.span, f"'{node.id}'") for node in others),
            notes=("records flow one way, from sources to sinks",),
        )
    return bool(cycles)


def check_sinks(pipelines: Sequence[Pipeline], reporter: Reporter) -> None:
    """Report sinks of a file's pipelines that would write over each other."""
    first: dict[tuple[str, str], Node] = {}
    for node in (node for pipeline in pipelines for node in pipeline.nodes):
        binding = node.binding
        if node.kind is not NodeKind.SINK or not isinstance(binding, EndpointBinding):
            continue
        connector = registry.connector(binding.connector)
        if connector is None or not connector.exclusive:
            continue
        key = (binding.connector, f"{binding.options} {sorted(binding.symbolic.items())}")
        other = first.setdefault(key, node)
        if other is not node:
            reporter.error(
                SHARED_SINK,
                f"two sinks write to {binding.shown}",
                node.span,
                labels=(Label(other.span, "the first"),),
                notes=("each would write over the other; merge what flows into them",),
            )


def _unreachable(node: Node, reporter: Reporter) -> None:
    reporter.error(
        UNREACHABLE,
        f"no record reaches '{node.id}'",
        node.span,
        notes=(
            "every branch before it ends in a sink; let one flow on, or leave this out"
            if node.kind is NodeKind.SINK
            else "it reads from nothing; say which with `from:`",
        ),
    )


def _unconsumed(node: Node, reporter: Reporter) -> None:
    what = "source" if node.kind is NodeKind.SOURCE else "step"
    reporter.error(
        UNCONSUMED,
        f"nothing takes the records of '{node.id}'",
        node.span,
        notes=(f"let a sink or another step read this {what}: `from: {node.id}`",),
    )
