"""The words and signs of a written type."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowc.model.source import Text

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<word>[^\W\d]\w*)
      | (?P<number>\d+)
      | (?P<backtick>`[^`\n]+`)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<punctuation>\.\.\.|…|[{}<>()\[\],:?=|*-])
      | (?P<comment>\#)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|(.))", re.DOTALL)
_SIMPLE = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Token:
    """Characters ``start`` to ``end`` of the text, named by a group of the pattern."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: Text) -> list[Token]:
    """The tokens of a written type; the last is of the kind "end"."""
    found: list[Token] = []
    at, value = 0, text.value
    while at < len(value):
        match = _TOKEN.match(value, at)
        assert match is not None
        assert match.lastgroup is not None
        if match.lastgroup == "comment":
            at = max(match.end(), text.line_end(at))
            continue
        if match.lastgroup != "blank":
            found.append(Token(match.lastgroup, match.group(), at, match.end()))
        at = match.end()
    found.append(Token("end", "", at, at))
    return found


def unquote(literal: str) -> str:
    """The text that a quoted literal stands for.

    Raises:
        ValueError: an unknown escape; its message is the escape.
    """

    def plain(match: re.Match[str]) -> str:
        code, simple = match.group(1), match.group(2)
        if code is not None and int(code, 16) <= 0x10FFFF:
            return chr(int(code, 16))
        if simple in _SIMPLE:
            return _SIMPLE[simple]
        raise ValueError(match.group())

    return _ESCAPE.sub(plain, literal[1:-1])
