"""A pipeline as a Mermaid flowchart."""

from __future__ import annotations

from flowc.cli.support.show.flow import brief, port_label, row_on
from flowc.model.graph import NodeKind, TypedPipeline

_SHAPES = {
    NodeKind.SOURCE: ("([", "])"),
    NodeKind.STAGE: ("[", "]"),
    NodeKind.SINK: ("[(", ")]"),
}


def _quoted(text: str) -> str:
    """Text in quotes; what Mermaid or HTML would read as its own becomes an entity."""
    return '"' + "".join(c if c.isalnum() or c in " .,:=_-/" else f"#{ord(c)};" for c in text) + '"'


def graph_mermaid(typed: TypedPipeline) -> str:
    """The pipeline as ``flowchart LR``, types on the edges."""
    pipeline = typed.pipeline
    names = {node.id: f"n{i}" for i, node in enumerate(pipeline.nodes)}
    lines = ["flowchart LR"]
    for node in pipeline.nodes:
        left, right = _SHAPES[node.kind]
        lines.append(f"  {names[node.id]}{left}{_quoted(node.text)}{right}")
    for edge in pipeline.edges:
        row = row_on(typed, edge)
        label = brief(row) if row is not None else "?"
        port = port_label(typed, edge)
        if port:
            label = f"{port}: {label}"
        lines.append(f"  {names[edge.source]} -->|{_quoted(label)}| {names[edge.target]}")
    return "\n".join(lines) + "\n"
