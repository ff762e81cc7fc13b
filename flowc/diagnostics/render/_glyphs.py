"""Characters as a terminal shows them: wide ones, tabs, and those that must not act.

Control characters move the cursor and bidirectional marks reorder a line, so neither is
printed: they are shown as ``\\u{1b}``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_TAB = 4
#: What messages use beyond ASCII, and what stands for it where that cannot be shown.
_PLAIN = str.maketrans(
    {
        "→": "->",
        "←": "<-",
        "…": "...",
        "–": "-",
        "—": "-",
        "−": "-",
        "×": "x",
        "≥": ">=",
        "≤": "<=",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "·": "-",
        "✓": "ok",
        "✗": "x",
    }
)
_ZERO_WIDTH_SPACES = frozenset("\u200b\u2060\ufeff\u00ad")
_JOINER = "\u200d"


def _is_unsafe(char: str) -> bool:
    category = unicodedata.category(char)
    if category in {"Cc", "Cs", "Zl", "Zp"} or char in _ZERO_WIDTH_SPACES:
        return True
    return category == "Cf" and char != _JOINER


def _shown_char(char: str, ascii: bool) -> str:
    if " " <= char <= "~":
        return char
    if ascii or _is_unsafe(char):
        return f"\\u{{{ord(char):x}}}"
    return char


def width(text: str) -> int:
    """The columns a text takes, once it has passed through `shown` or `plain`."""
    total = 0
    for char in text:
        if " " <= char <= "~":
            total += 1
        elif unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
            continue
        else:
            total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def plain(text: str, *, ascii: bool = False) -> str:
    """A message fit to print: unsafe characters escaped, line ends and blanks kept."""
    if ascii:
        text = text.translate(_PLAIN)
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == "\n" else " " if c == "\t" else _shown_char(c, ascii) for c in text)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A source line as printed. Character ``i`` of the source is ``pieces[i]`` and begins
    at column ``columns[i]`` (from 0); the last entry of ``columns`` is the whole width."""

    pieces: tuple[str, ...]
    columns: tuple[int, ...]

    def column(self, index: int) -> int:
        """The column of character ``index``; one further for each index past the end."""
        past = index - len(self.pieces)
        return self.columns[-1] + past if past > 0 else self.columns[index]


def shown(line: str, *, ascii: bool = False) -> ShownLine:
    """Lay a source line out in columns: tabs to the next multiple of four."""
    pieces: list[str] = []
    columns = [0]
    for char in line:
        at = columns[-1]
        piece = " " * (_TAB - at % _TAB) if char == "\t" else _shown_char(char, ascii)
        pieces.append(piece)
        columns.append(at + width(piece))
    return ShownLine(tuple(pieces), tuple(columns))
