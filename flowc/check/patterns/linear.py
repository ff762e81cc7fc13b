"""Whether Python's backtracking searches a pattern in time linear in the text.

Sufficient conditions, each proven by hand; a pattern that meets none is refused:

- From one start the work is linear if the pattern is deterministic (after each character
  at most one place of the pattern can take the next one), or if it has few ways through
  and at most one loop without bound on each.
- From all starts it is linear if the pattern is anchored at the start, if it has no loop
  without bound, or if before its first loop it wants a character that no loop takes: the
  next such character ends what is searched from here.

A pattern that is only tested may lose its first and last loop: ``x+y`` is found where
``xy`` is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import assert_never

from flowc.check.patterns.nodes import (
    Chars,
    Choice,
    Edge,
    Group,
    Node,
    Ranges,
    Repeat,
    Sequence,
    overlap,
)

#: Places of a pattern with its counted repetitions written out; ways through it.
_PLACES = 1000
_WAYS = 100


def is_linear(pattern: Node) -> bool:
    """Whether Python's search of a `trimmed` pattern takes linear time, by the conditions."""
    if _places(pattern) > _PLACES:
        return False
    loops = _loops(pattern)
    if not (_is_deterministic(pattern) or (_ways(pattern) <= _WAYS and _most_loops(pattern) <= 1)):
        return False
    return not loops or _anchored(pattern) or _guarded(pattern, loops)


def trimmed(node: Node) -> Node:
    """The pattern without first and last loops that only make the match longer.

    It is found in the same texts.
    """
    return _trimmed(node, (0, -1))


def until_certain(node: Node) -> Node:
    """The pattern without its last loop: once that is reached, the match is certain, and what
    the loop takes is looked at once."""
    return _trimmed(node, (-1,))


def _trimmed(node: Node, ends: tuple[int, ...]) -> Node:
    parts: list[Node] = list(node.parts) if isinstance(node, Sequence) else [node]
    for end in ends:
        while parts:
            part = parts[end]
            if not isinstance(part, Repeat) or part.most is not None:
                break
            parts[end] = part.node if part.least == 1 else Repeat(part.node, part.least, part.least)
            if part.least == 0:
                del parts[end]
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _loops(node: Node) -> list[Ranges]:
    """The characters of each loop without bound."""
    match node:
        case Chars() | Edge():
            return []
        case Sequence(parts):
            return [loop for part in parts for loop in _loops(part)]
        case Choice(options):
            return [loop for option in options for loop in _loops(option)]
        case Group(inner):
            return _loops(inner)
        case Repeat(inner, _, most):
            own = _all_chars(inner) if most is None else []
            return [*own, *_loops(inner)]
        case _:
            assert_never(node)


def _all_chars(node: Node) -> list[Ranges]:
    match node:
        case Chars(ranges):
            return [ranges]
        case Edge():
            return []
        case Sequence(parts) | Choice(parts):
            return [chars for part in parts for chars in _all_chars(part)]
        case Repeat(inner) | Group(inner):
            return _all_chars(inner)
        case _:
            assert_never(node)


def _places(node: Node) -> int:
    match node:
        case Chars():
            return 1
        case Edge():
            return 0
        case Sequence(parts) | Choice(parts):
            return sum(_places(part) for part in parts)
        case Group(inner):
            return _places(inner)
        case Repeat(inner, least, most):
            return _places(inner) * max(1, least, most or 0)
        case _:
            assert_never(node)


def _ways(node: Node) -> int:
    """How many ways lead through, a loop of single characters counted as one."""
    match node:
        case Chars() | Edge():
            return 1
        case Sequence(parts):
            return _product([_ways(part) for part in parts])
        case Choice(options):
            return min(_WAYS + 1, sum(_ways(option) for option in options))
        case Group(inner):
            return _ways(inner)
        case Repeat(inner, least, most):
            one = _ways(inner)
            if most is None:
                return 1 if isinstance(inner, Chars) else _WAYS + 1
            spread = most - least + 1
            return min(_WAYS + 1, spread * _product([one] * min(most, 8)))
        case _:
            assert_never(node)


def _product(numbers: list[int]) -> int:
    result = 1
    for number in numbers:
        result = min(_WAYS + 1, result * number)
    return result


def _most_loops(node: Node) -> int:
    """The most loops without bound on one way through."""
    match node:
        case Chars() | Edge():
            return 0
        case Sequence(parts):
            return sum(_most_loops(part) for part in parts)
        case Choice(options):
            return max(_most_loops(option) for option in options)
        case Group(inner):
            return _most_loops(inner)
        case Repeat(inner, _, most):
            own = 1 if most is None else 0
            return own + _most_loops(inner) * (2 if most is None or most > 1 else 1)
        case _:
            assert_never(node)


def _anchored(node: Node) -> bool:
    """Whether every match begins at the start of the text."""
    match node:
        case Edge(text):
            return text == r"\A"
        case Chars():
            return False
        case Sequence(parts):
            return bool(parts) and _anchored(parts[0])
        case Choice(options):
            return all(_anchored(option) for option in options)
        case Group(inner):
            return _anchored(inner)
        case Repeat(inner, least, _):
            return least > 0 and _anchored(inner)
        case _:
            assert_never(node)


def _guarded(node: Node, loops: list[Ranges]) -> bool:
    """Whether a character that no loop takes is wanted before the first loop."""
    if not isinstance(node, Sequence):
        return False
    for part in node.parts:
        if isinstance(part, Repeat) and part.least == part.most == 1:
            part = part.node
        if isinstance(part, Chars) and not any(overlap(part.ranges, loop) for loop in loops):
            return True
        if _loops(part):
            return False
    return False


@dataclass(slots=True)
class _Ends:
    """The places a part begins with, those it ends with, whether it may be empty."""

    first: set[int] = field(default_factory=set)
    last: set[int] = field(default_factory=set)
    empty: bool = True


@dataclass(slots=True)
class _Places:
    """Glushkov's automaton: what may follow each place of the pattern."""

    chars: list[Ranges] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)
    ambiguous: bool = False

    def build(self, node: Node) -> _Ends:
        match node:
            case Edge():
                return _Ends()
            case Chars(ranges):
                self.chars.append(ranges)
                self.follow.append(set())
                place = len(self.chars) - 1
                return _Ends({place}, {place}, empty=False)
            case Sequence(parts):
                ends = _Ends()
                for each in parts:
                    ends = self._then(ends, self.build(each))
                return ends
            case Choice(options):
                made = [self.build(option) for option in options]
                return _Ends(
                    set().union(*(each.first for each in made)),
                    set().union(*(each.last for each in made)),
                    any(each.empty for each in made),
                )
            case Group(inner):
                return self.build(inner)
            case Repeat():
                return self._repeated(node)
            case _:
                assert_never(node)

    def _repeated(self, node: Repeat) -> _Ends:
        ends = _Ends()
        copies = max(node.least, 1) if node.most is None else node.most
        for copy in range(copies):
            part = self.build(node.node)
            if node.most is None and copy == copies - 1:
                for place in part.last:
                    # One step that two loops can take, as in `(a+)+`, doubles the ways.
                    self.ambiguous = self.ambiguous or not self.follow[place].isdisjoint(part.first)
                    self.follow[place] |= part.first
            part.empty = part.empty or copy >= node.least
            ends = self._then(ends, part)
        return ends

    def _then(self, before: _Ends, after: _Ends) -> _Ends:
        for place in before.last:
            self.follow[place] |= after.first
        return _Ends(
            before.first | after.first if before.empty else before.first,
            after.last | before.last if after.empty else after.last,
            before.empty and after.empty,
        )


def _is_deterministic(node: Node) -> bool:
    places = _Places()
    ends = places.build(node)
    return not places.ambiguous and all(
        _apart(places, each) for each in (ends.first, *places.follow)
    )


def _apart(places: _Places, each: set[int]) -> bool:
    """Whether no character fits two of the places."""
    edges = sorted((low, high) for place in each for low, high in places.chars[place])
    return all(before[1] < after[0] for before, after in pairwise(edges))
