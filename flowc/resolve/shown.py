"""Nodes as text in one line, for messages and for comments in generated code."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.model.source import Span
from flowc.model.tree import Stage

_PASSWORD = re.compile(r"(://[^/@:]*:)[^/@]+(@)")
_SECRET = re.compile(r"(?i)([\w-]*(?:password|secret|token|key|salt|auth)[\w-]*=)[^&,\s]+")


def one_line(span: Span) -> str:
    return " ".join(span.text.split())


def redacted(text: str) -> str:
    """An endpoint's text with `***` where it holds a password or the like."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1***\2", text))


def shown_stage(stage: Stage) -> str:
    """The stage as written; one written as a map in pipe form."""
    if stage.block:
        return f"{stage.name.text} {{ … }}"
    if not _is_map(stage):
        return one_line(stage.span)
    from flowc.syntax.format import stage_text

    text = stage_text(replace(stage, options=()))
    options = ", ".join(f"{o.key.text}: {one_line(o.value.span)}" for o in stage.options)
    return f"{text} {options}" if options else text


def _is_map(stage: Stage) -> bool:
    name, span = stage.name.span, stage.span
    if stage.options or name.start != span.start:
        return True
    return span.source.text[name.end : name.end + 2].lstrip("\"'").startswith(":")
