"""From the tree of a document to its pipelines: names, arguments, graphs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.graph import Pipeline
from flowc.model.project import Project
from flowc.model.tree import Document, Let, PipelineTree
from flowc.resolve.graph import build
from flowc.resolve.joined import Part, join
from flowc.resolve.naming import Names
from flowc.resolve.overrides import apply_overrides
from flowc.resolve.settings import apply_settings
from flowc.resolve.shape import check_shape, check_sinks
from flowc.resolve.tables import name_after_types

ABSTRACT = declare("FC0272", "abstract-pipeline", "A pipeline for others to build on is to run")
UNFIT_VERSION = declare(
    "FC0276", "unfit-version", "The version of a pipeline cannot be that of a project"
)
DUPLICATE_STREAM = declare("FC0267", "duplicate-stream", "Two streams have one name")
UNUSED_STREAM = declare("FC0266", "unused-stream", "A named stream is never read")

_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", re.ASCII)


def resolve(
    document: Document, project: Project, folder: Path, reporter: Reporter
) -> tuple[Pipeline, ...]:
    """The pipelines of a document as graphs with everything bound.

    Args:
        folder: the current folder, against which relative endpoints are read.

    Returns:
        One graph for each pipeline that is enabled, or for those that share a source. What could not be bound is a node
        without a binding, and was reported.
    """
    document = apply_overrides(document, reporter)
    document = apply_settings(document, project, reporter)
    lets = _streams(document, reporter)
    names = Names(document, reporter)
    used: set[str] = set()
    parts: list[Part] = []
    for tree in document.pipelines:
        if not tree.enabled:
            continue
        if tree.abstract is not None:
            reporter.error(
                ABSTRACT,
                "the pipeline is abstract: it is for others to build on",
                tree.abstract.span,
                notes=(f"one that does says `extends: {names.stem}`",),
            )
            continue
        built = build(tree, names.of(tree), lets, project, folder, reporter)
        used |= built.used
        check_shape(built.pipeline, reporter, whole=built.whole)
        made = name_after_types(built, project, reporter)
        parts.append(Part(replace(made, version=_version(tree, reporter)), built.origins))
    for name, let in lets.items():
        if name not in used and document.pipelines:
            reporter.warning(UNUSED_STREAM, f"the stream '{name}' is never read", let.name.span)
    pipelines = join(parts, names.stem)
    check_sinks(pipelines, reporter)
    return pipelines


def _streams(document: Document, reporter: Reporter) -> dict[str, Let]:
    lets: dict[str, Let] = {}
    for let in document.lets:
        name = let.name.text
        if name in lets:
            reporter.error(
                DUPLICATE_STREAM,
                f"two streams are called '{name}'",
                let.name.span,
                labels=(Label(lets[name].name.span, "the first"),),
            )
        else:
            lets[name] = let
    return lets


def _version(tree: PipelineTree, reporter: Reporter) -> str:
    """The written version, as a Python package can have it; empty where there is none."""
    if tree.version is None:
        return ""
    text = (tree.version.plain or "").strip()
    if _VERSION.fullmatch(text):
        return text
    plain = text.lstrip("vV")
    reporter.error(
        UNFIT_VERSION,
        "a version is numbers with dots between them",
        tree.version.span,
        notes=("as 2.1.0, 2.1.0rc1 or 2.1.0.dev3: the built project has it",),
        fixes=(Fix(f"write {plain}", (Edit(tree.version.span, plain),), Safety.UNSAFE),)
        if _VERSION.fullmatch(plain)
        else (),
    )
    return ""
