"""What is read into tables, and by which node."""

from __future__ import annotations

from .records import Node
from .segments import Pipeline, SinkSegment, Stateful, Tabulate

__all__ = ["fills_tables", "table_of"]


def table_of(pipeline: Pipeline, name: str) -> Node | None:
    """The node whose table waits for the end of the segment `name`, if there is one."""
    segment = pipeline.segments[name]
    if isinstance(segment, Tabulate):
        return next(node for node in pipeline.nodes if node.name == segment.node)
    if isinstance(segment, Stateful):
        return None
    found = (table_of(pipeline, target) for target in pipeline.targets(name))
    return next((node for node in found if node is not None), None)


def fills_tables(pipeline: Pipeline, name: str) -> bool:
    """Whether all that comes of the segment `name` goes into tables."""
    segment = pipeline.segments[name]
    if isinstance(segment, SinkSegment | Tabulate):
        return isinstance(segment, Tabulate)
    return all(fills_tables(pipeline, target) for target in pipeline.targets(name))
