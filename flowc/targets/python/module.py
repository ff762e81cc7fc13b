"""A plan as the contents of ``pipeline.py``: its functions, segments and links."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Mapping
from pathlib import PurePosixPath
from typing import assert_never

from flowc.lower.reading import Flows
from flowc.model.plan import (
    Align,
    Block,
    CallProgram,
    CallRuntime,
    CallUser,
    Fork,
    Hold,
    Judge,
    Keep,
    Link,
    Merge,
    Plan,
    Pure,
    Read,
    Route,
    Tabulate,
    Write,
)
from flowc.model.types import Record
from flowc.targets.base import EmissionError
from flowc.targets.names import Names, identifier
from flowc.targets.python.imports import Imports
from flowc.targets.python.predict import reserved_names
from flowc.targets.python.records import RecordClass, RecordClasses, shape
from flowc.targets.python.routes import route_function
from flowc.targets.python.slots import made_record, slots_of
from flowc.targets.python.stages import Stage, StageWriter, TableView
from flowc.targets.python.syntax import strings, tuple_of
from flowc.targets.python.views import NodeView, PipelineView, SegmentView, SettingView
from flowc.targets.python.wiring import Wiring
from flowc.types.members import joined, row_of


class PipelineModule:
    """A plan, block by block. ``settings`` are those of the plan, by variable.

    ``sources`` tells the class that each source segment reads, ``takes`` the one that each
    stage function takes.
    """

    def __init__(self, plan: Plan, settings: Mapping[str, SettingView]) -> None:
        self.plan = plan
        self.imports = Imports()
        self.names = Names(reserved_names(plan))
        self.classes = RecordClasses(self.names, plan.types)
        self.modules = _processor_modules(plan, self.names)
        self.stages: list[Stage] = []
        self.takes: dict[str, RecordClass] = {}
        self.sources: dict[str, RecordClass] = {}
        self.segments: list[SegmentView] = []
        self.links: list[tuple[str, str]] = []
        attributes = {variable: setting.attribute for variable, setting in settings.items()}
        self._writer = StageWriter(self.imports, self.classes, attributes, plan.nodes, self.names)
        self._wiring = Wiring(self.imports, self.classes, settings, plan.nodes, self.names)
        self._given: dict[tuple[str, str], RecordClass] = {}
        self._merge_names: dict[str, str] = {}
        self._merges: dict[str, SegmentView] = {}
        self._blocks = {block.id: block for block in plan.blocks}
        self._into: dict[str, list[Link]] = {}
        self._out_of: dict[str, list[Link]] = {}
        for link in plan.links:
            self._into.setdefault(link.target, []).append(link)
            self._out_of.setdefault(link.source, []).append(link)
        self._sinks: dict[Hashable, str] = {}
        for block in plan.blocks:
            if isinstance(block.body, Write):
                self._sinks.setdefault(shape(block.body.record), block.body.node)
        for block in plan.blocks:
            self._block(block)

    def view(self) -> PipelineView:
        """What the template prints."""
        functions = (*self._wiring.functions, *(stage.function for stage in self.stages))
        for function in functions:
            self._import_types(function.arguments)
            self._import_types(function.returns)
            for part in function.parts:
                for statement in part.statements:
                    self._import_types(statement)
        for table in self.tables.values():
            self._import_types(table.made)
        for segment in (*self._merges.values(), *self.segments):
            self._import_types(segment.value)
        for constant in self._writer.constants.statements:
            self._import_types(constant)
        self.imports.runtime("records", "Node")
        self.imports.runtime("segments", "Pipeline")
        self.imports.runtime("segments", "Segment")
        self.imports.runtime("environment", "Environment")
        self.imports.name(".settings", "Settings")
        return PipelineView(
            title=f"The stages of {self.plan.name} and how they are joined.",
            name=self.plan.name,
            digest=self.plan.digest,
            imports=self.imports.views(),
            constants=self._writer.constants.statements,
            nodes=tuple(NodeView(n.id, n.kind, n.place, n.text) for n in self.plan.nodes),
            functions=functions,
            shared=(
                *(SegmentView(t.name, t.made) for t in self.tables.values()),
                *self._merges.values(),
            ),
            segments=tuple(self.segments),
            links=tuple_of(strings(link) for link in self.links),
        )

    @property
    def tables(self) -> Mapping[str, TableView]:
        """The tables that functions read, by what code calls them."""
        return {table.name: table for table in self._writer.tables.values()}

    @property
    def keyed(self) -> frozenset[str]:
        """The sources of which records come into a table where no two may share a key."""
        flows = Flows(self.plan)
        found = frozenset[str]()
        for block in self.plan.blocks:
            if isinstance(block.body, Tabulate) and block.body.name == "UniqueTable":
                found |= flows.sources_of(block.id)
        return found

    @property
    def function_names(self) -> frozenset[str]:
        """The names of all functions of the module."""
        functions = (*self._wiring.functions, *(stage.function for stage in self.stages))
        return frozenset(function.name for function in functions)

    def _import_types(self, tree: ast.AST) -> None:
        """Import the record classes that a piece of code names."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in self.classes.class_names:
                self.imports.name(".types", node.id)

    def _block(self, block: Block) -> None:
        segment = self._segment(block)
        self.segments.append(SegmentView(block.id, segment))
        if not isinstance(block.body, Route):
            self.links += [
                (link.source, link.target)
                for link in self._out_of.get(block.id, ())
                if not link.input
            ]

    def _segment(self, block: Block) -> ast.expr:
        match block.body:
            case Read(node=node, decode=decode) as body:
                doc = f"What {node} reads: the fields that are used."
                record = self.classes.declare(
                    decode.record, node, doc, whole=decode.whole, inside=decode.inside
                )
                self._gives(block, record)
                self.sources[block.id] = record
                return self._wiring.source(body, record)
            case Write() as body:
                return self._wiring.sink(body, self._taken(block))
            case Pure() as body:
                return self._pure(block, body)
            case CallRuntime() as body:
                takes = self._taken(block)
                gives = self._made(block, block.rows["out"]) if body.makes else takes
                self._gives(block, gives)
                judging = self._judging(body.node, body.judge) if body.judge is not None else ()
                return self._wiring.state(body, takes, gives, judging)
            case Tabulate() as body:
                return self._tabulate(block, body)
            case Hold() as body:
                record = self._taken(block)
                self._gives(block, record)
                return self._wiring.hold(body, record)
            case CallUser(processor=processor) as body:
                gives = self._made(block, block.rows["out"])
                self._gives(block, gives)
                return self._wiring.user(body, self.modules[processor.file], gives)
            case CallProgram() as body:
                gives = self._made(block, body.gives)
                self._gives(block, gives)
                return self._wiring.program(body, self._taken(block), gives)
            case Fork(node=node):
                self._gives(block, self._taken(block))
                return self._wiring.fork(node)
            case Route() as body:
                return self._route(block, body)
            case Align() as body:
                self._gives(block, self._taken(block))
                return self._wiring.align(body, self._merge_name(body.merge, body.node))
            case Merge() as body:
                record = self._merged(block)
                self._gives(block, record)
                if body.clock:
                    made = self._wiring.by_clock(body, record)
                    self._merges[block.id] = SegmentView(self._merge_names[block.id], made)
                return self._wiring.merge()
            case _:
                assert_never(block.body)

    def _merge_name(self, merge: str, node: str) -> str:
        """What code calls the state that the streams of a merge have in common."""
        if merge not in self._merge_names:
            self._merge_names[merge] = self.names.variable(f"before_{node}", "merged")
        return self._merge_names[merge]

    def _tabulate(self, block: Block, body: Tabulate) -> ast.expr:
        takes = self._taken(block)
        # What is found becomes part of other records, which know its shape alone.
        gives = self.classes.of(takes.record)
        if body.converts:
            gives = self._made(block, block.rows["out"])
        self._gives(block, gives)
        kind = self.imports.runtime(body.module, body.name)
        made = self._wiring.table(body, kind, takes, gives)
        table = TableView(self.names.variable(body.called, "table"), kind, takes, gives, made)
        self._writer.tables[block.id] = table
        reader = next(link.target for link in self._out_of[block.id] if link.input)
        return self._wiring.tabulate(body, table.name, reader)

    def _pure(self, block: Block, body: Pure) -> ast.expr:
        name = self.names.variable(_function_name(block), "stage")
        takes = self._taken(block)
        stage = self._writer.fused(
            name,
            body.steps,
            block.nodes,
            takes,
            block.rows["out"],
            lambda row, untouched: (
                takes
                if untouched and not self._reads_types(block, "out")
                else self._made(block, row)
            ),
        )
        self._keep(stage, takes)
        self._gives(block, stage.gives)
        return self._wiring.fused(name, block.nodes, stage.reads)

    def _judging(self, node: str, judge: Judge) -> tuple[ast.expr, ...]:
        """The class of what is found, and a function that keeps it for each condition."""
        doc = f"What {node} finds in all of its records."
        found = self.classes.declare(judge.record, f"{node}_found", doc)
        made: list[ast.expr] = [ast.Name(found.name)]
        for condition in judge.conditions:
            name = self.names.variable(f"{node}_holds", "holds")
            step = Keep(node, condition)
            stage = self._writer.fused(
                name, (step,), (node,), found, judge.record, lambda row, untouched: found
            )
            self._keep(stage, found)
            made.append(self._wiring.function(name, stage.reads))
        return tuple(made)

    def _route(self, block: Block, body: Route) -> ast.expr:
        takes = self._taken(block)
        name = self.names.variable(body.node, "route")
        self._gives(block, takes)
        slots = slots_of(takes)
        narrowed: dict[str, RecordClass] = {}
        for port, row in block.rows.items():
            made = made_record(row, slots, self.classes)
            narrower = (
                shape(made) != shape(takes.record)
                if made.members is not None
                else any(shape(f.type) != shape(slots[f.name].type) for f in made.fields)
            )
            if narrower and self._reads_types(block, port):
                doc = f"What leaves {body.node} by branch {port}."
                record = self.classes.declare(made, f"{body.node}_branch_{port}", doc)
                narrowed[port] = self._given[block.id, port] = record
        stage, ports = route_function(self._writer, name, body, takes, narrowed)
        self._keep(stage, takes)
        targets: list[str | None] = []
        for port in ports:
            behind = [link for link in self._out_of.get(block.id, ()) if link.port == port]
            if len(behind) <= 1:
                targets.append(behind[0].target if behind else None)
                continue
            # A branch leads to one segment; a joint hands on to several.
            joint = f"{block.id}~{port}"
            targets.append(joint)
            self.segments.append(SegmentView(joint, self._wiring.merge()))
            self.links += [(joint, link.target) for link in behind]
        return self._wiring.route(name, targets, body.node, stage.reads)

    def _keep(self, stage: Stage, takes: RecordClass) -> None:
        self.stages.append(stage)
        self.takes[stage.function.name] = takes

    def _gives(self, block: Block, record: RecordClass) -> None:
        """Note the class of the records that leave a block, by every port."""
        for port in block.rows:
            self._given[block.id, port] = record

    def _taken(self, block: Block) -> RecordClass:
        """The class of the records that come into a block."""
        for link in self._into.get(block.id, ()):
            if not link.input:
                return self._given[link.source, link.port]
        raise EmissionError(f"nothing leads to {block.id}")

    def _merged(self, block: Block) -> RecordClass:
        """The class of the records of several streams: members of one union may come apart."""
        given = [self._given[link.source, link.port] for link in self._into.get(block.id, ())]
        unions = [of.record.members for of in given]
        first, *rest = unions
        if first is None or all(union == first for union in rest):
            return self._taken(block)
        for union in rest:
            made = None if union is None else joined(first, union)
            if made is None:
                raise EmissionError(f"{block.id} merges members of several unions")
            first = made
        return self._made(block, row_of(first))

    def _made(self, block: Block, record: Record) -> RecordClass:
        """The class of the records that a block makes, named after a sink that takes such."""
        node = block.nodes[-1] if block.nodes else block.id
        sink = self._sinks.get(shape(record))
        if sink is not None:
            return self.classes.declare(record, sink, f"What {sink} is given.")
        return self.classes.declare(record, node, f"What {node} makes.")

    def _reads_types(self, block: Block, port: str) -> bool:
        """Whether code behind a port relies on the types of its records: stages do, and sinks
        that write the fields of a union's member one by one."""
        waiting = [link.target for link in self._out_of.get(block.id, ()) if link.port == port]
        seen = set(waiting)
        for id in waiting:
            match self._blocks[id].body:
                case Pure() | Route():
                    return True
                case Write(record=record, format=format) if record.members is not None:
                    if format not in ("jsonlines", "jsonarray"):
                        return True
                case CallRuntime() | Tabulate() | Hold() | Align() | Merge() | Fork():
                    behind = {link.target for link in self._out_of.get(id, ())} - seen
                    seen |= behind
                    waiting.extend(sorted(behind))
                case _:
                    pass
        return False


def _function_name(block: Block) -> str:
    nodes = block.nodes or (block.id.replace("~", "_as_"),)
    first, last = nodes[0], nodes[-1]
    return first if first == last else f"{identifier(first, 'stage')}_to_{last}"


def _processor_modules(plan: Plan, names: Names) -> dict[str, str]:
    """The module that each of the user's files becomes, by the file's path."""
    modules: dict[str, str] = {}
    for processor in plan.processors:
        if processor.file not in modules:
            stem = PurePosixPath(processor.file).stem
            modules[processor.file] = names.variable(stem, "processor")
    return modules
