"""A pipeline as nodes and edges, and the same graph with its types.

The only module that imports networkx, and only inside the questions that need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from flowc.model.effects import ErrorSet, Facts, Held
from flowc.model.expr import Template
from flowc.model.source import Span
from flowc.model.tree import ClockSpec, PipelineTree, TypeExpr
from flowc.model.types import Record

if TYPE_CHECKING:
    import networkx


class NodeKind(Enum):
    SOURCE = "source"
    STAGE = "stage"
    SINK = "sink"


@dataclass(frozen=True, slots=True)
class EndpointBinding:
    """What a source or sink was bound to.

    ``options`` holds an instance of the connector's options class (of the runtime) with
    the values known at compile time; ``symbolic`` the options that a variable fills at
    start, by name. ``declared`` is the written record type, ``shown`` the endpoint as
    messages print it, secrets redacted. ``format`` names the codec and ``codec`` holds its
    keyword arguments that were written. ``found`` is what the symbolic options come to
    with the variables that are set now: only to find samples, never emitted.
    """

    connector: str
    options: object
    symbolic: Mapping[str, Template]
    declared: TypeExpr | None
    keys: tuple[tuple[str, ...], ...]
    clock: ClockSpec | None
    shown: str
    format: str = ""
    codec: Mapping[str, object] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StageBinding:
    """What a stage was bound to: an operator's entry and its arguments.

    ``operator`` is the canonical name, or ``processor`` for the user's own code, whose
    name is then the argument ``name``. ``arguments`` is a ``catalog.spec.Arguments``.
    """

    operator: str
    arguments: object


@dataclass(frozen=True, slots=True)
class Node:
    """``id`` is unique in the pipeline and is the node's name for people.

    ``text`` is the node as written, in one line, secrets redacted. ``named`` says that
    the user gave the name.
    """

    id: str
    kind: NodeKind
    binding: EndpointBinding | StageBinding | None
    text: str
    span: Span
    named: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From a node's port to an input of a node. Ports: ``out``, and ``0``, ``1``, …, ``else`` of
    the branches of tee and route. ``input`` is empty for the stream that a node works on, else the
    parameter that names another stream (``table``). Several edges into one input are its merge."""

    source: str
    target: str
    port: str = "out"
    input: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A resolved pipeline. ``nodes`` in the order written; a node with ``binding`` None is
    a hole that was reported.

    ``parts`` are the names of the pipelines it was joined from, since they share a source;
    empty for one by itself. ``version`` is what its file says, else empty.
    """

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    tree: PipelineTree
    parts: tuple[str, ...] = ()
    version: str = ""
    _by_id: dict[str, Node] = field(default_factory=dict, init=False, compare=False, repr=False)
    _into: dict[str, list[Edge]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _out_of: dict[str, list[Edge]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        for node in self.nodes:
            self._by_id[node.id] = node
        for edge in self.edges:
            self._into.setdefault(edge.target, []).append(edge)
            self._out_of.setdefault(edge.source, []).append(edge)

    def node(self, id: str) -> Node:
        return self._by_id[id]

    def into(self, id: str) -> tuple[Edge, ...]:
        """The edges into a node, in the order written."""
        return tuple(self._into.get(id, ()))

    def arriving(self, id: str, input: str = "") -> tuple[Edge, ...]:
        """The edges into one input of a node."""
        return tuple(edge for edge in self._into.get(id, ()) if edge.input == input)

    def out_of(self, id: str) -> tuple[Edge, ...]:
        return tuple(self._out_of.get(id, ()))

    def sources(self, id: str, input: str = "") -> frozenset[str]:
        """The sources of which records come to an input of a node, those of tables left aside."""
        waiting = [edge.source for edge in self.arriving(id, input)]
        found = set(waiting)
        while waiting:
            for edge in self.arriving(waiting.pop()):
                if edge.source not in found:
                    found.add(edge.source)
                    waiting.append(edge.source)
        return frozenset(id for id in found if self._by_id[id].kind is NodeKind.SOURCE)

    def _graph(self) -> networkx.DiGraph[str]:
        import networkx

        graph: networkx.DiGraph[str] = networkx.DiGraph()
        graph.add_nodes_from(node.id for node in self.nodes)
        graph.add_edges_from((edge.source, edge.target) for edge in self.edges)
        return graph

    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """One cycle for each strongly connected part that has one, as node ids in order."""
        if len(self.order()) == len(self.nodes):
            return ()
        import networkx

        graph = self._graph()
        place = {node.id: i for i, node in enumerate(self.nodes)}
        found: list[tuple[str, ...]] = []
        for part in networkx.strongly_connected_components(graph):
            start = min(part, key=lambda id: place[id])
            if len(part) > 1 or graph.has_edge(start, start):
                edges = networkx.find_cycle(graph.subgraph(part), start)
                found.append(tuple(edge[0] for edge in edges))
        return tuple(sorted(found))

    def order(self) -> tuple[Node, ...]:
        """The nodes, each behind those it reads from; ties in the order written.

        Nodes on a cycle, and those behind them, are left out. Kahn's algorithm with a heap:
        every command needs it, and importing networkx takes longer than all the rest.
        """
        place = {node.id: i for i, node in enumerate(self.nodes)}
        waits = dict.fromkeys(place, 0)
        for edge in self.edges:
            waits[edge.target] += 1
        ready = [place[id] for id, count in waits.items() if count == 0]
        found: list[Node] = []
        while ready:
            node = self.nodes[heappop(ready)]
            found.append(node)
            for edge in self._out_of.get(node.id, ()):
                waits[edge.target] -= 1
                if waits[edge.target] == 0:
                    heappush(ready, place[edge.target])
        return tuple(found)

    def only_behind(self, id: str, port: str) -> tuple[str, ...]:
        """The nodes that records reach by one port of a node and by no other way."""
        gone = {edge for edge in self.out_of(id) if edge.port == port}
        found: list[str] = []
        for node in self.order():
            into = self.into(node.id)
            if into and all(edge in gone for edge in into):
                found.append(node.id)
                gone.update(self.out_of(node.id))
        return tuple(found)

    def reachable(self) -> frozenset[str]:
        """The nodes that some source reaches, sources included."""
        return self._closure(
            [n.id for n in self.nodes if n.kind is NodeKind.SOURCE], self._out_of, forward=True
        )

    def consumed(self) -> frozenset[str]:
        """The nodes from which some sink is reached, sinks included."""
        return self._closure(
            [n.id for n in self.nodes if n.kind is NodeKind.SINK], self._into, forward=False
        )

    @staticmethod
    def _closure(
        start: list[str], edges: Mapping[str, list[Edge]], *, forward: bool
    ) -> frozenset[str]:
        found: set[str] = set(start)
        stack = list(start)
        while stack:
            for edge in edges.get(stack.pop(), ()):
                following = edge.target if forward else edge.source
                if following not in found:
                    found.add(following)
                    stack.append(following)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a node's output fields come from, by path.

    ``reads``: what its expressions read. ``carried``: output path -> input path, unchanged
    (of several that fit, the longest). ``computed``: output path -> the input paths it is
    made of. ``rest``: every other output field is the input field of that name. The empty path is
    the whole record. ``others``: the same for each input beside the stream, by its name.
    ``random``: the computed paths whose expression is not the same in every run.
    """

    reads: frozenset[tuple[str, ...]] = frozenset()
    carried: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    computed: Mapping[tuple[str, ...], frozenset[tuple[str, ...]]] = field(default_factory=dict)
    rest: bool = True
    random: frozenset[tuple[str, ...]] = frozenset()
    others: Mapping[str, Lineage] = field(default_factory=dict)

    def of(self, input: str) -> Lineage:
        """What an input has to do with the output."""
        return self.others.get(input, Lineage(rest=False)) if input else self

    def back(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """The input path that an output path is carried from; None where it is computed."""
        for size in range(len(path), 0, -1):
            prefix = path[:size]
            if prefix in self.computed:
                return None
            if prefix in self.carried:
                return (*self.carried[prefix], *path[size:])
        return path if self.rest else None


@dataclass(frozen=True, slots=True)
class NodeTypes:
    """What the checker found of one node.

    ``row`` is what comes in (None for a source); ``ports`` what leaves by each port;
    ``outcome`` is the operator's own typed arguments, which its lowering takes back.
    ``used`` are the paths of ``row`` that the unoptimised graph uses from here on. ``held`` is
    what it keeps in memory between records. ``others`` are the rows that come in by other inputs,
    ``others_used`` what is used of them.
    """

    row: Record | None
    ports: Mapping[str, Record]
    errors: ErrorSet
    facts: Facts
    lineage: Lineage
    outcome: object
    used: frozenset[tuple[str, ...]] = frozenset()
    held: tuple[Held, ...] = ()
    others: Mapping[str, Record] = field(default_factory=dict)
    others_used: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)

    def row_of(self, input: str) -> Record | None:
        """What comes in by an input."""
        return self.others.get(input) if input else self.row

    def used_of(self, input: str) -> frozenset[tuple[str, ...]]:
        """What is used of what comes in by an input."""
        return self.others_used.get(input, frozenset()) if input else self.used


@dataclass(frozen=True, slots=True)
class TypedPipeline:
    """A pipeline and what the checker found, by node id."""

    pipeline: Pipeline
    types: Mapping[str, NodeTypes]

    @property
    def name(self) -> str:
        return self.pipeline.name

    def row_on(self, edge: Edge) -> Record:
        """The record type on an edge."""
        return self.types[edge.source].ports[edge.port]
