"""A typed pipeline becomes a plan: a block for each node, then the passes in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from flowc.catalog import registry
from flowc.check.infer import reaches_sink_open
from flowc.check.merge import merged_clocks
from flowc.check.usage import restrict
from flowc.lower.passes.drop_constant_tests import drop_constant_tests
from flowc.lower.passes.fuse import fuse
from flowc.lower.passes.push_down import push_down
from flowc.lower.reading import read_in_order
from flowc.lower.settings import packages_of, settings_of
from flowc.model.effects import Clock
from flowc.model.graph import (
    Edge,
    EndpointBinding,
    Node,
    NodeKind,
    NodeTypes,
    StageBinding,
    TypedPipeline,
)
from flowc.model.plan import (
    Align,
    Block,
    Body,
    CallUser,
    Decode,
    Find,
    Link,
    Made,
    Merge,
    NodeInfo,
    Plan,
    Project,
    Pure,
    Read,
    Step,
    Write,
)
from flowc.model.project import NamedType, ProcessorCode
from flowc.model.typed import Column, Typed, Widen
from flowc.model.types import JSON, Field, Record, nullable
from flowc.types.subtype import changes_value

if TYPE_CHECKING:
    from flowc.catalog.inputs import Table
    from flowc.catalog.spec import Remembering

#: In this order. To debug one, pass a shorter tuple to ``plan``; ``push_down`` must stay, for
#: a source decodes only what is used.
PASSES: tuple[Callable[[Plan], Plan], ...] = (push_down, drop_constant_tests, fuse)


def plan(
    typed: TypedPipeline,
    *,
    source_name: str,
    digest: str,
    types: Mapping[str, NamedType] | None = None,
    passes: tuple[Callable[[Plan], Plan], ...] = PASSES,
) -> Plan:
    """The plan of a pipeline that has no error.

    Args:
        source_name: how generated comments call the file.
        digest: sha256 of all that the pipeline was made from.
        types: the project's named types.
    """
    draft = _Draft(typed)
    for node in typed.pipeline.order():
        draft.add(node)
    found = Plan(
        name=typed.name,
        blocks=tuple(draft.blocks),
        links=tuple(draft.links),
        nodes=tuple(_info(node, typed.types[node.id]) for node in typed.pipeline.order()),
        settings=settings_of(draft.blocks),
        packages=tuple(sorted(draft.packages | packages_of(draft.blocks))),
        processors=_processors(draft.blocks),
        source_name=source_name,
        digest=digest,
        types={name: named.type for name, named in (types or {}).items()},
        version=typed.pipeline.version,
    )
    found = read_in_order(found)
    for pass_ in passes:
        found = pass_(found)
    return found


def _info(node: Node, types: NodeTypes) -> NodeInfo:
    return NodeInfo(node.id, node.kind.value, node.span.place, node.text, types.errors)


class _Draft:
    def __init__(self, typed: TypedPipeline) -> None:
        self.typed = typed
        self.blocks: list[Block] = []
        self.links: list[Link] = []
        self.packages: set[str] = set()

    def add(self, node: Node) -> None:
        types = self.typed.types[node.id]
        self._connect(node, types)
        match node.kind, node.binding:
            case NodeKind.SOURCE, EndpointBinding() as binding:
                self._read(node, types, binding)
            case NodeKind.SINK, EndpointBinding() as binding:
                assert types.row is not None
                body = Write(
                    node.id,
                    self._module(binding),
                    binding.options,
                    binding.symbolic,
                    binding.format,
                    types.row,
                    binding.codec,
                )
                self._block(node.id, body, types.row, {})
            case NodeKind.STAGE, StageBinding() as stage:
                self._stage(node, types, stage)

    def _block(self, id: str, body: Body, row: Record | None, rows: Mapping[str, Record]) -> None:
        nodes = () if isinstance(body, Merge) or "~" in id else (id,)
        self.blocks.append(Block(id, body, nodes, row, rows))

    def _module(self, binding: EndpointBinding) -> str:
        connector = registry.connector(binding.connector)
        assert connector is not None
        self.packages.update(connector.requirements(binding))
        return connector.runtime_module(binding)

    def _read(self, node: Node, types: NodeTypes, binding: EndpointBinding) -> None:
        row = types.ports["out"]
        whole = reaches_sink_open(self.typed.pipeline, self.typed.types, node.id)
        record = _known(row, types.used) if whole else restrict(row, types.used)
        inside = frozenset(
            field.name
            for field in record.fields
            if (field.name,) in types.used
            and reaches_sink_open(self.typed.pipeline, self.typed.types, node.id, (field.name,))
        )
        format = registry.format(binding.format)
        codec = format.decoding(binding.codec, row) if format is not None else binding.codec
        decode = Decode(binding.format, record, whole, codec, inside)
        body = Read(node.id, self._module(binding), binding.options, binding.symbolic, decode)
        self._block(node.id, body, None, {"out": record})

    def _stage(self, node: Node, types: NodeTypes, stage: StageBinding) -> None:
        from flowc.catalog.inputs import Finding
        from flowc.catalog.spec import LowerContext, Remembering

        operator = registry.operator(stage.operator)
        assert operator is not None
        assert types.row is not None
        context = LowerContext(node, types.row, types.ports, types.others)
        lowered = operator.lower(types.outcome, context)
        body: Body
        match lowered:
            case Remembering():
                self._remembering(node, types.row, types.ports, lowered)
                return
            case Finding(tables=tables):
                ids = {input: self._table(node, types, input, tables[input]) for input in tables}
                body = Pure(tuple(_found_in(step, ids) for step in lowered.steps))
                self.links.extend(Link(id, "out", node.id, input) for input, id in ids.items())
            case tuple():
                body = Pure(lowered)
            case _:
                body = lowered
        self._block(node.id, body, types.row, types.ports)

    def _table(self, node: Node, types: NodeTypes, input: str, table: Table) -> str:
        """The block of a table, behind one of the steps before it; its id."""
        id = _input_block(node, input)
        row = types.others[input]
        if table.before:
            first = f"{id}~before"
            self._lead(id, first)
            self.blocks.append(
                Block(first, Pure(table.before), (node.id,), row, {"out": table.takes})
            )
            self.links.append(Link(first, "out", id))
        body = replace(table.state, prepared=bool(table.before))
        self._block(id, body, table.takes, {"out": table.gives})
        return id

    def _lead(self, target: str, first: str) -> None:
        """Make the links that lead to a block lead to one before it."""
        self.links = [
            replace(link, target=first) if link.target == target else link for link in self.links
        ]

    def _remembering(
        self, node: Node, row: Record, ports: Mapping[str, Record], parts: Remembering
    ) -> None:
        """An operator with state and the pure steps around it, a block for each part.

        The last block has the node's id, for what reads from it; the first one takes over
        the links that lead there.
        """
        names = [
            *([f"{node.id}~before"] if parts.before else []),
            f"{node.id}~state" if parts.after else node.id,
            *([node.id] if parts.after else []),
        ]
        self._lead(node.id, names[0])
        state = replace(parts.state, prepared=bool(parts.before))
        taken = parts.takes if parts.before else row
        given = parts.gives if parts.after else ports["out"]
        made: list[tuple[Body, Record, Mapping[str, Record]]] = [(state, taken, {"out": given})]
        if parts.before:
            made.insert(0, (Pure(parts.before), row, {"out": taken}))
        if parts.after:
            made.append((Pure(parts.after), given, ports))
        for index, (name, (body, into, out)) in enumerate(zip(names, made, strict=True)):
            self.blocks.append(Block(name, body, (node.id,) if index == 0 else (), into, out))
        self.links.extend(Link(one, "out", next) for one, next in pairwise(names))

    def _connect(self, node: Node, types: NodeTypes) -> None:
        for input in ("", *types.others):
            self._connect_input(node, types, input)

    def _connect_input(self, node: Node, types: NodeTypes, input: str) -> None:
        edges = self.typed.pipeline.arriving(node.id, input)
        target = _input_block(node, input)
        if len(edges) <= 1:
            self.links.extend(Link(edge.source, edge.port, target) for edge in edges)
            return
        row = types.row_of(input)
        assert row is not None
        merge = f"{target}~merge"
        body = self._joint(node, input)
        for number, edge in enumerate(edges):
            link = self._widened(edge, row, f"{target}~{number}", merge)
            if body.clock:
                align = f"{merge}~{number}"
                self._block(align, Align(node.id, merge, number), row, {"out": row})
                self.links.append(replace(link, target=align))
                link = Link(align, "out", merge)
            self.links.append(link)
        self._block(merge, body, row, {"out": row})
        self.links.append(Link(merge, "out", target))

    def _joint(self, node: Node, input: str) -> Merge:
        """How several streams become one."""
        clocks = () if input else merged_clocks(self.typed.pipeline, self.typed.types, node)
        return Merge(clocks[0].field, tuple(map(_lane, clocks))) if clocks else Merge()

    def _widened(self, edge: Edge, row: Record, id: str, merge: str) -> Link:
        """The link of one stream into a merge, made into the merged record on the way."""
        if self.typed.row_on(edge) == row or row.members is not None:
            return Link(edge.source, edge.port, merge)
        before = self.typed.row_on(edge)
        columns = tuple(
            (field.name, _as(field, old))
            for field in row.fields
            if (old := before.field(field.name)) is not None
        )
        step = Project(edge.source, columns, row)
        self._block(id, Pure((step,)), before, {"out": row})
        self.links.append(Link(edge.source, edge.port, id))
        return Link(id, "out", merge)


def _lane(clock: Clock) -> Made:
    """How the stream of a clock is read where it is merged with others."""
    sizes = (("lag", clock.lag or None), ("idle", clock.idle))
    return Made(
        "state.merging",
        "Lane",
        tuple((name, timedelta(microseconds=size)) for name, size in sizes if size is not None),
    )


def _input_block(node: Node, input: str) -> str:
    """The block at which an input of a node arrives."""
    return f"{node.id}~{input}" if input else node.id


def _found_in(step: Step, tables: Mapping[str, str]) -> Step:
    return replace(step, table=tables[step.table]) if isinstance(step, Find) else step


def _as(field: Field, old: Field) -> Typed:
    """The column of one stream as the merged record has it."""
    held = nullable(old.type) if old.optional else old.type
    column = Column((old.name,), held, present=not old.optional)
    return Widen(column, field.type) if changes_value(old.type, field.type) else column


def _known(row: Record, used: frozenset[tuple[str, ...]]) -> Record:
    """All fields of an inferred record whose unseen fields are errors.

    Those that nobody uses are known but not enforced.
    """
    kept = {field.name: field for field in restrict(row, used).fields}
    return replace(
        row,
        fields=tuple(
            field if field.name in kept else Field(field.name, JSON, optional=True)
            for field in row.fields
        ),
    )


def _processors(blocks: list[Block]) -> tuple[ProcessorCode, ...]:
    found = {
        block.body.processor.name: block.body.processor
        for block in blocks
        if isinstance(block.body, CallUser)
    }
    return tuple(found[name] for name in sorted(found))
