"""Reads RE2's syntax: what it has not (look-around, back references) is said so."""

from __future__ import annotations

from collections.abc import Mapping

from flowc.check.patterns.nodes import (
    LAST,
    Chars,
    Choice,
    Edge,
    Group,
    Node,
    Ranges,
    Repeat,
    Sequence,
    inverted,
    merged,
)

_MOST = 1000
_DEEPEST = 50


class PatternError(ValueError):
    """A pattern that cannot be taken. ``at`` is where, ``unknown`` that RE2 would take it."""

    def __init__(self, message: str, at: int, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.at = at
        self.unknown = unknown


def _r(*pairs: str) -> Ranges:
    return merged((ord(pair[0]), ord(pair[-1])) for pair in pairs)


_DIGIT, _WORD, _SPACE = _r("09"), _r("09", "AZ", "__", "az"), _r("\t\n", "\f\r", "  ")
_CLASSES: Mapping[str, Ranges] = {
    "d": _DIGIT,
    "w": _WORD,
    "s": _SPACE,
    "D": inverted(_DIGIT),
    "W": inverted(_WORD),
    "S": inverted(_SPACE),
}
_POSIX: Mapping[str, Ranges] = {
    "alnum": _r("09", "AZ", "az"),
    "alpha": _r("AZ", "az"),
    "ascii": ((0, 127),),
    "blank": _r("\t", " "),
    "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGIT,
    "graph": _r("!~"),
    "lower": _r("az"),
    "print": _r(" ~"),
    "punct": _r("!/", ":@", "[`", "{~"),
    "space": _r("\t\r", " "),
    "upper": _r("AZ"),
    "word": _WORD,
    "xdigit": _r("09", "AF", "af"),
}
_CONTROLS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_EDGES = {"A": r"\A", "z": r"\Z", "b": r"\b", "B": r"\B"}
#: Characters outside ASCII that fold to a letter of it: the Kelvin sign and the long s.
_FOLDED = {ord("k"): 0x212A, ord("s"): 0x17F}


def parse(pattern: str, *, captures: bool = False) -> Node:
    """The pattern as a tree; with ``captures``, groups that capture are nodes of it.

    Raises:
        PatternError: the pattern is malformed, or uses what is not supported.
    """
    return _Parser(pattern, captures).whole()


class _Parser:
    def __init__(self, text: str, captures: bool) -> None:
        self._captures = captures
        self._named: set[str] = set()
        self._text = text
        self._at = 0
        self._folds = False
        self._dot_all = False
        self._depth = 0

    def whole(self) -> Node:
        self._flags()
        node = self._choice()
        if self._at < len(self._text):
            raise PatternError("a `)` without its `(`", self._at)
        return node

    def _flags(self) -> None:
        """``(?i)`` and ``(?s)`` at the start; they hold for the whole pattern."""
        while self._text.startswith("(?", self._at):
            end = self._text.find(")", self._at)
            flags = self._text[self._at + 2 : end]
            if end < 0 or not flags or set(flags) - {"i", "s"}:
                return
            self._folds = self._folds or "i" in flags
            self._dot_all = self._dot_all or "s" in flags
            self._at = end + 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError("groups are nested too deeply", self._at, unknown=True)
        options = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            options.append(self._sequence())
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, node: Node) -> Node:
        start = self._at
        bounds = self._bounds()
        if bounds is None:
            return node
        least, most = bounds
        lazy = self._peek() == "?"
        if lazy:
            self._at += 1
        after = self._at
        if self._bounds() is not None:
            raise PatternError("two repetitions in a row", after)
        if max(least, most or 0) > _MOST:
            raise PatternError(f"more than {_MOST} repetitions", start)
        if most is not None and least > most:
            raise PatternError("a repetition whose least is more than its most", start)
        if isinstance(node, Edge) and (least, most) != (0, 1):
            raise PatternError("a place between characters is repeated", start, unknown=True)
        return Repeat(node, least, most, lazy)

    def _bounds(self) -> tuple[int, int | None] | None:
        char = self._peek()
        if char and char in "*+?":
            self._at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if char != "{":
            return None
        end = self._text.find("}", self._at)
        inside = self._text[self._at + 1 : end] if end > 0 else ""
        least, comma, most = inside.partition(",")
        if not _is_count(least) or (most and not _is_count(most)):
            return None
        self._at = end + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def _atom(self) -> Node:
        at = self._at
        char = self._take()
        match char:
            case "(":
                return self._group(at)
            case "[":
                return Chars(self._class(at))
            case ".":
                return Chars(((0, LAST),) if self._dot_all else inverted(((10, 10),)))
            case "^":
                return Edge(r"\A")
            case "$":
                return Edge(r"\Z")
            case "*" | "+" | "?":
                raise PatternError(f"`{char}` has nothing before it to repeat", at)
            case "\\":
                return self._escape(at)
            case _:
                return Chars(self._fold(((ord(char), ord(char)),), at))

    def _group(self, at: int) -> Node:
        captures = self._captures
        name = ""
        if self._peek() == "?":
            self._at += 1
            rest = self._text[self._at : self._at + 3]
            if rest.startswith(":"):
                captures = False
                self._at += 1
            elif rest.startswith("P<") or (rest[:1] == "<" and rest[1:2] not in ("=", "!")):
                end = self._text.find(">", self._at)
                if end < 0:
                    raise PatternError("the name of a group does not end", at)
                name = self._name(self._text[self._at : end].partition("<")[2], at)
                self._at = end + 1
            elif rest[:1] in ("=", "!", "<", ">", "("):
                raise PatternError("RE2 has no look-around and no conditions", at)
            else:
                raise PatternError(
                    "flags stand at the start only, `(?i)` or `(?s)`", at, unknown=True
                )
        node = self._choice()
        if self._take() != ")":
            raise PatternError("a `(` without its `)`", at)
        return Group(node, name) if captures else node

    def _name(self, name: str, at: int) -> str:
        if not (name.isascii() and name.isidentifier()):
            raise PatternError(f"`{name}` is no name of a group", at)
        if name in self._named:
            raise PatternError(f"two groups are called `{name}`", at)
        self._named.add(name)
        return name

    def _escape(self, at: int) -> Node:
        char = self._peek()
        if char in _EDGES and char:
            self._at += 1
            return Edge(_EDGES[char])
        return Chars(self._fold(self._escaped(at), at))

    def _escaped(self, at: int) -> Ranges:
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _CONTROLS:
            return _one(_CONTROLS[char])
        if char == "x":
            return _one(self._hexadecimal(at))
        if char == "0":
            return _one(0)
        if not char:
            raise PatternError("a backslash at the end", at)
        if char.isdigit() or char == "k":
            raise PatternError("RE2 has no back references", at)
        if char in "pPQCE":
            raise PatternError(f"`\\{char}` is not supported yet", at, unknown=True)
        if char.isascii() and not char.isalnum():
            return _one(ord(char))
        raise PatternError(f"`\\{char}` means nothing", at)

    def _hexadecimal(self, at: int) -> int:
        if self._peek() == "{":
            end = self._text.find("}", self._at)
            digits = self._text[self._at + 1 : end] if end > 0 else ""
            self._at = end + 1
        else:
            digits = self._text[self._at : self._at + 2]
            self._at += 2
        try:
            value = int(digits, 16) if digits.isalnum() else -1
        except ValueError:
            value = -1
        if not 0 <= value <= LAST or (self._text[self._at - 1] != "}" and len(digits) != 2):
            raise PatternError(r"`\x` is followed by two digits, or some in braces", at)
        return value

    def _class(self, at: int) -> Ranges:
        negative = self._peek() == "^"
        if negative:
            self._at += 1
        found: list[tuple[int, int]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            if not self._peek():
                raise PatternError("a `[` without its `]`", at)
            found.extend(self._member(at))
        self._at += 1
        ranges = self._fold(merged(found), at)
        return inverted(ranges) if negative else ranges

    def _member(self, at: int) -> Ranges:
        if self._text.startswith("[:", self._at):
            end = self._text.find(":]", self._at)
            name = self._text[self._at + 2 : end] if end > 0 else ""
            plain = name.removeprefix("^")
            if plain not in _POSIX:
                raise PatternError(f"there is no class `[:{name}:]`", self._at)
            self._at = end + 2
            return inverted(_POSIX[plain]) if name != plain else _POSIX[plain]
        low = self._single(at)
        if len(low) != 1 or low[0][0] != low[0][1] or self._peek() != "-":
            return low
        if self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return low
        self._at += 1
        high = self._single(at)
        if len(high) != 1 or high[0][0] != high[0][1] or high[0][0] < low[0][0]:
            raise PatternError("a range that runs backwards", at)
        return ((low[0][0], high[0][0]),)

    def _single(self, at: int) -> Ranges:
        here = self._at
        char = self._take()
        if not char:
            raise PatternError("a `[` without its `]`", at)
        return self._escaped(here) if char == "\\" else _one(ord(char))

    def _fold(self, ranges: Ranges, at: int) -> Ranges:
        """Under ``(?i)``, the letters of either case."""
        if not self._folds:
            return ranges
        found = list(ranges)
        for letter in range(ord("a"), ord("z") + 1):
            upper = letter - 32
            both = [letter, upper, _FOLDED.get(letter, letter)]
            if any(low <= each <= high for each in both for low, high in ranges):
                found.extend((each, each) for each in both)
        letters = [
            low for low, high in ranges if low == high and low > 127 and low not in _FOLDED.values()
        ]
        if any(chr(low).lower() != chr(low) or chr(low).upper() != chr(low) for low in letters):
            raise PatternError("`(?i)` folds ASCII letters only", at, unknown=True)
        return merged(found)


def _one(point: int) -> Ranges:
    return ((point, point),)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
