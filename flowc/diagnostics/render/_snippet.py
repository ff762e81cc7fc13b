"""Source lines with marks under them.

7 |   - process-refund
  |     ^^^^^^^^^^^^^^ expects Payment
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flowc.diagnostics.render import _glyphs
from flowc.model.source import SourceFile, Span

_ELLIPSIS = "..."
_LEAST = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to underline, and the text that goes with it."""

    span: Span
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """The part of a mark on one line, in columns from ``start`` up to ``end``."""

    start: int
    end: int
    text: str
    primary: bool


#: Colours a text: (text, role) -> text. Roles: primary, secondary, gutter.
Paint = Callable[[str, str], str]


def visible(span: Span) -> Span:
    """The span, or the end of the last line with text for one behind the text's end."""
    text = span.source.text
    if span.start < len(text) or not text.endswith("\n"):
        return span
    end = len(text.rstrip())
    return Span(span.source, end, end)


def last_line(span: Span) -> int:
    """The number of the last line a span touches."""
    end = span.end - 1 if span.end > span.start else span.start
    return span.source.position(end).line


def _pieces_of(mark: Mark) -> Iterable[tuple[int, int, int, str]]:
    """(line, first character, last character, text) of the lines to underline.

    A mark over several lines shows its first and its last.
    """
    source, span = mark.span.source, mark.span
    first = source.position(span.start)
    last = last_line(span)
    start = first.column - 1
    if first.line == last:
        yield first.line, start, start + max(1, span.end - span.start), mark.text
        return
    yield first.line, start, max(start + 1, len(source.line(first.line))), ""
    line = source.line(last)
    end = source.position(span.end - 1).column
    yield last, min(len(line) - len(line.lstrip()), end - 1), end, mark.text


def _window(line: _glyphs.ShownLine, runs: list[_Run], room: int) -> tuple[str, int, int]:
    """The text that fits, the column it begins at, and the columns put before it."""
    total = line.columns[-1]
    if total <= room:
        return "".join(line.pieces), 0, 0
    focus = next((run for run in runs if run.primary), runs[0] if runs else _Run(0, 0, "", True))
    inner = max(1, room - 2 * len(_ELLIPSIS))
    end = min(focus.end, focus.start + inner // 2)
    left = max(0, (focus.start + end) // 2 - inner // 2)
    left = min(left, max(0, total - inner))
    if left <= len(_ELLIPSIS):
        left = 0
    first = next((i for i, column in enumerate(line.columns) if column >= left), 0)
    left = line.columns[first]
    before = _ELLIPSIS if first else ""
    space = room - len(before)
    count = len(line.pieces)
    if total - left > space:
        space -= len(_ELLIPSIS)
        count = first
        while count < len(line.pieces) and line.columns[count + 1] - left <= space:
            count += 1
    after = _ELLIPSIS if count < len(line.pieces) else ""
    return before + "".join(line.pieces[first:count]) + after, left, len(before)


class _Row:
    """A row of cells to write marks and labels into, each with its colour."""

    def __init__(self) -> None:
        self._cells: list[tuple[int, str, str]] = []

    def put(self, column: int, text: str, role: str) -> None:
        self._cells.append((column, text, role))

    def text(self, paint: Paint) -> str:
        parts: list[str] = []
        at = 0
        for column, text, role in sorted(self._cells):
            if column < at:
                continue
            parts.append(" " * (column - at) + paint(text, role))
            at = column + _glyphs.width(text)
        return "".join(parts)


def _role(run: _Run) -> str:
    return "primary" if run.primary else "secondary"


def _rows(runs: list[_Run], room: int, paint: Paint) -> list[str]:
    """The rows under a line: the marks, then the labels that found no place beside them."""
    rows: list[str] = []
    pending = sorted(runs, key=lambda run: (run.start, not run.primary))
    while pending:
        here: list[_Run] = []
        later: list[_Run] = []
        for run in pending:
            (later if here and run.start < here[-1].end else here).append(run)
        pending = later
        row = _Row()
        for run in here:
            row.put(run.start, ("^" if run.primary else "-") * (run.end - run.start), _role(run))
        hanging = [run for run in here if run.text]
        last = here[-1]
        if last.text and last.end + 1 + _glyphs.width(last.text) <= room:
            row.put(last.end + 1, last.text, _role(last))
            hanging.remove(last)
        rows.append(row.text(paint))
        if hanging and len(here) > 1:
            bars = _Row()
            for run in hanging:
                bars.put(run.start, "|", _role(run))
            rows.append(bars.text(paint))
        while hanging:
            run = hanging.pop()
            start = min(run.start, max(0, room - min(_LEAST, _glyphs.width(run.text))))
            for part in textwrap.wrap(run.text, max(_LEAST, room - start)):
                label = _Row()
                for other in hanging:
                    if other.start < start:
                        label.put(other.start, "|", _role(other))
                label.put(start, part, _role(run))
                rows.append(label.text(paint))
    return rows


def draw(
    source: SourceFile,
    marks: Iterable[Mark],
    *,
    gutter: int,
    width: int,
    ascii: bool,
    paint: Paint,
) -> list[str]:
    """The marked lines of a file, with numbers ``gutter`` columns wide.

    Args:
        marks: all of ``source``.
        width: of the whole output, in columns.
        ascii: show nothing beyond ASCII.
    """
    by_line: dict[int, list[tuple[int, int, str, bool]]] = {}
    for mark in marks:
        for number, start, end, text in _pieces_of(mark):
            by_line.setdefault(number, []).append((start, end, text, mark.primary))
    room = max(_LEAST, width - gutter - 3)
    bar = paint(f"{'':>{gutter}} |", "gutter")
    out = [bar]
    shown_before = 0
    for number in sorted(by_line):
        if shown_before and number == shown_before + 2:
            by_line.setdefault(shown_before + 1, [])
        shown_before = number
    before = 0
    for number in sorted(by_line):
        if before and number > before + 1:
            out.append(paint(f"{'...':>{gutter}}", "gutter"))
        before = number
        line = _glyphs.shown(source.line(number), ascii=ascii)
        runs = [
            _Run(line.column(s), max(line.column(e), line.column(s) + 1), text, primary)
            for s, e, text, primary in by_line[number]
        ]
        text, left, shift = _window(line, runs, room)
        head = paint(f"{number:>{gutter}} |", "gutter")
        out.append(f"{head} {text}".rstrip())
        end = _glyphs.width(text)
        moved = [
            _Run(
                min(max(shift, run.start - left + shift), end),
                max(
                    min(run.end - left + shift, max(end, run.start - left + shift + 1)),
                    min(max(shift, run.start - left + shift), end) + 1,
                ),
                run.text,
                run.primary,
            )
            for run in runs
        ]
        out.extend(f"{bar} {row}".rstrip() for row in _rows(moved, room, paint))
    return out
