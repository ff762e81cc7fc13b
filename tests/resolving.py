"""Resolve a pipeline in a folder and show its graph: what tests of resolving share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from flowc.catalog import registry
from flowc.catalog.spec import Arguments
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.graph import EndpointBinding, Node, Pipeline, StageBinding
from flowc.model.project import Project
from flowc.model.source import SourceFile
from flowc.project.load import load_project
from flowc.resolve import resolve
from flowc.syntax import parse


@dataclass(frozen=True)
class Resolved:
    pipelines: tuple[Pipeline, ...]
    project: Project
    diagnostics: tuple[Diagnostic, ...]

    @property
    def only(self) -> Pipeline:
        (pipeline,) = self.pipelines
        return pipeline

    @property
    def codes(self) -> list[str]:
        return [diagnostic.code.id for diagnostic in self.diagnostics]

    @property
    def messages(self) -> list[str]:
        return [diagnostic.message for diagnostic in self.diagnostics]


def resolved(
    text: str,
    folder: Path,
    *,
    name: str = "",
    settings: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Resolved:
    """A chain as on the command line, or the text of a file called ``name``."""
    reporter = Reporter()
    document = parse(
        SourceFile(name or "<command line>", text),
        reporter,
        command_line=not name,
        operators=registry.operator_words(),
    )
    project = load_project(
        folder, environ=environ or {}, settings=settings or {}, strict=False, reporter=reporter
    )
    pipelines = resolve(document, project, folder, reporter)
    return Resolved(pipelines, project, tuple(reporter))


def edges(pipeline: Pipeline) -> list[str]:
    """``filter -> out``, and ``route.0 -> out`` where a port has another name."""
    return [
        f"{edge.source}{'' if edge.port == 'out' else '.' + edge.port} -> {edge.target}"
        for edge in pipeline.edges
    ]


def dump(pipeline: Pipeline) -> str:
    """The whole graph as text: a line for each node, then one for each edge."""
    lines = [f"{node.id} {node.kind.value} {_bound(node)}" for node in pipeline.nodes]
    return "\n".join([*lines, *edges(pipeline)])


def endpoint(pipeline: Pipeline, id: str) -> EndpointBinding:
    binding = pipeline.node(id).binding
    assert isinstance(binding, EndpointBinding)
    return binding


def argument(pipeline: Pipeline, id: str, name: str) -> Any:
    binding = pipeline.node(id).binding
    assert isinstance(binding, StageBinding)
    assert isinstance(binding.arguments, Arguments)
    return binding.arguments.values[name]


def _bound(node: Node) -> str:
    match node.binding:
        case EndpointBinding(connector=connector, options=options, format=format):
            return f"{connector}/{format} {written_options(options)}"
        case StageBinding(operator=operator):
            return f"{operator} `{node.text}`"
    return "unbound"


def written_options(options: Any) -> str:
    """The options that are not as they would be anyway."""
    given = [
        f"{field.name}={value!r}"
        for field in fields(options)
        if (value := getattr(options, field.name)) != field.default
    ]
    return f"{type(options).__name__}({', '.join(given)})"
