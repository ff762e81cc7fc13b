"""Apply the fixes of diagnostics to the texts they are about.

Fixes are edits of spans, so everything beside them stays as written, comments too.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowc.model.diagnostic import Diagnostic, Edit, Fix, Safety
from flowc.model.source import SourceFile


@dataclass(frozen=True, slots=True)
class Applied:
    """``texts``: the new text of each file that changed, by the file's name. ``fixes``: what
    was applied, each with the diagnostic it settles, in the order of the diagnostics."""

    texts: Mapping[str, str]
    fixes: tuple[tuple[Diagnostic, Fix], ...]


class _File:
    """The accepted edits of one file, none overlapping another."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.edits: list[tuple[int, int, str]] = []

    def has(self, edit: Edit) -> bool:
        return (edit.span.start, edit.span.end, edit.text) in self.edits

    def fits(self, edit: Edit) -> bool:
        """Whether the edit touches no accepted one: two insertions at one place do touch,
        since which comes first would be a guess."""
        start, end = edit.span.start, edit.span.end
        at = bisect_left(self.edits, (start, end, ""))
        for s, e, _ in self.edits[max(0, at - 1) : at + 1]:
            if (s, e) == (start, end) or (s < end and start < e):
                return False
            if (s == e and start <= s < end) or (start == end and s <= start < e):
                return False
        return True

    def new_text(self) -> str:
        parts: list[str] = []
        at = 0
        for start, end, text in self.edits:
            parts += (self.source.text[at:start], text)
            at = end
        return "".join((*parts, self.source.text[at:]))


def _chosen(diagnostic: Diagnostic, unsafe: bool) -> Fix | None:
    """The first fix that may be applied; several are alternatives."""
    allowed = (Safety.SAFE, Safety.UNSAFE) if unsafe else (Safety.SAFE,)
    for fix in diagnostic.fixes:
        if fix.edits and fix.safety in allowed:
            return fix
    return None


def _clash(edits: Iterable[Edit]) -> bool:
    """Whether edits of one fix overlap each other."""
    files: dict[str, _File] = {}
    for edit in edits:
        file = files.setdefault(edit.span.source.name, _File(edit.span.source))
        if not file.fits(edit):
            return True
        insort(file.edits, (edit.span.start, edit.span.end, edit.text))
    return False


def apply_fixes(diagnostics: Iterable[Diagnostic], *, unsafe: bool = False) -> Applied:
    """Apply one fix for each diagnostic that has one.

    Args:
        diagnostics: in the order in which they are to win; a fix that overlaps one already
            accepted is left out whole, and comes back when the new text is checked.
        unsafe: also apply fixes that may change the meaning or lose a comment.
    """
    files: dict[str, _File] = {}
    done: list[tuple[Diagnostic, Fix]] = []
    for diagnostic in diagnostics:
        fix = _chosen(diagnostic, unsafe)
        if fix is None or _clash(fix.edits):
            continue
        new: list[tuple[_File, Edit]] = []
        fits = True
        for edit in fix.edits:
            source = edit.span.source
            file = files.setdefault(source.name, _File(source))
            if file.source.text != source.text:
                fits = False
            elif not file.has(edit):
                fits = fits and file.fits(edit)
                new.append((file, edit))
        if fits:
            for file, edit in new:
                insort(file.edits, (edit.span.start, edit.span.end, edit.text))
            done.append((diagnostic, fix))
    texts = {name: file.new_text() for name, file in files.items() if file.edits}
    return Applied(texts, tuple(done))
