"""The type flow in one line: what a record is called, from source to sink."""

from __future__ import annotations

from flowc.model.graph import NodeKind, TypedPipeline
from flowc.model.types import Record
from flowc.types.show import show_name


def type_flow(typed: TypedPipeline) -> tuple[str, ...]:
    """The record types from the sources to the sinks, each once where it changes.

    A record without a name shows its first fields.
    """
    shown: list[str] = []
    for node in typed.pipeline.order():
        known = typed.types.get(node.id)
        if known is None or node.kind is NodeKind.SINK:
            continue
        for row in known.ports.values():
            text = record_label(row)
            if text not in shown:
                shown.append(text)
    return tuple(shown)


def record_label(row: Record, most: int = 4) -> str:
    """The record's name, or its first fields: ``{id, amount, …}``."""
    if row.name is not None:
        return row.name
    names = [show_name(name) for name in row.names[:most]]
    return "{" + ", ".join([*names, *(["…"] if len(row.names) > most else [])]) + "}"
