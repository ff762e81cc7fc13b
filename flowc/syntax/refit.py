"""Fixes of pipe text that stands inside of a YAML scalar, as edits of the file.

A fix is written where it is found, in pipe text. In a scalar its text may need the scalar's
escapes, or quotes that the scalar did not have.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic, Edit, Fix, Safety
from flowc.model.source import SourceFile, Span
from flowc.model.tree import ListValue, MapValue, Value
from flowc.syntax import YAML_SUFFIXES, yamldoc
from flowc.syntax.scalars import text_of
from flowc.syntax.yamlformat import scalar_spans
from flowc.syntax.yamlwriter import scalar

#: What ends a plain scalar, or makes something else of it.
_UNPLAIN = re.compile(r": |:\Z| #|\A[\"'`!&*?|>@%#\[\]{},]|\A-(?:\s|\Z)|\A[-?:]\Z")
_FLOW = re.compile(r"[,\[\]{}]")


def fitted(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with fixes that say what to change in the file."""
    files: dict[str, _Scalars] = {}
    return tuple(_fitted(diagnostic, files) for diagnostic in diagnostics)


def _fitted(diagnostic: Diagnostic, files: dict[str, _Scalars]) -> Diagnostic:
    fixes = tuple(_fit(fix, files) for fix in diagnostic.fixes)
    return diagnostic if fixes == diagnostic.fixes else replace(diagnostic, fixes=fixes)


def _fit(fix: Fix, files: dict[str, _Scalars]) -> Fix:
    """The fix with edits of the file; shown only where none would be read as is meant."""
    edits: list[Edit] = []
    inside: dict[Span, list[Edit]] = {}
    for edit in fix.edits:
        found = None
        if edit.span.source.name.endswith(YAML_SUFFIXES) and not edit.raw:
            found = _scalars_of(edit.span.source, files).around(edit.span)
        if found is None:
            edits.append(edit)
        else:
            inside.setdefault(found, []).append(edit)
    for span, some in inside.items():
        made = _rewritten(span, some, _scalars_of(span.source, files).is_flow(span))
        if made is None:
            return replace(fix, edits=(), safety=Safety.DISPLAY)
        edits += made
    return replace(fix, edits=tuple(edits))


def _scalars_of(source: SourceFile, files: dict[str, _Scalars]) -> _Scalars:
    known = files.get(source.name)
    if known is None or known.source is not source:
        known = files[source.name] = _Scalars(source)
    return known


class _Scalars:
    """The scalars of a YAML file that are values, in their order."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        values = yamldoc.load(source, Reporter())
        self._spans = sorted(set(scalar_spans(values)), key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]
        self._flows = [span for value in values for span in _flows(value)]

    def around(self, span: Span) -> Span | None:
        """The scalar in whose text a place lies; None beside it, or where it holds the quotes."""
        index = bisect_right(self._starts, span.start) - 1
        if index < 0:
            return None
        found = self._spans[index]
        quoted = found.text[:1] in ("'", '"')
        fits = found.start + quoted <= span.start and span.end <= found.end - quoted
        return found if fits else None

    def is_flow(self, span: Span) -> bool:
        """Whether a scalar stands in ``[…]`` or ``{…}``."""
        return any(flow.start < span.start and span.end < flow.end for flow in self._flows)


def _flows(value: Value) -> Iterator[Span]:
    stack = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, ListValue):
            stack += here.items
        elif isinstance(here, MapValue):
            stack += [entry.value for entry in here.entries]
        else:
            continue
        if here.span.text[:1] in ("[", "{"):
            yield here.span


def _rewritten(span: Span, edits: list[Edit], flow: bool) -> list[Edit] | None:
    """Edits that make the scalar's text what ``edits`` say; None where that cannot be."""
    style = span.text[:1]
    lines = any("\n" in edit.text for edit in edits)
    if style in ("|", ">"):
        return None if lines else edits
    if style in ("'", '"'):
        if lines:
            return None
        return [replace(edit, text=_escaped(edit.text, style)) for edit in edits]
    new = _new_text(span, edits)
    if not lines and not _UNPLAIN.search(new) and not (flow and _FLOW.search(new)):
        return edits
    return None if "\n" in new else [Edit(span, scalar(new) if not flow else _single(new))]


def _escaped(text: str, style: str) -> str:
    if style == "'":
        return text.replace("'", "''")
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _new_text(span: Span, edits: list[Edit]) -> str:
    """The text of a plain scalar after edits of its place in the file."""
    text = text_of(span)
    value = text.value
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        if text.places is None:
            start, end = edit.span.start - text.base, edit.span.end - text.base
        else:
            start = bisect_left(text.places, edit.span.start)
            end = bisect_left(text.places, edit.span.end)
        value = value[:start] + edit.text + value[end:]
    return value
