"""Spellings that are accepted, as flowc writes them: what ``fmt`` makes of a file first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from flowc.catalog import registry
from flowc.model.diagnostic import Edit
from flowc.model.expr import Call
from flowc.model.project import Project
from flowc.model.source import SourceFile, Span
from flowc.model.tree import Document, Stage
from flowc.resolve.names import spelled


def canonical(document: Document, project: Project) -> SourceFile:
    """The document's file with operators and functions by their own names."""
    source = document.source
    text, end = [], len(source.text)
    edits = {edit.span.start: edit for edit in _edits(document, project)}
    for start in sorted(edits, reverse=True):
        edit = edits[start]
        if edit.span.source is source and edit.span.end <= end:
            text += [source.text[edit.span.end : end], edit.text]
            end = start
    if not text:
        return source
    return SourceFile(source.name, "".join(reversed([*text, source.text[:end]])))


def _edits(document: Document, project: Project) -> Iterator[Edit]:
    users = (*project.stages, *project.processors, *project.declared)
    stack: list[object] = [document.pipelines, document.lets]
    while stack:
        here = stack.pop()
        if isinstance(here, tuple):
            stack += here
            continue
        if not is_dataclass(here) or isinstance(here, Span | SourceFile):
            continue
        if isinstance(here, Stage) and spelled(here.name.text, users) is None:
            yield from _stage(here)
        elif isinstance(here, Call):
            function = registry.function(here.name)
            if function is not None and function.name != here.name:
                yield Edit(here.name_span, function.name)
        stack += [getattr(here, field.name) for field in fields(here)]


def _stage(stage: Stage) -> Iterator[Edit]:
    operator = registry.operator(stage.name.text)
    if operator is None or stage.name.span.text != stage.name.text:
        return
    first = stage.clauses[0] if stage.clauses and not stage.items else None
    if operator.name == "sort" and first is not None and first.word.text == "by":
        # `order by x` and `sort by x`: the word says nothing that the name does not.
        here = Span(stage.name.span.source, stage.name.span.start, first.items[0].span.start)
        if here.text.split() == [stage.name.text, "by"]:
            yield Edit(here, "sort ")
            return
    if operator.name != stage.name.text:
        yield Edit(stage.name.span, operator.name)
