"""Diagnostics for programs: one JSON object. The form is described in docs/diagnostics.md."""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps
from typing import Any

from flowc.model.diagnostic import Diagnostic, Severity
from flowc.model.source import SourceFile, Span

#: Raised when a key changes its meaning or goes away; a new key does not raise it.
VERSION = 1


def _point(source: SourceFile, offset: int) -> dict[str, int]:
    position = source.position(offset)
    return {"line": position.line, "column": position.column, "offset": offset}


def place(span: Span) -> dict[str, Any]:
    """A span: its file, and both ends as line and column (from 1) and offset (from 0), in
    characters; the end is the first character behind it."""
    return {
        "file": span.source.name,
        "start": _point(span.source, span.start),
        "end": _point(span.source, span.end),
    }


def as_object(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic as JSON values."""
    return {
        "code": diagnostic.code.id,
        "name": diagnostic.code.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "place": place(diagnostic.span) if diagnostic.span is not None else None,
        "at": diagnostic.at,
        "labels": [{"place": place(label.span), "text": label.text} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "fixes": [
            {
                "title": fix.title,
                "safety": fix.safety.value,
                "edits": [{"place": place(e.span), "text": e.text} for e in fix.edits],
            }
            for fix in diagnostic.fixes
        ],
        "doc": f"docs/errors/{diagnostic.code.id}.md",
    }


def document(diagnostics: Iterable[Diagnostic], **more: Any) -> dict[str, Any]:
    """The whole object; ``more`` are keys that a command adds before the diagnostics."""
    found = list(diagnostics)
    return {
        "version": VERSION,
        **more,
        "diagnostics": [as_object(d) for d in found],
        "counts": {s.value: sum(d.severity is s for d in found) for s in Severity},
    }


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    colour: bool = False,
    width: int = 80,
    ascii: bool = False,
) -> str:
    """The JSON text, indented by two. ``colour`` and ``width`` have no use here."""
    del colour, width
    return dumps(document(diagnostics), indent=2, ensure_ascii=ascii) + "\n"
