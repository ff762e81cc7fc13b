"""What may come next in pipe text that is being typed: stages, fields, functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flowc.cli.support.command import Offer

_NAME = re.compile(r"(?:^|(?<=[|{;]))\s*(?P<word>[\w-]*)\Z")
_INSIDE = re.compile(r"(?P<word>[^\W\d]\w*)\Z")


def stage_offers(text: str, cwd: Path) -> Iterator[Offer]:
    """The text with each word that may stand at its end: behind ``|`` stages, behind a stage's
    name fields of the record that comes in, and functions."""
    stage = _NAME.search(text)
    if stage is not None:
        yield from _completed(text, stage["word"], _stages(cwd))
        return
    inside = _INSIDE.search(text)
    if inside is not None:
        yield from _completed(text, inside["word"], _names(text, cwd))


def _completed(text: str, word: str, found: Iterator[Offer]) -> Iterator[Offer]:
    start = text[: len(text) - len(word)]
    return ((start + name, help) for name, help in found if name.startswith(word))


def _stages(cwd: Path) -> Iterator[Offer]:
    from flowc.catalog import registry
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.load import load_project

    for entry in registry.operators().values():
        if entry.parameters:
            yield entry.name, entry.summary
    project = load_project(cwd, environ={}, settings={}, strict=False, reporter=Reporter())
    for name in project.processors:
        yield name, "a processor of this project"
    for name in project.stages:
        yield name, "a stage of flowc.toml"


def _names(text: str, cwd: Path) -> Iterator[Offer]:
    from flowc.catalog import registry
    from flowc.compile import COMMAND_LINE, Request, check
    from flowc.model.graph import NodeKind
    from flowc.model.source import SourceFile
    from flowc.types.show import show, show_name

    before, _, _ = text.rpartition("|")
    request = Request(SourceFile(COMMAND_LINE, f"{before}| -"), None, cwd, environment={})
    for typed in check(request).typed:
        for node in typed.pipeline.nodes:
            types = typed.types.get(node.id)
            if node.kind is NodeKind.SINK and types is not None and types.row is not None:
                for field in types.row.fields:
                    yield show_name(field.name), show(field.type)
    for name, function in registry.functions().items():
        yield f"{name}(", function.summary
