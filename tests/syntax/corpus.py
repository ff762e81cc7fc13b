"""The cases of ``tests/cases/syntax``: one folder each, found, never listed.

input.flow       a file of pipe text
input.yaml       a YAML file; beside input.flow it must give an equal tree
input.txt        an argument of the command line
tree.txt         the tree that is expected
findings.txt     the diagnostics that are expected; missing: none
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic, Fix
from flowc.model.source import SourceFile
from flowc.model.tree import Document
from flowc.syntax import parse

ROOT = Path(__file__).resolve().parents[1] / "cases" / "syntax"

#: The operators of the language, as the catalogue will name them.
OPERATORS = frozenset(
    [
        "filter",
        "validate",
        "set",
        "map",
        "select",
        "drop",
        "rename",
        "cast",
        "parse",
        "format",
        "explode",
        "flatten",
        "enrich",
        "lookup",
        "join",
        "aggregate",
        "top",
        "running",
        "dedupe",
        "sort",
        "limit",
        "sample",
        "throttle",
        "batch",
        "expect",
        "mask",
        "hash",
        "redact",
        "call",
        "exec",
        "external",
        "tee",
        "route",
        "where",
        "take",
        "head",
    ]
)


@dataclass(frozen=True)
class Reading:
    """An input with what the front end made of it."""

    source: SourceFile
    document: Document
    findings: tuple[Diagnostic, ...]


def cases() -> list[Path]:
    return sorted(path for path in ROOT.iterdir() if path.is_dir())


def inputs(case: Path) -> Iterator[SourceFile]:
    for name in ("input.flow", "input.yaml", "input.txt"):
        path = case / name
        if path.exists():
            text = path.read_bytes().decode("utf-8")
            yield SourceFile(name, text.rstrip("\n") if name == "input.txt" else text)


def read(source: SourceFile) -> Reading:
    reporter = Reporter()
    document = parse(source, reporter, command_line=source.name == "input.txt", operators=OPERATORS)
    return Reading(source, document, reporter.sorted())


def findings_text(findings: tuple[Diagnostic, ...]) -> str:
    return "".join("".join(_lines(found)) for found in findings)


def _lines(found: Diagnostic) -> Iterator[str]:
    span = found.span
    assert span is not None
    shown = span.text if len(span.text) <= 40 else span.text[:39] + "…"
    yield f"{found.code.id} {span.place} {shown!r}\n"
    yield f"    {found.message}\n"
    if found.at:
        yield f"    at: {found.at}\n"
    for label in found.labels:
        yield f"    label {label.span.place} {label.span.text!r}: {label.text}\n"
    for note in found.notes:
        yield f"    note: {note}\n"
    for fix in found.fixes:
        yield f"    fix ({fix.safety.value}): {fix.title}\n"
        for line in applied(span.source.text, fix).splitlines():
            if line not in span.source.text.splitlines():
                yield f"        > {line}\n"


def applied(text: str, fix: Fix) -> str:
    """The text with the edits of a fix made."""
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
