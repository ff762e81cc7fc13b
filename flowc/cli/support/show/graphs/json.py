"""Drawings as JSON values: nodes, edges and the types on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flowc.cli.support.show.drawing import Arrow, Drawing
from flowc.cli.support.terminal import Terminal
from flowc.model.types import Record
from flowc.types.show import show


def record_object(record: Record | None) -> dict[str, Any] | None:
    """A record type as a JSON value."""
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


def _edge(arrow: Arrow, typed: bool) -> dict[str, Any]:
    found = {
        "from": arrow.source,
        "port": arrow.port,
        "when": arrow.when or None,
        "to": arrow.target,
    }
    return {**found, "record": record_object(arrow.row)} if typed else found


def graph_object(drawing: Drawing) -> dict[str, Any]:
    """``{name, nodes, edges}``; a type is null where the checker did not get there."""
    return {
        "name": drawing.name,
        "nodes": [{"id": box.id, "kind": box.kind, **box.about} for box in drawing.boxes],
        "edges": [_edge(arrow, drawing.typed) for arrow in drawing.arrows],
    }


def draw(drawings: Sequence[Drawing], terminal: Terminal) -> str:
    """``{pipelines: [{name, nodes, edges}]}``."""
    return json.dumps({"pipelines": list(map(graph_object, drawings))}, indent=2) + "\n"
