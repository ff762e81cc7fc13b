"""The Python target: a plan becomes an installable package."""

from __future__ import annotations

import ast
from typing import ClassVar, assert_never

from flowc.model.files import File, FileSet, Owner
from flowc.model.plan import (
    Block,
    CallRemote,
    CallRuntime,
    CallUser,
    Fork,
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
from flowc.targets.python.expressions import Expressions
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.settings import settings_view
from flowc.targets.python.stages import StageWriter
from flowc.targets.python.views import (
    FunctionView,
    NodeView,
    PipelineView,
    ProjectView,
    SegmentView,
    TypesView,
)
from flowc.targets.python.wiring import Wiring

#: Names of the generated modules that no class or function may take.
_RESERVED = (
    *("NODES", "Node", "Pipeline", "Segment", "Settings", "Environment", "Tally", "pipeline"),
    *("Struct", "UNSET", "UnsetType", "field", "Any", "Literal", "Decimal", "UUID", "dt"),
    *("SourceSegment", "SinkSegment", "Fused", "Stateful", "UserCode", "Fork", "Route", "Merge"),
)


class PythonTarget:
    """Types, stages and wiring in generated modules; the runtime copied beside them."""

    name: ClassVar[str] = "python"
    summary: ClassVar[str] = "a Python package with its own runtime, tests and Dockerfile"

    def emit(self, plan: Plan, *, formatted: bool) -> FileSet:
        return _Emission(plan, formatted).files()


class _Emission:
    def __init__(self, plan: Plan, formatted: bool) -> None:
        self.plan = plan
        self.formatted = formatted
        self.package = package_name(plan.name)
        self.names = Names(_RESERVED)
        self.classes = RecordClasses(self.names)
        self.imports = Imports()
        self.settings = settings_view(plan.settings, f"Settings of {plan.name}.")
        names = {setting.variable: setting.attribute for setting in self.settings.settings}
        self.expressions = Expressions(self.imports, names)
        self.stages = StageWriter(self.classes, self.expressions, plan.nodes, self.names)
        self.wiring = Wiring(self.imports, names)
        self.given: dict[tuple[str, str], RecordClass] = {}
        self.functions: list[FunctionView] = []
        self.segments: list[SegmentView] = []

    def files(self) -> FileSet:
        for block in self.plan.blocks:
            self.segments.append(SegmentView(block.id, self.block(block)))
        pipeline = self.pipeline_view()
        project = ProjectView(self.title(), self.plan.name, self.package)
        root = f"src/{self.package}"
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
        modules = {"main"}
        for imports in (self.classes.imports, self.imports):
            modules |= imports.runtime_modules
        files.update(vendor.vendored(modules, f"{root}/_runtime"))
        return FileSet(self.package, dict(sorted(files.items())))

    def print(self, template: str, view: object) -> str:
        text = printing.render("python", f"{template}.py.jinja", view)
        return printing.format_python(text) if self.formatted else text

    def title(self) -> str:
        return f"The pipeline {self.plan.name}, made from {self.plan.source_name}."

    # --- blocks -----------------------------------------------------------------------

    def block(self, block: Block) -> ast.expr:
        match block.body:
            case Read(decode=decode) as body:
                doc = f"What {block.id} reads: the fields that are used."
                record = self.classes.declare(decode.record, block.id, doc, whole=decode.whole)
                self.given[block.id, "out"] = record
                return self.wiring.source(body, record)
            case Write() as body:
                return self.wiring.sink(body, self.taken(block))
            case Pure(steps=steps):
                takes, gives = self.taken(block), self.made(block, block.rows["out"])
                name = self.names.variable(_function_name(block), "stage")
                function = self.stages.fused(name, steps, block.nodes, takes, gives)
                self.functions.append(function)
                self.given[block.id, "out"] = gives
                return self.wiring.fused(
                    name, block.nodes, uses_settings=len(function.arguments.args) > 2
                )
            case CallRuntime(node=node, module=module, name=name, arguments=arguments):
                self.given[block.id, "out"] = self.taken(block)
                return self.wiring.state(module, name, arguments, node)
            case CallUser() | CallRemote() | Fork() | Route() | Merge():
                raise EmissionError(f"{type(block.body).__name__} is not printed yet")
            case _:
                assert_never(block.body)

    def taken(self, block: Block) -> RecordClass:
        """The class of the records that come into a block."""
        for link in self.plan.links:
            if link.target == block.id:
                return self.given[link.source, link.port]
        raise EmissionError(f"nothing leads to {block.id}")

    def made(self, block: Block, record: Record) -> RecordClass:
        """The class of the records that a block makes, named after the sink they go to."""
        blocks = {b.id: b for b in self.plan.blocks}
        hint, doc = block.nodes[-1] if block.nodes else block.id, f"What {block.id} makes."
        for link in self.plan.links:
            if link.source == block.id and isinstance(blocks[link.target].body, Write):
                hint, doc = link.target, f"What {link.target} is given."
                break
        return self.classes.declare(record, hint, doc)

    def pipeline_view(self) -> PipelineView:
        for function in self.functions:
            for node in (function.arguments, function.returns):
                self.import_types(node)
            for part in function.parts:
                for statement in part.statements:
                    self.import_types(statement)
        for module, name in (
            ("records", "Node"),
            ("segments", "Pipeline"),
            ("segments", "Segment"),
            ("environment", "Environment"),
        ):
            self.imports.runtime(module, name)
        self.imports.name(".settings", "Settings")
        links = [
            ast.Tuple([ast.Constant(link.source), ast.Constant(link.target)], ast.Load())
            for link in self.plan.links
        ]
        return PipelineView(
            title=f"The stages of {self.plan.name} and how they are joined.",
            name=self.plan.name,
            digest=self.plan.digest,
            imports=self.imports.views(),
            nodes=tuple(NodeView(n.id, n.kind, n.place, n.text) for n in self.plan.nodes),
            functions=tuple(self.functions),
            segments=tuple(self.segments),
            links=ast.Tuple(list(links), ast.Load()),
        )

    def import_types(self, tree: ast.AST) -> None:
        """Import the record classes that a piece of code names."""
        known = {view.name for view in self.classes.views}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in known:
                self.imports.name(".types", node.id)


def _function_name(block: Block) -> str:
    first, last = block.nodes[0], block.nodes[-1]
    return first if first == last else f"{identifier(first, 'stage')}_to_{last}"
