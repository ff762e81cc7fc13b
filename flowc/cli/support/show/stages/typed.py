"""The graph with the record type on each edge."""

from __future__ import annotations

from flowc.cli.support.show.drawing import Arrow, Box, Drawing
from flowc.cli.support.show.flow import facts, port_label, row_on
from flowc.compile import Checked, Request
from flowc.model.graph import Node, NodeKind, NodeTypes, Pipeline, StageBinding, TypedPipeline


def about(node: Node) -> dict[str, object]:
    """What is known of a node without its types."""
    binding = node.binding
    kind = "connector" if node.kind is not NodeKind.STAGE else "operator"
    of = None
    if binding is not None:
        of = binding.operator if isinstance(binding, StageBinding) else binding.connector
    return {kind: of, "text": node.text, "place": node.span.place}


def _box(node: Node, types: NodeTypes | None) -> Box:
    errors = sorted(types.errors) if types is not None else None
    known = facts(types.facts) if types is not None else None
    held = [str(one) for one in types.held] if types is not None else None
    hint = [node.span.place]
    if errors:
        hint.append(f"can fail with {', '.join(errors)}")
    hint += [f"keeps {one}" for one in held or ()]
    if known:
        hint.append(known)
    return Box(
        node.id,
        node.kind.value,
        (node.text,),
        {**about(node), "errors": errors, "facts": known, "keeps": held},
        "\n".join(hint),
    )


def drawing(typed: TypedPipeline) -> Drawing:
    """A typed pipeline as a drawing."""
    pipeline = typed.pipeline
    return Drawing(
        pipeline.name,
        tuple(_box(node, typed.types.get(node.id)) for node in pipeline.nodes),
        tuple(
            Arrow(
                edge.source, edge.target, edge.port, port_label(pipeline, edge), row_on(typed, edge)
            )
            for edge in pipeline.edges
        ),
    )


def untyped(pipeline: Pipeline) -> Drawing:
    """A resolved pipeline as a drawing, without types."""
    return Drawing(
        pipeline.name,
        tuple(
            Box(node.id, node.kind.value, (node.text,), about(node), node.span.place)
            for node in pipeline.nodes
        ),
        tuple(
            Arrow(edge.source, edge.target, edge.port, port_label(pipeline, edge))
            for edge in pipeline.edges
        ),
        typed=False,
    )


def drawings(request: Request, checked: Checked) -> tuple[Drawing, ...]:
    """The typed pipelines."""
    return tuple(map(drawing, checked.typed))
