"""The tests of a generated project, made from its types and stages."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence

from flowc.model.plan import CallProgram, CallRuntime, Plan, SettingDecl
from flowc.model.types import STRING, Scalar
from flowc.targets.names import Names
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.samples import VARIANTS, Samples
from flowc.targets.python.stages import Stage, TableView
from flowc.targets.python.syntax import call
from flowc.targets.python.views import (
    SamplesView,
    SampleView,
    SettingsView,
    SourceTestView,
    StageTestView,
    TestsView,
)


class TestWriter:
    """Writes what the test templates print. ``package`` is the project's."""

    __test__ = False

    def __init__(self, package: str, classes: RecordClasses) -> None:
        self._package = package
        self._classes = classes
        names = Names(("SETTINGS", "RECORDS", *classes.class_names))
        self._samples = {of.name: names.take(_constant_name(of.name)) for of in classes.all}

    def samples(
        self, declared: Sequence[SettingDecl], settings: SettingsView, stages: Sequence[Stage]
    ) -> tuple[SamplesView, Imports]:
        """``tests/samples.py``."""
        imports = self._imports()
        writer = Samples(self._classes, imports, self._package)
        made = call(imports.name(f"{self._package}.settings", "Settings"))
        types = {setting.variable: setting for setting in declared}
        for view in settings.settings:
            if view.default is None:
                kind = types[view.variable].type
                value = writer.value(kind if isinstance(kind, Scalar) else STRING, 0)
                if view.secret:
                    secret = imports.name(f"{self._package}._runtime.settings", "Secret")
                    value = call(secret, ast.Constant("secret"))
                made.keywords.append(ast.keyword(view.attribute, value))
        needs_clock = any("environment" in stage.reads for stage in stages)
        if needs_clock:
            imports.module("datetime", "dt")
            imports.name(f"{self._package}._runtime.environment", "Environment")
        samples = tuple(
            SampleView(
                self._samples[of.name],
                of.name,
                tuple(writer.record(of, variant) for variant in range(VARIANTS)),
            )
            for of in self._classes.all
        )
        for of in self._classes.all:
            imports.name(f"{self._package}.types", of.name)
        return SamplesView(imports.views(), samples, made, needs_clock), imports

    def types(self) -> tuple[TestsView, Imports]:
        """``tests/test_types.py``."""
        imports = self._imports()
        imports.module("msgspec")
        imports.module("pytest")
        for name in self._samples.values():
            imports.name("samples", name)
        samples = tuple(SampleView(self._samples[of.name], of.name, ()) for of in self._classes.all)
        return TestsView(imports.views(), samples), imports

    def stages(
        self,
        stages: Sequence[Stage],
        takes: Mapping[str, RecordClass],
        tables: Mapping[str, TableView],
    ) -> tuple[TestsView, Imports]:
        """``tests/test_stages.py``; ``takes`` tells each function's class."""
        imports = self._imports()
        imports.module("copy")
        imports.module("pytest")
        imports.name("collections.abc", "Callable")
        imports.name("typing", "Any")
        imports.name(f"{self._package}._runtime.errors", "RecordError")
        imports.name(f"{self._package}._runtime.tally", "Tally")
        made: list[StageTestView] = []
        for stage in stages:
            function: ast.expr = imports.name(f"{self._package}.pipeline", stage.function.name)
            if stage.reads:
                values: dict[str, ast.expr] = {}
                for name in stage.reads:
                    if name in tables:
                        values[name] = self._filled(tables[name], imports)
                        continue
                    wanted = "SETTINGS" if name == "settings" else "FixedTime"
                    value: ast.expr = imports.name("samples", wanted)
                    values[name] = value if name == "settings" else call(value)
                function = call(imports.name("functools", "partial"), function, **values)
            samples = self._samples[takes[stage.function.name].name]
            imports.name("samples", samples)
            made.append(StageTestView(function, samples))
        return TestsView(imports.views(), stages=tuple(made)), imports

    def _filled(self, table: TableView, imports: Imports) -> ast.expr:
        """``filled(UniqueTable(Airports, …), AIRPORTS)``."""
        imports.name(f"{self._package}._runtime.state.tables", table.kind.id)
        for of in (table.takes, table.gives):
            imports.name(f"{self._package}.types", of.name)
        samples = imports.name("samples", self._samples[table.takes.name])
        return call(imports.name("doubles", "filled"), table.made, samples)

    def run(
        self, sources: Mapping[str, RecordClass], keyed: Collection[str], plan: Plan
    ) -> tuple[TestsView, Imports]:
        """``tests/test_run.py``; ``sources`` tells the class that each segment reads, ``keyed``
        those of which no two records may share a key."""
        imports = self._imports()
        runtime = f"{self._package}._runtime"
        imports.name("pathlib", "Path")
        imports.name("typing", "Any")
        imports.name(f"{runtime}.engine", "RunOptions")
        imports.name(f"{runtime}.engine", "run")
        imports.name(f"{runtime}.environment", "Environment")
        imports.name(f"{runtime}.segments", "SinkSegment")
        imports.name(f"{runtime}.segments", "SourceSegment")
        imports.name(f"{self._package}.pipeline", "pipeline")
        imports.name("doubles", "Given")
        imports.name("doubles", "Kept")
        imports.name("samples", "SETTINGS")
        made: list[SourceTestView] = []
        for segment, of in sources.items():
            imports.name("samples", self._samples[of.name])
            made.append(SourceTestView(segment, self._samples[of.name], segment in keyed))
        judges = any(
            isinstance(block.body, CallRuntime) and block.body.judge and block.body.judge.whole
            for block in plan.blocks
        )
        programs = _has_programs(plan)
        if programs:
            imports.name(f"{runtime}.segments", "Gather")
            imports.name(f"{runtime}.segments", "Piped")
            imports.name("doubles", "Silent")
        view = TestsView(imports.views(), sources=tuple(made), judges=judges, programs=programs)
        return view, imports

    def doubles(self, plan: Plan, *, with_tables: bool) -> tuple[TestsView, Imports]:
        """``tests/doubles.py``."""
        imports = self._imports()
        imports.name("collections.abc", "Iterator")
        imports.name("typing", "Any")
        imports.name(f"{self._package}._runtime.errors", "Diagnosis")
        imports.name(f"{self._package}._runtime.records", "Batch")
        imports.name(f"{self._package}._runtime.records", "Position")
        programs = _has_programs(plan)
        if with_tables or programs:
            imports.name(f"{self._package}._runtime.tally", "Receipt")
        view = TestsView(imports.views(), with_tables=with_tables, programs=programs)
        return view, imports

    def _imports(self) -> Imports:
        return Imports(own=(self._package, "doubles", "samples"))


def _has_programs(plan: Plan) -> bool:
    return any(isinstance(block.body, CallProgram) for block in plan.blocks)


def _constant_name(name: str) -> str:
    """``BigOrders`` -> ``BIG_ORDERS``."""
    parts = "".join(f"_{c}" if c.isupper() else c for c in name).strip("_")
    return parts.upper()
