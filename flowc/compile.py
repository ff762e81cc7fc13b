"""The road: from text to files, every stage named.

    text ──parse──▶ Document ──resolve──▶ Pipeline ──check──▶ TypedPipeline
                                              ──plan──▶ Plan ──emit──▶ FileSet

Nothing raises for a user's mistake: each stage gives what it could make of its input, and
diagnostics. This module decides where to stop.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowc import __version__
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.source import SourceFile

if TYPE_CHECKING:
    from flowc.model.files import FileSet
    from flowc.model.graph import Pipeline, TypedPipeline
    from flowc.model.plan import Plan
    from flowc.model.project import ProcessorCode, Project
    from flowc.model.tree import Document

COMMAND_LINE = "<command line>"


@dataclass(frozen=True, slots=True)
class Request:
    """What to compile.

    ``source`` is the pipeline's text with its name; ``path`` its file, or None for a
    command line argument. ``folder`` is the current folder: endpoints are relative to it.
    ``settings`` is what ``--set`` gave. ``read_ahead`` is what a run has read of standard input,
    to type it from. ``listed``: the file was not named but found in the project, so what is
    ``abstract`` in it is left out.
    """

    source: SourceFile
    path: Path | None = None
    folder: Path = field(default_factory=Path.cwd)
    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    strict: bool = False
    read_ahead: bytes | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What ``validate`` knows: partial where there are errors."""

    document: Document
    project: Project
    pipelines: tuple[Pipeline, ...]
    typed: tuple[TypedPipeline, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a target made of each pipeline, by its name. Empty where there are errors."""

    checked: Checked
    plans: tuple[Plan, ...]
    filesets: Mapping[str, FileSet]


def check(request: Request) -> Checked:
    """Parse, resolve and type-check; reads samples, opens no connection, runs nothing."""
    from flowc.resolve.foreign import explained
    from flowc.syntax.refit import fitted

    found = _checked(request)
    told = explained(found.document, found.project, found.diagnostics)
    if told != found.diagnostics and not _settles(request, found.diagnostics, told):
        told = found.diagnostics
    return replace(found, diagnostics=fitted(told))


def _settles(request: Request, found: tuple[Diagnostic, ...], told: tuple[Diagnostic, ...]) -> bool:
    """Whether a line in the words of flowc has none of the findings it is offered for."""
    from flowc.diagnostics.apply import apply_fixes

    new = [diagnostic for diagnostic in told if diagnostic not in found]
    text = apply_fixes(new, unsafe=True).texts.get(request.source.name)
    if text is None:
        return True
    again = _checked(replace(request, source=SourceFile(request.source.name, text)))
    gone = {(d.code.id, d.message) for d in found if d not in told}
    return gone.isdisjoint((d.code.id, d.message) for d in again.diagnostics)


def _checked(request: Request) -> Checked:
    """The same, with each finding as it was found."""
    from flowc.catalog import registry
    from flowc.check.infer import check_pipeline
    from flowc.check.rules import run_rules
    from flowc.project.compose import read_document
    from flowc.project.load import load_project
    from flowc.resolve import resolve

    reporter = Reporter()
    document = read_document(
        request.source,
        request.path,
        reporter,
        operators=registry.operator_words(),
        is_connector=registry.has_connector,
    )
    if request.listed:
        concrete = tuple(tree for tree in document.pipelines if tree.abstract is None)
        document = replace(document, pipelines=concrete)
    project = load_project(
        request.path or request.folder,
        environ=request.environment,
        settings=request.settings,
        strict=request.strict,
        reporter=reporter,
    )
    pipelines = resolve(document, project, request.folder, reporter)
    typed = tuple(
        check_pipeline(pipeline, project, request.folder, reporter, read_ahead=request.read_ahead)
        for pipeline in pipelines
    )
    for pipeline in typed:
        run_rules(pipeline, project, reporter)
    return Checked(document, project, pipelines, typed, reporter.sorted())


def emit(request: Request, *, target: str = "python", formatted: bool = True) -> Emitted:
    """Check, plan and print. ``formatted`` False leaves black out, for a run from memory."""
    from flowc.targets import base

    checked = check(request)
    if not checked.ok:
        return Emitted(checked, (), {})
    printer = base.target(target)
    if printer is None:
        raise LookupError(f"there is no target {target}")
    made = plans(request, checked)
    return Emitted(
        checked, made, {plan.name: printer.emit(plan, formatted=formatted) for plan in made}
    )


def plans(request: Request, checked: Checked) -> tuple[Plan, ...]:
    """The plan of each pipeline of a request that was checked and has no error."""
    from flowc.lower.planner import plan

    digest = _digest(request, checked)
    return tuple(
        plan(
            typed,
            source_name=request.source.name,
            digest=digest,
            types=checked.project.types,
        )
        for typed in checked.typed
    )


def _digest(request: Request, checked: Checked) -> str:
    """sha256 over the pipeline, what it takes from its project, and flowc's version."""
    from flowc.types.show import show

    parts = [__version__, request.source.text]
    parts += [base.text for base in checked.document.bases]
    parts += [f"{name}={value}" for name, value in sorted(request.settings.items())]
    for typed in checked.typed:
        for id, known in typed.types.items():
            parts += [f"{id}:{port}:{show(row)}" for port, row in known.ports.items()]
    codes = {code.file: code.source.text for typed in checked.typed for code in _called(typed)}
    parts += [codes[file] for file in sorted(codes)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _called(typed: TypedPipeline) -> Iterator[ProcessorCode]:
    """The user's code that a pipeline calls."""
    from flowc.catalog.user_code import UserCall

    for known in typed.types.values():
        if isinstance(known.outcome, UserCall):
            yield known.outcome.processor
