"""Whatever fix there is: once it is made, the text reads at least as well, and the finding is gone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from flowc.compile import COMMAND_LINE, Request, check
from flowc.diagnostics.apply import apply_fixes
from flowc.model.diagnostic import Diagnostic, Severity
from flowc.model.source import SourceFile
from tests.docs.test_error_pages import PAGES, blocks, lay, pipeline
from tests.syntax import corpus


def checked(source: SourceFile, folder: Path) -> tuple[Diagnostic, ...]:
    path = None if source.name == COMMAND_LINE else folder / source.name
    return check(Request(source, path, folder, environment={})).diagnostics


def unreadable(found: tuple[Diagnostic, ...]) -> int:
    return sum(d.severity is Severity.ERROR and d.code.id.startswith("FC01") for d in found)


def said(found: tuple[Diagnostic, ...]) -> Counter[tuple[str, str]]:
    return Counter((d.code.id, d.message) for d in found)


def broken(source: SourceFile, folder: Path) -> list[str]:
    """Fixes of the source after which it is no better, with what they make of it."""
    wrong = []
    found = checked(source, folder)
    for diagnostic in found:
        for fix in diagnostic.fixes:
            edited = {edit.span.source.name for edit in fix.edits}
            if not fix.edits or edited != {source.name}:
                continue
            alone = Diagnostic(
                diagnostic.code, diagnostic.severity, diagnostic.message, fixes=(fix,)
            )
            text = apply_fixes([alone], unsafe=True).texts.get(source.name)
            if text is None:
                continue
            after = checked(SourceFile(source.name, text), folder)
            key = (diagnostic.code.id, diagnostic.message)
            if unreadable(after) > unreadable(found) or said(after)[key] >= said(found)[key]:
                wrong.append(f"{key}: {fix.title}\n{text}\n{said(after)}")
    return wrong


@pytest.mark.parametrize("page", PAGES)
def test_of_the_pages(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(blocks(page))
    example = pipeline(found)
    if example is None:
        pytest.skip("a page without a pipeline")
    monkeypatch.chdir(tmp_path)
    lay(found, tmp_path)
    name = "pipeline.yaml" if example.language == "yaml" else COMMAND_LINE
    text = example.text if name != COMMAND_LINE else example.text.strip()
    assert broken(SourceFile(name, text), tmp_path) == []


@pytest.mark.parametrize("case", corpus.cases(), ids=lambda path: path.name)
def test_of_the_cases(case: Path, tmp_path: Path) -> None:
    for source in corpus.inputs(case):
        name = COMMAND_LINE if source.name == "input.txt" else source.name
        assert broken(SourceFile(name, source.text), tmp_path) == []
