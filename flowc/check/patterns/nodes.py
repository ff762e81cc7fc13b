"""A pattern as a tree. Characters are sets of ranges of code points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

#: Ranges of code points, both ends included, sorted and apart.
Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between characters: the start, the end, a word boundary or none.

    ``text`` is Python's spelling: ``\\A``, ``\\Z``, ``\\b``, ``\\B``.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``least`` to ``most`` times; ``most`` None is without bound. ``lazy``: as few as will do,
    which changes what is matched and not whether."""

    node: Node
    least: int
    most: int | None
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What is captured, under a name if it has one."""

    node: Node
    name: str = ""


Node: TypeAlias = Chars | Edge | Sequence | Choice | Repeat | Group

EMPTY = Sequence(())


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges sorted, those that touch joined."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def inverted(ranges: Ranges) -> Ranges:
    """Every other code point."""
    result: list[tuple[int, int]] = []
    at = 0
    for low, high in ranges:
        if at < low:
            result.append((at, low - 1))
        at = high + 1
    if at <= LAST:
        result.append((at, LAST))
    return tuple(result)


def overlap(a: Ranges, b: Ranges) -> bool:
    """Whether two sets have a character in common."""
    return any(
        low <= other_high and other_low <= high for low, high in a for other_low, other_high in b
    )
