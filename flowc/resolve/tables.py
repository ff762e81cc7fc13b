"""Names what defaults to the record type's name: the table of a sink that has none."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

from flowc.catalog.spec import Arguments
from flowc.diagnostics.reporter import Reporter
from flowc.model.graph import EndpointBinding, Node, NodeKind, Pipeline, StageBinding
from flowc.model.project import Project
from flowc.model.tree import Word
from flowc.model.types import Record, Ref
from flowc.resolve.graph import Built
from flowc.resolve.options import MISSING_OPTION


def name_after_types(built: Built, project: Project, reporter: Reporter) -> Pipeline:
    """The pipeline with those options filled; reported where several names would do.

    The name is that of the last named type before the sink: a processor's output, else
    the declared type of the source, else the source itself.
    """
    pipeline = built.pipeline
    if not built.unnamed:
        return pipeline
    nodes = tuple(
        _named(node, built.unnamed[node.id], pipeline, project, reporter)
        if node.id in built.unnamed
        else node
        for node in pipeline.nodes
    )
    return replace(pipeline, nodes=nodes)


def _named(
    node: Node, option: str, pipeline: Pipeline, project: Project, reporter: Reporter
) -> Node:
    binding = node.binding
    if not isinstance(binding, EndpointBinding):
        return node
    names = sorted(_names_before(node, pipeline, project))
    if len(names) != 1:
        found = (
            f"the records come from {', '.join(names)}" if names else "no type before it has one"
        )
        reporter.error(
            MISSING_OPTION,
            f"'{node.id}' needs a {option}",
            node.span,
            notes=(f"it would be named after the record type, but {found}",),
        )
        return replace(node, binding=None)
    options = dataclasses.replace(binding.options, **{option: names[0]})  # type: ignore[type-var]
    return replace(node, binding=replace(binding, options=options))


def _names_before(sink: Node, pipeline: Pipeline, project: Project) -> set[str]:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [edge.source for edge in pipeline.arriving(sink.id)]
    while waiting:
        id = waiting.pop()
        if id in seen:
            continue
        seen.add(id)
        node = pipeline.node(id)
        name = _type_name(node, project)
        if name is not None:
            found.add(name)
        elif node.kind is NodeKind.SOURCE:
            found.add(node.id)
        else:
            waiting.extend(edge.source for edge in pipeline.arriving(id))
    return found


def _type_name(node: Node, project: Project) -> str | None:
    match node.binding:
        case EndpointBinding(declared=declared) if declared is not None:
            return declared.type.name if isinstance(declared.type, Ref) else None
        case StageBinding(operator="processor" | "enrich", arguments=Arguments() as arguments):
            word = arguments.get("name") or arguments.get("processor")
            return _output_name(word.text, project) if isinstance(word, Word) else None
    return None


def _output_name(processor: str, project: Project) -> str | None:
    declared = project.declared.get(processor)
    if declared is not None and isinstance(declared.output, Ref | Record):
        return declared.output.name
    code = project.processors.get(processor)
    return code.output_class if code is not None else None
