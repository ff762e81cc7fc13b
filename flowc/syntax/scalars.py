"""Where each character of a YAML scalar lies in the file.

YAML folds lines, drops indentation and reads escapes; the tables made here lead from the
text it gives back to the file, so that a caret in a pipe expression inside is exact.
"""

from __future__ import annotations

import re

from flowc.model.source import Span, Text

_BREAKS = "\r\n\x85\u2028\u2029"
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_HEX = {"x": 2, "u": 4, "U": 8}
_HEADER = re.compile(r"[|>]([1-9]?)([+-]?)([1-9]?)[^\r\n\x85\u2028\u2029]*")


class _Output:
    """The characters of a scalar and their places."""

    def __init__(self, source_text: str) -> None:
        self.file = source_text
        self.chars: list[str] = []
        self.places: list[int] = []

    def put(self, char: str, place: int) -> None:
        self.chars.append(char)
        self.places.append(place)

    def copy(self, start: int, end: int) -> None:
        self.chars.extend(self.file[start:end])
        self.places.extend(range(start, end))


def text_of(span: Span) -> Text:
    """The text of the scalar that stands at ``span``, with its places."""
    source, start, end = span.source, span.start, span.end
    file = source.text
    style = file[start : start + 1]
    out = _Output(file)
    if style in ("|", ">"):
        _block(out, start, end, literal=style == "|")
    elif style in ('"', "'"):
        inside = file[start + 1 : end - 1]
        if not any(char in inside for char in "\\'\r\n\x85\u2028\u2029"):
            return Text(inside, source, start + 1)
        _flow(out, start + 1, end - 1, style)
        end -= 1
    else:
        plain = file[start:end]
        if not any(char in plain for char in _BREAKS):
            return Text(plain, source, start)
        _flow(out, start, end, "")
    last = min(end, len(file))
    if out.places:
        last = max(last if style not in ("|", ">") else 0, out.places[-1] + 1)
    return Text("".join(out.chars), source, 0, (*out.places, last))


def _after_break(file: str, at: int) -> int:
    return at + 2 if file.startswith("\r\n", at) else at + 1


def _broken_line(file: str, at: int) -> str:
    """What a line break is read as."""
    return file[at] if file[at] in "\u2028\u2029" else "\n"


def _flow(out: _Output, at: int, end: int, quote: str) -> None:
    """A plain or quoted scalar: lines are folded, escapes read."""
    file = out.file
    while at < end:
        char = file[at]
        if char in " \t" or char in _BREAKS:
            at = _blanks(out, at, end)
        elif quote == "'" and char == "'":
            out.put("'", at)
            at += 2
        elif quote == '"' and char == "\\":
            at = _escape(out, at, end)
        else:
            out.put(char, at)
            at += 1


def _blanks(out: _Output, at: int, end: int) -> int:
    """Blanks as they are, or a folded line break."""
    file, start = out.file, at
    while at < end and file[at] in " \t":
        at += 1
    if at >= end or file[at] not in _BREAKS:
        out.copy(start, at)
        return at
    return _fold(out, at, end)


def _fold(out: _Output, at: int, end: int) -> int:
    """One break becomes a blank; of several, all but the first stay."""
    file = out.file
    first = at
    at = _after_break(file, at)
    more: list[int] = []
    while at < end and (file[at] in " \t" or file[at] in _BREAKS):
        if file[at] in _BREAKS:
            more.append(at)
            at = _after_break(file, at)
        else:
            at += 1
    if not more:
        out.put(" " if _broken_line(file, first) == "\n" else file[first], first)
    for place in more:
        out.put(_broken_line(file, place), place)
    return at


def _escape(out: _Output, at: int, end: int) -> int:
    file = out.file
    char = file[at + 1]
    if char in _HEX:
        stop = at + 2 + _HEX[char]
        out.put(chr(int(file[at + 2 : stop], 16)), at)
        return stop
    if char not in _BREAKS:
        out.put(_ESCAPES.get(char, char), at)
        return at + 2
    following = _after_break(file, at + 1)
    while following < end and (file[following] in " \t" or file[following] in _BREAKS):
        if file[following] in _BREAKS:
            out.put(_broken_line(file, following), following)
            following = _after_break(file, following)
        else:
            following += 1
    return following


def _block(out: _Output, start: int, end: int, *, literal: bool) -> None:
    """A literal or folded scalar, as the YAML scanner reads it."""
    file = out.file
    header = _HEADER.match(file, start)
    assert header is not None
    given = header[1] or header[3]
    at = header.end()
    if at < end:
        at = _after_break(file, at)
    indent = _parent_indent(file, start) + int(given) if given else _indent(file, at, end)
    leading: list[tuple[str, int]] = []
    trailing: list[tuple[str, int]] = []
    at = _eat_blank_lines(file, at, end, indent, trailing)
    was_blank = False
    while at < end and _column(file, at) == indent:
        is_blank = file[at] in " \t"
        if not literal and leading and leading[0][0] == "\n" and not was_blank and not is_blank:
            if not trailing:
                out.put(" ", leading[0][1])
        else:
            _put_all(out, leading)
        leading = []
        _put_all(out, trailing)
        trailing = []
        was_blank = is_blank
        stop = at
        while stop < end and file[stop] not in _BREAKS:
            stop += 1
        out.copy(at, stop)
        at = stop
        if at < end:
            leading = [(_broken_line(file, at), at)]
            at = _after_break(file, at)
        at = _eat_blank_lines(file, at, end, indent, trailing)
    if header[2] != "-":
        _put_all(out, leading)
    if header[2] == "+":
        _put_all(out, trailing)


def _put_all(out: _Output, breaks: list[tuple[str, int]]) -> None:
    for char, place in breaks:
        out.put(char, place)


def _eat_blank_lines(
    file: str, at: int, end: int, indent: int, breaks: list[tuple[str, int]]
) -> int:
    """Skip indentation and blank lines; gives where the next content begins."""
    while True:
        column = 0
        while at < end and column < indent and file[at] == " ":
            at += 1
            column += 1
        if at >= end or file[at] not in _BREAKS:
            return at
        breaks.append((_broken_line(file, at), at))
        at = _after_break(file, at)


def _indent(file: str, at: int, end: int) -> int:
    """The indentation of the first line with content; of the longest blank one else."""
    most = 0
    while at < end:
        start = at
        while at < end and file[at] == " ":
            at += 1
        if at >= end or file[at] not in _BREAKS:
            return max(at - start, most, 1)
        most = max(most, at - start)
        at = _after_break(file, at)
    return max(most, 1)


def _column(file: str, at: int) -> int:
    start = at
    while start > 0 and file[start - 1] not in _BREAKS:
        start -= 1
    return at - start


def _parent_indent(file: str, start: int) -> int:
    """The indentation of what holds a block scalar: of its key, else of its dash."""
    begin = start - _column(file, start)
    line = file[begin:start]
    column, dash = 0, -1
    while True:
        match = re.compile(r" *").match(line, column)
        column = match.end() if match else column
        if line.startswith("- ", column):
            dash = column
            column += 1
        else:
            break
    has_key = column < len(line.rstrip())
    return column if has_key else max(dash, 0)
