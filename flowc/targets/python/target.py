"""The Python target: a plan becomes an installable package."""

from __future__ import annotations

import hashlib
import json
from typing import ClassVar

from flowc import __version__
from flowc.model.files import File, FileSet, Owner
from flowc.model.plan import Plan
from flowc.targets import printing, vendor
from flowc.targets.names import distribution_name, package_name
from flowc.targets.python.imports import Imports
from flowc.targets.python.module import PipelineModule
from flowc.targets.python.predict import TEST_VERBS, predicted_calls
from flowc.targets.python.settings import settings_view
from flowc.targets.python.tests import TestWriter
from flowc.targets.python.views import NodeView, ProjectView, TypesView

#: The only requirement of the runtime's core.
_MSGSPEC = "msgspec>=0.19"


class PythonTarget:
    """Types, stages and wiring in generated modules; the runtime copied beside them."""

    name: ClassVar[str] = "python"
    summary: ClassVar[str] = "a Python package with its own runtime, tests and Dockerfile"

    def emit(self, plan: Plan, *, formatted: bool) -> FileSet:
        """The project, or (``formatted`` false) its package alone, ready to be loaded beside
        the installed runtime."""
        emission = _Emission(plan, formatted)
        emission.package_files()
        if formatted:
            emission.runtime_files()
            emission.test_files()
            emission.project_files()
        return FileSet(emission.package, dict(sorted(emission.files.items())))


class _Emission:
    """One plan on its way to files."""

    def __init__(self, plan: Plan, formatted: bool) -> None:
        self.plan = plan
        self.formatted = formatted
        self.package = package_name(plan.name)
        self.root = f"src/{self.package}"
        self.files: dict[str, File] = {}
        self.settings_imports = Imports()
        self.settings = settings_view(
            plan.settings,
            f"Settings of {plan.name}.",
            self.settings_imports,
            with_secrets=not formatted,
        )
        self.module = PipelineModule(
            plan, {setting.variable: setting for setting in self.settings.settings}
        )
        self.calls = predicted_calls(plan)
        self.project = ProjectView(
            title=f"The pipeline {plan.name}, made from {plan.source_name}.",
            name=plan.name,
            package=self.package,
            distribution=distribution_name(self.package),
            version=self.plan.version or "0.1.0",
            entry_point=f"{self.package}.__main__:run",
            pipeline_module=f"{self.package}.pipeline",
            source_folder=self.root,
            source_name=plan.source_name,
            dead_letters=f"{plan.name}.dead.jsonl",
            packages=(_MSGSPEC, *plan.packages),
            nodes=tuple(NodeView(n.id, n.kind, n.place, n.text) for n in plan.nodes),
            settings=self.settings.settings,
            processors=f"{self.package}.processors.*" if self.module.modules else None,
        )

    # --- the package ------------------------------------------------------------------

    def package_files(self) -> None:
        module, classes = self.module, self.module.classes
        pipeline = module.view()
        types = TypesView(
            f"Records of {self.plan.name}.",
            classes.imports.views(),
            classes.views,
            classes.aliases,
        )
        self.calls |= classes.class_names | module.function_names
        main = Imports()
        main.module("sys")
        main.runtime("main", "main")
        main.name(".settings", "Settings")
        self.python("__init__.py", "init.py", self.project, Imports())
        self.python("__main__.py", "main.py", self.project, main)
        self.python("types.py", "types.py", types, classes.imports)
        self.python("settings.py", "settings.py", self.settings, self.settings_imports)
        self.python("pipeline.py", "pipeline.py", pipeline, module.imports)
        self.files[f"{self.root}/py.typed"] = File("")
        self.processors()

    def runtime_files(self) -> None:
        """The runtime's modules that the package imports."""
        module = self.module
        imports = (module.imports, module.classes.imports, self.settings_imports)
        modules = frozenset({"main"}).union(*(each.runtime_modules for each in imports))
        self.files.update(vendor.vendored(modules, f"{self.root}/_runtime"))

    def processors(self) -> None:
        """The user's files, copied, in a package of their own."""
        modules = self.module.modules
        if modules:
            text = '"""The pipeline\'s own processors."""\n'
            self.files[f"{self.root}/processors/__init__.py"] = File(text)
        for processor in self.plan.processors:
            path = f"{self.root}/processors/{modules[processor.file]}.py"
            self.files[path] = File(processor.source.text, Owner.COPIED)

    def python(self, path: str, template: str, view: object, imports: Imports) -> None:
        """Print a module of the package."""
        self.checked(f"{self.root}/{path}", template, view, imports, self.calls)

    def checked(
        self, path: str, template: str, view: object, imports: Imports, calls: frozenset[str]
    ) -> None:
        """Print a Python file and check that it is what the plan predicts."""
        text = printing.render("python", f"{template}.jinja", view)
        if self.formatted:
            text = printing.format_python(text)
        allowed = imports.predicted | {"__future__:annotations"}
        printing.checked_tree(path, text, printing.Prediction(allowed, calls))
        self.files[path] = File(text)

    # --- the project around it --------------------------------------------------------

    def test_files(self) -> None:
        module = self.module
        writer = TestWriter(self.package, module.classes)
        for name, (view, imports) in {
            "samples": writer.samples(self.plan.settings, self.settings, module.stages),
            "doubles": writer.doubles(self.plan, with_tables=bool(module.tables)),
            "test_types": writer.types(),
            "test_stages": writer.stages(module.stages, module.takes, module.tables),
            "test_run": writer.run(module.sources, module.keyed, self.plan),
        }.items():
            if name != "test_stages" or module.stages:
                path = f"tests/{name}.py"
                self.checked(path, path, view, imports, self.calls | TEST_VERBS)

    def project_files(self) -> None:
        for path, template in {
            "pyproject.toml": "pyproject.toml",
            "README.md": "README.md",
            "Dockerfile": "Dockerfile",
            ".dockerignore": "dockerignore",
        }.items():
            text = printing.render("python", f"{template}.jinja", self.project)
            self.files[path] = File(text)
        self.files["flowc.lock.json"] = File(self.lock())

    def lock(self) -> str:
        """What was written, by whom it is owned, and from what it was made."""
        written = {
            path: {
                "owner": file.owner.value,
                "sha256": hashlib.sha256(file.text.encode()).hexdigest(),
            }
            for path, file in sorted(self.files.items())
        }
        made = {"flowc": __version__, "input": self.plan.digest, "files": written}
        return json.dumps(made, indent=2) + "\n"
