"""A pipeline as JSON values: nodes, edges and the types on them."""

from __future__ import annotations

from typing import Any

from flowc.cli.support.show.flow import facts, port_label, row_on
from flowc.model.graph import NodeKind, StageBinding, TypedPipeline
from flowc.model.types import Record
from flowc.types.show import show


def _record(record: Record | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {
        "name": record.name,
        "type": show(record),
        "fields": [
            {"name": field.name, "type": show(field.type), "optional": field.optional}
            for field in record.fields
        ],
    }


def graph_object(typed: TypedPipeline) -> dict[str, Any]:
    """``{name, nodes, edges}``; a type is null where the checker did not get there."""
    pipeline = typed.pipeline
    nodes: list[dict[str, Any]] = []
    for node in pipeline.nodes:
        types = typed.types.get(node.id)
        binding = node.binding
        kind = "connector" if node.kind is not NodeKind.STAGE else "operator"
        of = None
        if binding is not None:
            of = binding.operator if isinstance(binding, StageBinding) else binding.connector
        nodes.append(
            {
                "id": node.id,
                "kind": node.kind.value,
                kind: of,
                "text": node.text,
                "place": node.span.place,
                "errors": sorted(types.errors) if types is not None else None,
                "facts": facts(types.facts) if types is not None else None,
                "keeps": [str(held) for held in types.held] if types is not None else None,
            }
        )
    edges = [
        {
            "from": e.source,
            "port": e.port,
            "when": port_label(typed, e) or None,
            "to": e.target,
            "record": _record(row_on(typed, e)),
        }
        for e in pipeline.edges
    ]
    return {"name": pipeline.name, "nodes": nodes, "edges": edges}
