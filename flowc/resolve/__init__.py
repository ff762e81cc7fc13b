"""From the tree of a document to its pipelines: names, arguments, graphs."""

from __future__ import annotations

import re
from pathlib import Path

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.graph import Pipeline
from flowc.model.project import Project
from flowc.model.tree import Document, Let, PipelineTree
from flowc.resolve.graph import build
from flowc.resolve.overrides import apply_overrides
from flowc.resolve.settings import apply_settings
from flowc.resolve.shape import check_shape
from flowc.resolve.tables import name_after_types

ABSTRACT = declare("FC0272", "abstract-pipeline", "A pipeline for others to build on is to run")
UNFIT_NAME = declare("FC0270", "unfit-pipeline-name", "A pipeline's name cannot name files")
DUPLICATE_STREAM = declare("FC0267", "duplicate-stream", "Two streams have one name")
UNUSED_STREAM = declare("FC0266", "unused-stream", "A named stream is never read")

_FIT_NAME = re.compile(r"[^\W_][\w .-]{0,99}")


def resolve(
    document: Document, project: Project, folder: Path, reporter: Reporter
) -> tuple[Pipeline, ...]:
    """The pipelines of a document as graphs with everything bound.

    Args:
        folder: the current folder, against which relative endpoints are read.

    Returns:
        One graph for each pipeline that is enabled. What could not be bound is a node
        without a binding, and was reported.
    """
    document = apply_overrides(document, reporter)
    document = apply_settings(document, project, reporter)
    lets = _streams(document, reporter)
    used: set[str] = set()
    pipelines: list[Pipeline] = []
    for tree in document.pipelines:
        if not tree.enabled:
            continue
        if tree.abstract is not None:
            reporter.error(
                ABSTRACT,
                "the pipeline is abstract: it is for others to build on",
                tree.abstract.span,
                notes=(f"one that does says `extends: {_stem(document)}`",),
            )
            continue
        built = build(tree, _name(tree, document, reporter), lets, project, folder, reporter)
        used |= built.used
        check_shape(built.pipeline, reporter, whole=built.whole)
        pipelines.append(name_after_types(built, project, reporter))
    for name, let in lets.items():
        if name not in used and document.pipelines:
            reporter.warning(UNUSED_STREAM, f"the stream '{name}' is never read", let.name.span)
    return tuple(pipelines)


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


def _name(tree: PipelineTree, document: Document, reporter: Reporter) -> str:
    """The written name, else the file's stem, else ``pipeline`` (the command line).

    Dead letters and the built project are called after it.
    """
    if tree.name is not None:
        name = tree.name.text
        if _FIT_NAME.fullmatch(name):
            return name
        reporter.error(
            UNFIT_NAME,
            "the name of a pipeline is made of letters, digits, blanks, `-`, `_` and `.`",
            tree.name.span,
            notes=(
                "it begins with a letter or digit and has at most 100 characters",
                "dead letters and the built project are called after it",
            ),
        )
        return "pipeline"
    return _stem(document)


def _stem(document: Document) -> str:
    source = document.source.name
    return "pipeline" if source.startswith("<") else Path(source).stem
