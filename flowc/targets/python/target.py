"""The Python target: a plan becomes an installable package."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import ClassVar, assert_never

from flowc.model.files import File, FileSet, Owner
from flowc.model.plan import (
    Block,
    CallRemote,
    CallRuntime,
    CallUser,
    Fork,
    Link,
    Merge,
    Plan,
    Pure,
    Read,
    Route,
    Write,
)
from flowc.model.types import Record
from flowc.targets import printing, vendor
from flowc.targets.base import EmissionError
from flowc.targets.names import Names, identifier, package_name
from flowc.targets.python.imports import Imports
from flowc.targets.python.predict import reserved_names
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.routes import route_function
from flowc.targets.python.settings import settings_view
from flowc.targets.python.stages import StageWriter
from flowc.targets.python.syntax import strings, tuple_of
from flowc.targets.python.views import (
    FunctionView,
    NodeView,
    PipelineView,
    ProjectView,
    SegmentView,
    TypesView,
)
from flowc.targets.python.wiring import Wiring


class PythonTarget:
    """Types, stages and wiring in generated modules; the runtime copied beside them."""

    name: ClassVar[str] = "python"
    summary: ClassVar[str] = "a Python package with its own runtime, tests and Dockerfile"

    def emit(self, plan: Plan, *, formatted: bool) -> FileSet:
        return _Emission(plan, formatted).files()


class _Emission:
    """One plan on its way to files."""

    def __init__(self, plan: Plan, formatted: bool) -> None:
        self.plan = plan
        self.formatted = formatted
        self.package = package_name(plan.name)
        self.blocks = {block.id: block for block in plan.blocks}
        self.into: dict[str, list[Link]] = {}
        self.out_of: dict[str, list[Link]] = {}
        for link in plan.links:
            self.into.setdefault(link.target, []).append(link)
            self.out_of.setdefault(link.source, []).append(link)
        self.names = Names(reserved_names(plan))
        self.classes = RecordClasses(self.names)
        self.imports = Imports()
        self.settings = settings_view(plan.settings, f"Settings of {plan.name}.")
        self.modules = _processor_modules(plan, self.names)
        by_variable = {setting.variable: setting for setting in self.settings.settings}
        attributes = {variable: setting.attribute for variable, setting in by_variable.items()}
        self.stages = StageWriter(self.imports, self.classes, attributes, plan.nodes, self.names)
        self.wiring = Wiring(self.imports, self.classes, by_variable, plan.nodes, self.names)
        self.given: dict[tuple[str, str], RecordClass] = {}
        self.functions: list[FunctionView] = []
        self.segments: list[SegmentView] = []
        self.links: list[tuple[str, str]] = []

    def files(self) -> FileSet:
        for block in self.plan.blocks:
            self.block(block)
        root = f"src/{self.package}"
        project = ProjectView(self.title(), self.plan.name, self.package)
        pipeline = self.pipeline_view()
        types = TypesView(
            f"Records of {self.plan.name}.", self.classes.imports.views(), self.classes.views
        )
        printed = {
            f"{root}/__init__.py": self.print("init", project),
            f"{root}/__main__.py": self.print("main", project),
            f"{root}/types.py": self.print("types", types),
            f"{root}/settings.py": self.print("settings", self.settings),
            f"{root}/pipeline.py": self.print("pipeline", pipeline),
        }
        files = {path: File(text) for path, text in printed.items()}
        files[f"{root}/py.typed"] = File("")
        files.update(self.processors(f"{root}/processors"))
        modules = {"main", *self.imports.runtime_modules, *self.classes.imports.runtime_modules}
        files.update(vendor.vendored(modules, f"{root}/_runtime"))
        return FileSet(self.package, dict(sorted(files.items())))

    def print(self, template: str, view: object) -> str:
        text = printing.render("python", f"{template}.py.jinja", view)
        return printing.format_python(text) if self.formatted else text

    def title(self) -> str:
        return f"The pipeline {self.plan.name}, made from {self.plan.source_name}."

    def processors(self, folder: str) -> dict[str, File]:
        """The user's files, copied, in a package of their own."""
        if not self.modules:
            return {}
        files = {f"{folder}/__init__.py": File('"""The pipeline\'s own processors."""\n')}
        for processor in self.plan.processors:
            path = f"{folder}/{self.modules[processor.file]}.py"
            files[path] = File(processor.source.text, Owner.COPIED)
        return files

    # --- blocks -----------------------------------------------------------------------

    def block(self, block: Block) -> None:
        segment = self.segment(block)
        self.segments.append(SegmentView(block.id, segment))
        if not isinstance(block.body, Route):
            self.links += [(link.source, link.target) for link in self.out_of.get(block.id, ())]

    def segment(self, block: Block) -> ast.expr:
        match block.body:
            case Read(node=node, decode=decode) as body:
                doc = f"What {node} reads: the fields that are used."
                record = self.classes.declare(decode.record, node, doc, whole=decode.whole)
                self.gives(block, record)
                return self.wiring.source(body, record)
            case Write() as body:
                return self.wiring.sink(body, self.taken(block))
            case Pure() as body:
                return self.pure(block, body)
            case CallRuntime() as body:
                self.gives(block, self.taken(block))
                return self.wiring.state(body)
            case CallUser(processor=processor) as body:
                gives = self.made(block, block.rows["out"])
                self.gives(block, gives)
                return self.wiring.user(body, self.modules[processor.file], gives)
            case Fork(node=node):
                self.gives(block, self.taken(block))
                return self.wiring.fork(node)
            case Route() as body:
                return self.route(block, body)
            case Merge():
                self.gives(block, self.taken(block))
                return self.wiring.merge()
            case CallRemote():
                raise EmissionError("remote calls have no Python yet")
            case _:
                assert_never(block.body)

    def pure(self, block: Block, body: Pure) -> ast.expr:
        name = self.names.variable(_function_name(block), "stage")
        stage = self.stages.fused(
            name,
            body.steps,
            block.nodes,
            self.taken(block),
            block.rows["out"],
            lambda row: self.made(block, row),
        )
        self.functions.append(stage.function)
        self.gives(block, stage.gives)
        return self.wiring.fused(name, block.nodes, stage.reads)

    def route(self, block: Block, body: Route) -> ast.expr:
        takes = self.taken(block)
        name = self.names.variable(body.node, "route")
        stage, ports = route_function(self.stages, name, body, takes)
        self.functions.append(stage.function)
        self.gives(block, takes)
        targets: list[str | None] = []
        for port in ports:
            behind = [link for link in self.out_of.get(block.id, ()) if link.port == port]
            if len(behind) <= 1:
                targets.append(behind[0].target if behind else None)
                continue
            # A branch leads to one segment; a joint hands on to several.
            joint = f"{block.id}~{port}"
            targets.append(joint)
            self.segments.append(SegmentView(joint, self.wiring.merge()))
            self.links += [(joint, link.target) for link in behind]
        return self.wiring.route(name, targets, body.node, stage.reads)

    def gives(self, block: Block, record: RecordClass) -> None:
        """Note the class of the records that leave a block, by every port."""
        for port in block.rows:
            self.given[block.id, port] = record

    def taken(self, block: Block) -> RecordClass:
        """The class of the records that come into a block."""
        for link in self.into.get(block.id, ()):
            return self.given[link.source, link.port]
        raise EmissionError(f"nothing leads to {block.id}")

    def made(self, block: Block, record: Record) -> RecordClass:
        """The class of the records that a block makes, named after the sink they go to."""
        hint = block.nodes[-1] if block.nodes else block.id
        doc = f"What {hint} makes."
        for link in self.out_of.get(block.id, ()):
            if isinstance(self.blocks[link.target].body, Write):
                hint, doc = link.target, f"What {link.target} is given."
                break
        return self.classes.declare(record, hint, doc)

    # --- the module -------------------------------------------------------------------

    def pipeline_view(self) -> PipelineView:
        functions = (*self.wiring.functions, *self.functions)
        for function in functions:
            self.import_types(function.arguments)
            self.import_types(function.returns)
            for part in function.parts:
                for statement in part.statements:
                    self.import_types(statement)
        for segment in self.segments:
            self.import_types(segment.value)
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
            nodes=tuple(NodeView(n.id, n.kind, n.place, n.text) for n in self.plan.nodes),
            functions=functions,
            segments=tuple(self.segments),
            links=tuple_of(strings(link) for link in self.links),
        )

    def import_types(self, tree: ast.AST) -> None:
        """Import the record classes that a piece of code names."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in self.classes.class_names:
                self.imports.name(".types", node.id)


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
