"""Diagnostics for people, as on a terminal.

error[FC0312]: 'amount' may be null here
  --> orders.yaml:4:11
    |
  4 | process: "filter amount > 100"
    |                  ^^^^^^ is int?
    |
    = note: a comparison with null is null, and filter drops the record
    = help: say what null counts as
    |
  4 - process: "filter amount > 100"
  4 + process: "filter (amount ?? 0) > 100"
    |
    = more: flowc explain FC0312
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowc.diagnostics.render import _glyphs, _snippet
from flowc.model.diagnostic import Diagnostic, Edit, Fix, Label, Safety, Severity
from flowc.model.source import SourceFile

_RESET = "\x1b[0m"
_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "bold": "\x1b[1m",
    "gutter": "\x1b[1;34m",
    "secondary": "\x1b[1;34m",
    "help": "\x1b[1;32m",
    "removed": "\x1b[31m",
    "added": "\x1b[32m",
}
_LEAST_WIDTH = 40
#: Lines of a fix that are shown on each side; a reader knows by then.
_FIX_LINES = 8


@dataclass(frozen=True, slots=True)
class _Look:
    colour: bool
    width: int
    ascii: bool

    def paint(self, text: str, role: str) -> str:
        return f"{_COLOURS[role]}{text}{_RESET}" if self.colour and role and text else text

    def plain(self, text: str) -> str:
        return _glyphs.plain(text, ascii=self.ascii)


def _wrapped(text: str, first: str, rest: str, width: int) -> list[str]:
    """The lines of a text behind ``first``, its later lines behind ``rest``; line breaks of
    the text are kept, and words are never cut."""
    out: list[str] = []
    for paragraph in text.split("\n"):
        lead = first if not out else rest
        out.extend(
            textwrap.wrap(
                paragraph,
                width,
                initial_indent=lead,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
                drop_whitespace=True,
            )
            or [lead.rstrip()]
        )
    return out


def _header(diagnostic: Diagnostic, look: _Look) -> list[str]:
    severity = diagnostic.severity.value
    head = f"{severity}[{diagnostic.code.id}]"
    lines = _wrapped(f"{head}: {look.plain(diagnostic.message)}", "", "  ", look.width)
    first = lines[0].removeprefix(head)
    painted = look.paint(head, severity) + look.paint(first, "bold")
    return [painted, *(look.paint(line, "bold") for line in lines[1:])]


def _marks(diagnostic: Diagnostic, look: _Look) -> dict[str, list[_snippet.Mark]]:
    """The marks of each file, the primary file first, by the file's name."""
    found: dict[str, list[_snippet.Mark]] = {}
    if diagnostic.span is not None:
        mark = _snippet.Mark(_snippet.visible(diagnostic.span), look.plain(diagnostic.at), True)
        found[diagnostic.span.source.name] = [mark]
    for label in diagnostic.labels:
        mark = _snippet.Mark(_snippet.visible(label.span), look.plain(label.text), False)
        found.setdefault(label.span.source.name, []).append(mark)
    return found


def _groups(edits: Iterable[Edit]) -> Iterator[tuple[SourceFile, list[Edit]]]:
    """Edits whose lines touch, in order, file by file."""
    files: dict[str, list[Edit]] = {}
    for edit in edits:
        files.setdefault(edit.span.source.name, []).append(edit)
    for of_file in files.values():
        of_file.sort(key=lambda e: (e.span.start, e.span.end))
        source = of_file[0].span.source
        group: list[Edit] = []
        for edit in of_file:
            line = source.position(edit.span.start).line
            if group and line > source.position(group[-1].span.end).line + 1:
                yield source, group
                group = []
            group.append(edit)
        if group:
            yield source, group


def _before_and_after(source: SourceFile, edits: list[Edit]) -> tuple[int, list[str], list[str]]:
    """The first line's number, the lines as they are, and as the edits leave them."""
    text = source.text
    start = text.rfind("\n", 0, edits[0].span.start) + 1
    last = max(edit.span.end for edit in edits)
    end = text.find("\n", last)
    end = len(text) if end < 0 else end
    after: list[str] = []
    at = start
    for edit in edits:
        after.append(text[at : edit.span.start])
        after.append(edit.text)
        at = max(at, edit.span.end)
    after.append(text[at:end])
    number = source.position(start).line
    old, new = text[start:end].split("\n"), "".join(after).split("\n")
    while old and new and old[-1] == new[-1] and len(old) != len(new):
        old, new = old[:-1], new[:-1]
    while old and new and old[0] == new[0] and len(old) != len(new):
        old, new, number = old[1:], new[1:], number + 1
    return number, old, new


def _cut(text: str, room: int) -> str:
    """A line shortened to ``room`` columns."""
    if _glyphs.width(text) <= room:
        return text
    kept = ""
    for char in text:
        if _glyphs.width(kept + char) > room - 3:
            break
        kept += char
    return kept + "..."


def _window_both(old: list[str], new: list[str], room: int) -> tuple[list[str], list[str]]:
    """Where lines are too long, both sides begin shortly before they first differ."""
    if max(map(_glyphs.width, (*old, *new)), default=0) <= room:
        return old, new
    same = 0
    if len(old) == len(new) == 1:
        limit = min(len(old[0]), len(new[0]))
        while same < limit and old[0][same] == new[0][same]:
            same += 1
    skip = max(0, same - room // 3)
    lead = "..." if skip else ""
    return (
        [_cut(lead + line[skip:], room) for line in old],
        [_cut(lead + line[skip:], room) for line in new],
    )


def _diff(fix: Fix, home: str, gutter: int, look: _Look) -> list[str]:
    bar = look.paint(f"{'':>{gutter}} |", "gutter")
    room = max(_LEAST_WIDTH // 2, look.width - gutter - 3)
    out: list[str] = []
    for source, edits in _groups(fix.edits):
        if source.name != home:
            place = look.plain(source.span(edits[0].span.start).place)
            out.append(f"{look.paint(f'{chr(32):>{gutter}} -->', 'gutter')} {place}")
        out.append(bar)
        number, old, new = _before_and_after(source, edits)
        shown_old = ["".join(_glyphs.shown(s.rstrip("\r"), ascii=look.ascii).pieces) for s in old]
        shown_new = ["".join(_glyphs.shown(s.rstrip("\r"), ascii=look.ascii).pieces) for s in new]
        shown_old, shown_new = _window_both(shown_old, shown_new, room)
        for sign, role, lines in (("-", "removed", shown_old), ("+", "added", shown_new)):
            for i, line in enumerate(lines[:_FIX_LINES]):
                head = look.paint(f"{number + i:>{gutter}}", "gutter")
                out.append(f"{head} {look.paint(f'{sign} {line}'.rstrip(), role)}")
            if len(lines) > _FIX_LINES:
                out.append(f"{'':>{gutter}} {look.paint(f'{sign} ...', role)}")
    if out:
        out.append(bar)
    return out


_SAFETY = {
    Safety.SAFE: "",
    Safety.UNSAFE: " (may change the meaning)",
    Safety.DISPLAY: "",
}


def _notes(diagnostic: Diagnostic, gutter: int, look: _Look) -> list[str]:
    lead = f"{'':>{gutter}} "
    out: list[str] = []

    def say(kind: str, text: str, role: str) -> None:
        head = f"{lead}= {kind}: "
        lines = _wrapped(look.plain(text), head, " " * len(head), look.width)
        painted = (
            look.paint(lead + "=", "gutter")
            + " "
            + look.paint(f"{kind}:", role)
            + lines[0][len(head) - 1 :]
        )
        out.extend([painted.rstrip(), *lines[1:]])

    for note in diagnostic.notes:
        say("note", note, "bold")
    home = diagnostic.span.source.name if diagnostic.span else ""
    several = len(diagnostic.fixes) > 1
    for number, fix in enumerate(diagnostic.fixes, 1):
        title = f"{number}. {fix.title}" if several else fix.title
        say("help", title + (_SAFETY[fix.safety] if fix.edits else ""), "help")
        out.extend(_diff(fix, home, gutter, look))
    return out


def _gutter(diagnostic: Diagnostic) -> int:
    numbers = [1]
    spans = [label.span for label in diagnostic.labels]
    spans += [edit.span for fix in diagnostic.fixes for edit in fix.edits]
    if diagnostic.span is not None:
        spans.append(diagnostic.span)
    for span in spans:
        numbers.append(_snippet.last_line(span))
    return len(str(max(numbers)))


def _excerpts(
    found: dict[str, list[_snippet.Mark]], severity: str, gutter: int, look: _Look
) -> Iterator[str]:
    """The marked lines of each file, under its name; a file without text is only named."""

    def paint(text: str, role: str) -> str:
        return look.paint(text, severity if role == "primary" else role)

    for i, marks in enumerate(found.values()):
        source = marks[0].span.source
        arrow = "-->" if i == 0 else ":::"
        if i:
            yield look.paint(f"{'':>{gutter}} |", "gutter")
        place = marks[0].span.place if source.text else source.name
        yield f"{look.paint(f'{chr(32) * gutter}{arrow}', 'gutter')} {look.plain(place)}"
        if source.text or any(mark.text for mark in marks):
            yield from _snippet.draw(
                source, marks, gutter=gutter, width=look.width, ascii=look.ascii, paint=paint
            )


def excerpts(
    labels: Iterable[Label], *, colour: bool = False, width: int = 80, ascii: bool = False
) -> str:
    """Labels under the lines they speak of, file by file; the first is the one that matters."""
    look = _Look(colour, max(_LEAST_WIDTH, width), ascii)
    found: dict[str, list[_snippet.Mark]] = {}
    gutter = 1
    for label in labels:
        mark = _snippet.Mark(_snippet.visible(label.span), look.plain(label.text), not found)
        found.setdefault(label.span.source.name, []).append(mark)
        gutter = max(gutter, len(str(_snippet.last_line(label.span))))
    lines = _excerpts(found, Severity.NOTE.value, gutter, look)
    return "".join(f"{line}\n" for line in lines)


def _one(diagnostic: Diagnostic, look: _Look, *, more: bool) -> list[str]:
    severity = diagnostic.severity.value
    gutter = _gutter(diagnostic)
    out = _header(diagnostic, look)
    marks = _marks(diagnostic, look)
    drawn = any(found[0].span.source.text or any(m.text for m in found) for found in marks.values())
    out.extend(_excerpts(marks, severity, gutter, look))
    notes = _notes(diagnostic, gutter, look)
    if more:
        lead = look.paint(f"{'':>{gutter}} =", "gutter")
        notes.append(f"{lead} {look.paint('more:', 'bold')} flowc explain {diagnostic.code.id}")
    if notes and notes[-1] == look.paint(f"{'':>{gutter}} |", "gutter"):
        notes.pop()
    if notes and drawn:
        out.append(look.paint(f"{'':>{gutter}} |", "gutter"))
    return out + notes


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    colour: bool = False,
    width: int = 80,
    ascii: bool = False,
) -> str:
    """Every diagnostic in the order given, with a blank line between.

    The hint at ``flowc explain`` stands at the first of each code.
    """
    look = _Look(colour, max(_LEAST_WIDTH, width), ascii)
    seen: set[str] = set()
    blocks: list[str] = []
    for diagnostic in diagnostics:
        more = diagnostic.code.id not in seen
        seen.add(diagnostic.code.id)
        blocks.append("\n".join(_one(diagnostic, look, more=more)) + "\n")
    return "\n".join(blocks)


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``; empty where there is none of either."""
    found = list(diagnostics)
    parts: list[str] = []
    for severity in (Severity.ERROR, Severity.WARNING):
        n = sum(d.severity is severity for d in found)
        if n:
            parts.append(f"{n} {severity.value}{'' if n == 1 else 's'}")
    return ", ".join(parts)
