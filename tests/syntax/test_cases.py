"""Every case folder: the tree and the findings are what its files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.model.diagnostic import Safety
from flowc.model.source import SourceFile
from flowc.syntax.format import format_source
from tests.syntax import corpus
from tests.syntax.tree_text import document_text

CASES = corpus.cases()


def test_there_are_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path, update_goldens: bool) -> None:
    readings = [corpus.read(source) for source in corpus.inputs(case)]
    assert readings, f"{case} has no input"
    findings = "".join(corpus.findings_text(reading.findings) for reading in readings)
    trees = {document_text(reading.document) for reading in readings}
    assert len({reading.document for reading in readings}) == 1, "the front ends disagree"
    _compare(case / "findings.txt", findings, update_goldens)
    _compare(case / "tree.txt", trees.pop(), update_goldens)


def _compare(path: Path, found: str, update: bool) -> None:
    expected = path.read_text("utf-8") if path.exists() else ""
    if found != expected and update:
        path.write_text(found, "utf-8")
        if not found:
            path.unlink()
        return
    assert found == expected


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_one_slip_is_one_finding(case: Path) -> None:
    """A case about one slip (its name begins with ``bad-``) has exactly one error a file."""
    if not case.name.startswith("bad-"):
        pytest.skip("a case without a slip, or with several")
    for source in corpus.inputs(case):
        assert len(corpus.read(source).findings) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_safe_fixes_settle_what_they_fix(case: Path) -> None:
    for source in corpus.inputs(case):
        reading = corpus.read(source)
        for found in reading.findings:
            for fix in found.fixes:
                if fix.safety is not Safety.SAFE or not fix.edits:
                    continue
                text = corpus.applied(source.text, fix)
                after = corpus.read(SourceFile(source.name, text))
                before = [f for f in reading.findings if f.code == found.code]
                assert len([f for f in after.findings if f.code == found.code]) < len(before), text


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_formatting_is_stable_and_says_the_same(case: Path) -> None:
    for source in corpus.inputs(case):
        if source.name == "input.txt":
            continue
        reading = corpus.read(source)
        text = format_source(source, operators=corpus.OPERATORS)
        if reading.findings:
            assert text == source.text
            continue
        again = SourceFile(source.name, text)
        assert corpus.read(again).document == reading.document
        assert not corpus.read(again).findings
        assert format_source(again, operators=corpus.OPERATORS) == text
        for comment in reading.document.comments:
            assert comment.text in text
