"""Source texts and places in them.

A ``Span`` always points into a file as the user sees it. A pipe expression that stands
inside a YAML scalar is parsed from a ``Text``, which knows where each of its characters
lies in the file; so a caret under a character of a folded scalar costs nothing later.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Position:
    """A place for people: both numbers start at 1; the column counts characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """A text and the name it is shown by (a path as the user wrote it, or ``<command line>``)."""

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, init=False, repr=False)

    def _line_starts(self) -> list[int]:
        if not self._starts:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._starts.extend(starts)
        return self._starts

    def position(self, offset: int) -> Position:
        """The line and column of a character offset (clamped to the text)."""
        offset = max(0, min(offset, len(self.text)))
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line_start(self, number: int) -> int:
        """The offset at which line ``number`` (from 1) begins; the end of the text past it."""
        starts = self._line_starts()
        return starts[number - 1] if 1 <= number <= len(starts) else len(self.text)

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1) without its line end; empty past the end."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The span from ``start`` to ``end`` (the end of the text by default)."""
        return Span(self, start, len(self.text) if end is None else end)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (half open) of a file."""

    source: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def position(self) -> Position:
        return self.source.position(self.start)

    @property
    def place(self) -> str:
        """``file:line:column``, as messages and generated comments write it."""
        position = self.position
        return f"{self.source.name}:{position.line}:{position.column}"

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of the other (of the same file)."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))

    def at_end(self) -> Span:
        """The empty span behind this one: where an insertion goes."""
        return Span(self.source, self.end, self.end)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text to parse, and where each of its characters lies in a file.

    ``places[i]`` is the file offset of character ``i``; the last entry is that of the end.
    ``None`` means that the text is the file from ``base`` on, character by character.
    """

    value: str
    source: SourceFile
    base: int = 0
    places: tuple[int, ...] | None = None

    @classmethod
    def whole(cls, source: SourceFile) -> Text:
        return cls(source.text, source)

    def offset(self, index: int) -> int:
        """The file offset of character ``index`` of the text."""
        if self.places is None:
            return self.base + index
        return self.places[max(0, min(index, len(self.places) - 1))]

    def span(self, start: int, end: int) -> Span:
        """The file span of characters ``start`` to ``end`` of the text."""
        first = self.offset(start)
        last = first
        if end > start:
            last = self.offset(end - 1)
            # A backslash or a quote may stand for one character together with what follows.
            last = (
                self.offset(end) if self.source.text[last : last + 1] in ("\\", "'") else last + 1
            )
        return Span(self.source, first, max(first, last))

    def slice(self, start: int, end: int) -> Text:
        """The part from ``start`` to ``end``, still knowing its places."""
        if self.places is None:
            return Text(self.value[start:end], self.source, self.base + start)
        return Text(self.value[start:end], self.source, 0, self.places[start : end + 1])

    def line_end(self, index: int) -> int:
        """The index at which the *file's* line of character ``index`` ends in this text.

        In a folded YAML scalar a line break of the file is a blank of the text; a comment
        ends there all the same.
        """
        text, n = self.source.text, len(self.value)
        i = index
        while i < n:
            if self.value[i] == "\n":
                return i
            here = self.offset(i)
            following = self.offset(i + 1)
            if "\n" in text[here:following]:
                return i
            i += 1
        return n


def span_of(*spans: Span) -> Span:
    """The smallest span that covers all of ``spans`` (one file, at least one span)."""
    first = min(spans, key=lambda s: s.start)
    last = max(spans, key=lambda s: s.end)
    return Span(first.source, first.start, last.end)
