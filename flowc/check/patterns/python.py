"""A pattern in Python's spelling, which means the same under ``re.ASCII``."""

from __future__ import annotations

from typing import assert_never

from flowc.check.patterns.linear import trimmed
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
)
from flowc.check.patterns.parse import parse

_SPECIAL = frozenset("\\^$.|?*+()[]{}-&~#")
_NAMED: dict[Ranges, str] = {
    ((48, 57),): r"\d",
    inverted(((48, 57),)): r"\D",
    ((48, 57), (65, 90), (95, 95), (97, 122)): r"\w",
    inverted(((48, 57), (65, 90), (95, 95), (97, 122))): r"\W",
    inverted(((10, 10),)): ".",
}


def to_python(pattern: str) -> str:
    """A pattern that `parse` takes, `trimmed` and as Python's ``re`` spells it."""
    return _print(trimmed(parse(pattern)))


def to_python_whole(pattern: str) -> tuple[str, int]:
    """The same where it matters what is matched: as it is, and how many groups it has."""
    node = parse(pattern, captures=True)
    return _print(node), _groups(node)


def named_groups(pattern: str) -> dict[str, bool]:
    """The named groups of a pattern in their order; of each, whether it may take no part."""
    return _named(parse(pattern, captures=True), False)


def _named(node: Node, optional: bool) -> dict[str, bool]:
    match node:
        case Chars() | Edge():
            return {}
        case Sequence(parts):
            return {name: may for part in parts for name, may in _named(part, optional).items()}
        case Choice(parts):
            return {name: may for part in parts for name, may in _named(part, True).items()}
        case Group(inner, name):
            return {**({name: optional} if name else {}), **_named(inner, optional)}
        case Repeat(inner, least):
            return _named(inner, optional or least == 0)
        case _:
            assert_never(node)


def _groups(node: Node) -> int:
    match node:
        case Chars() | Edge():
            return 0
        case Sequence(parts) | Choice(parts):
            return sum(_groups(part) for part in parts)
        case Group(inner):
            return 1 + _groups(inner)
        case Repeat(inner):
            return _groups(inner)
        case _:
            assert_never(node)


def _print(node: Node) -> str:
    match node:
        case Chars(ranges):
            return _chars(ranges)
        case Edge(text):
            return text
        case Sequence(parts):
            return "".join(
                f"(?:{_print(part)})" if isinstance(part, Choice) else _print(part)
                for part in parts
            )
        case Choice(options):
            return "|".join(_print(option) for option in options)
        case Group(inner, name):
            return f"(?P<{name}>{_print(inner)})" if name else f"({_print(inner)})"
        case Repeat(inner, least, most, lazy):
            text = _print(inner)
            whole = text if isinstance(inner, Chars | Group) else f"(?:{text})"
            return whole + _times(least, most) + ("?" if lazy else "")
        case _:
            assert_never(node)


def _times(least: int, most: int | None) -> str:
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _:
            if least == most:
                return f"{{{least}}}"
            return f"{{{least},{'' if most is None else most}}}"


def _chars(ranges: Ranges) -> str:
    if ranges in _NAMED:
        return _NAMED[ranges]
    if not ranges:
        return "[^\\x00-\\U0010ffff]"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _char(ranges[0][0])
    other = inverted(ranges)
    if ranges[0][0] == 0 and ranges[-1][1] == LAST and other:
        return f"[^{_members(other)}]"
    return f"[{_members(ranges)}]"


def _members(ranges: Ranges) -> str:
    return "".join(
        _char(low) if low == high else f"{_char(low)}-{_char(high)}" for low, high in ranges
    )


def _char(point: int) -> str:
    char = chr(point)
    if char in _SPECIAL:
        return f"\\{char}"
    if char.isprintable():
        return char
    return (
        f"\\x{point:02x}"
        if point < 256
        else f"\\u{point:04x}"
        if point < 65536
        else f"\\U{point:08x}"
    )
