"""What is refused before it is parsed."""

from __future__ import annotations

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile
from flowc.syntax import limits, parse


def _decoded(data: bytes) -> tuple[str | None, list[str]]:
    reporter = Reporter()
    source = limits.decode(data, "p.yaml", reporter)
    return (source.text if source else None), [found.code.id for found in reporter]


def test_a_mark_of_utf_8_is_dropped() -> None:
    assert _decoded(b"\xef\xbb\xbfsource: a.jsonl") == ("source: a.jsonl", [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_named(encoding: str) -> None:
    reporter = Reporter()
    assert limits.decode("source: a.jsonl\n".encode(encoding), "p.yaml", reporter) is None
    (found,) = reporter
    assert found.code == limits.NOT_TEXT
    assert encoding[:6].upper() in found.message


def test_invalid_utf_8_has_its_place() -> None:
    reporter = Reporter()
    assert limits.decode("größe\nab".encode() + b"\xff", "p.yaml", reporter) is None
    (found,) = reporter
    assert found.span is not None
    assert (found.span.position.line, found.span.position.column) == (2, 3)


def test_large_files_are_refused() -> None:
    assert _decoded(b"#" * (limits.LARGEST + 1))[1] == ["FC0140"]
    assert _decoded(b"#" * limits.LARGEST)[1] == []


def test_nul_is_refused() -> None:
    assert _decoded(b"source: a\0.jsonl and more text that is text")[1] == ["FC0144"]


@pytest.mark.parametrize("name", ["p.yaml", "p.flow"])
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        "(" * 100_000,
        "- " * 100_000,
        "a: " * 100_000,
        "a.jsonl | tee { " * 10_000,
        "a.jsonl | filter " + "not " * 20_000 + "a",
        "a.jsonl | filter " + "- " * 20_000 + "a",
        "a.jsonl | filter " + "if a then b else " * 5_000 + "c",
        "a.jsonl | filter a" + ".b" * 20_000,
        "a.jsonl | filter a" + "[0]" * 20_000,
        "a.jsonl | filter a" + " + a" * 20_000,
        "a.jsonl | filter a" + " ?? a" * 20_000,
        "a.jsonl | cast a as " + "list<" * 20_000,
        "a.jsonl | filter x > " + "9" * 50_000,
        "source: " + "a" * 1_000_000,
    ],
    ids=lambda text: str(text)[:24].strip(),
)
def test_no_depth_or_length_breaks_anything(text: str, name: str) -> None:
    reporter = Reporter()
    parse(SourceFile(name, text), reporter)
    assert len(reporter) <= 3 or name == "p.yaml"


def test_a_long_chain_of_or_is_one_node() -> None:
    text = "a.jsonl | filter " + " or ".join(f"x == {i}" for i in range(5_000)) + " | b.jsonl"
    reporter = Reporter()
    document = parse(SourceFile("p.flow", text), reporter)
    assert not list(reporter)
    assert len(document.pipelines[0].chain.stages) == 1


def test_a_long_stage_is_refused_alone() -> None:
    text = f"a.jsonl | filter x == '{'a' * limits.LONGEST}' | set b = 1 | b.jsonl"
    reporter = Reporter()
    document = parse(SourceFile("p.flow", text), reporter)
    assert [found.code for found in reporter] == [limits.TOO_LONG]
    assert len(document.pipelines[0].chain.stages) == 2
