"""Pipelines of one file that read the same source become one graph, in which it is read once.

A node that they share (a source, a named stream) stands there once and keeps its name; every
other one is called by its pipeline, too: ``large.filter``. They run together, and are built as
one project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flowc.model.graph import Edge, EndpointBinding, Node, NodeKind, Pipeline
from flowc.resolve.graph import Origin

#: What makes two nodes of different pipelines the same one.
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A pipeline of a file; ``origins`` are those of its nodes that belong to a stream."""

    pipeline: Pipeline
    origins: Mapping[str, Origin]


def join(parts: Sequence[Part], file: str) -> tuple[Pipeline, ...]:
    """The pipelines, those that share a source as one.

    Args:
        file: what a graph of all pipelines of the file is called.
    """
    bindings: list[EndpointBinding] = []
    keys = [dict(_keys(part, bindings)) for part in parts]
    groups = _groups(keys)
    made: list[Pipeline] = []
    for group in groups:
        if len(group) == 1:
            made.append(parts[group[0]].pipeline)
            continue
        pipelines = [parts[index].pipeline for index in group]
        names = tuple(pipeline.name for pipeline in pipelines)
        joint = _Joint()
        for index, pipeline in zip(group, pipelines, strict=True):
            joint.add(pipeline, keys[index])
        versions = {pipeline.version for pipeline in pipelines}
        first = replace(
            pipelines[0],
            name=file if len(group) == len(parts) else "-".join(names)[:100],
            nodes=tuple(joint.nodes),
            edges=tuple(joint.edges),
            parts=names,
        )
        made.append(first if len(versions) == 1 else replace(first, version=""))
    return tuple(made)


def _keys(part: Part, bindings: list[EndpointBinding]) -> Iterator[tuple[str, _Key]]:
    """For each node that may be shared, by its id, what it is known by.

    A pipeline that reads a source twice has two nodes for it, and goes on having them.
    """
    counts: dict[_Key, int] = {}
    for node in part.pipeline.nodes:
        key: _Key | None = None
        if node.kind is NodeKind.SOURCE and isinstance(node.binding, EndpointBinding):
            key = ("source", _number(replace(node.binding, shown=""), bindings))
        elif node.id in part.origins:
            origin = part.origins[node.id]
            key = ("stream", origin.stream, origin.number)
        if key is not None:
            counts[key] = counts.get(key, 0) + 1
            yield node.id, (*key, counts[key])


def _number(binding: EndpointBinding, known: list[EndpointBinding]) -> int:
    """The number of a binding among those known; its options cannot be hashed."""
    if binding not in known:
        known.append(binding)
    return known.index(binding)


def _groups(keys: Sequence[Mapping[str, _Key]]) -> list[list[int]]:
    """The pipelines that hang together by what they share, in order of the first of each."""
    groups: list[tuple[set[_Key], list[int]]] = []
    for index, own in enumerate(keys):
        shared = set(own.values())
        members = [index]
        apart: list[tuple[set[_Key], list[int]]] = []
        for group in groups:
            if group[0].isdisjoint(shared):
                apart.append(group)
            else:
                shared |= group[0]
                members += group[1]
        groups = [*apart, (shared, sorted(members))]
    return sorted(members for _, members in groups)


@dataclass(slots=True)
class _Joint:
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    _shared: dict[_Key, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def add(self, pipeline: Pipeline, keys: Mapping[str, _Key]) -> None:
        ids: dict[str, str] = {}
        fresh: set[str] = set()
        for node in pipeline.nodes:
            key = keys.get(node.id)
            if key is not None and key in self._shared:
                ids[node.id] = self._shared[key]
                continue
            name = node.id if key is not None else f"{pipeline.name}.{node.id}"
            ids[node.id] = self._take(name)
            fresh.add(node.id)
            if key is not None:
                self._shared[key] = ids[node.id]
            self.nodes.append(replace(node, id=ids[node.id]))
        for edge in pipeline.edges:
            # What leads into a shared node is there already.
            if edge.target in fresh:
                ends = {"source": ids[edge.source], "target": ids[edge.target]}
                self.edges.append(replace(edge, **ends))

    def _take(self, name: str) -> str:
        id, count = name, 1
        while id in self._taken:
            count += 1
            id = f"{name}-{count}"
        self._taken.add(id)
        return id
