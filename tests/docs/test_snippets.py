"""Every pipeline that a document shows in passing can at least be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.shown import ROOT
from flowc.catalog import registry
from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile
from flowc.syntax import parse

_FENCE = re.compile(r"^```(flow|yaml)\n(.*?)^```", re.M | re.S)
_GENERATED = re.compile(r"<!-- begin generated.*?<!-- end generated -->", re.S)


def snippets() -> Iterator[tuple[str, str, str]]:
    """(place, language, text) of each pipeline that stands in a document by hand."""
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").glob("*.md")),
    ):
        text = _GENERATED.sub(lambda part: "\n" * part[0].count("\n"), path.read_text("utf-8"))
        for fence in _FENCE.finditer(text):
            yield f"{path.name}:{text.count(chr(10), 0, fence.start()) + 1}", fence[1], fence[2]


SNIPPETS = list(snippets())


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) > 5


@pytest.mark.parametrize(("place", "language", "text"), SNIPPETS, ids=[s[0] for s in SNIPPETS])
def test_a_snippet_is_read(place: str, language: str, text: str) -> None:
    reporter = Reporter()
    name = str(Path("shown").with_suffix(".yaml" if language == "yaml" else ".flow"))
    document = parse(SourceFile(name, text), reporter, operators=registry.operator_words())
    assert [d.message for d in reporter.sorted() if d.is_error] == []
    assert document.pipelines
