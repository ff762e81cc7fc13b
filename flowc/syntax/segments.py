"""What stands between two pipes, and whether that is a source, a stage or a sink.

Where a segment stands decides most; the rest is what its head looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from flowc.model.tree import Branch, Endpoint
from flowc.syntax.scan import BLOCKS, COMPONENT, Mark, Token

#: Where a chain stands: a whole pipeline, stages alone, a branch, a named stream.
Place = Literal["pipeline", "stages", "branch", "stream"]

#: What begins the facts behind a source.
TAIL = re.compile(r"\s*(?:as|key|time)\b")
_OPERATOR = re.compile(r"[<>=!+*/%]|(?:and|or|in|is|not|matches)\b")


@dataclass(slots=True)
class Segment:
    """A head, and characters ``rest`` to ``end`` of ``clean`` behind it."""

    clean: str
    start: int
    rest: int
    end: int
    head: Token | None = None
    broken: bool = False
    branches: tuple[Branch, ...] | None = None
    group: list[Endpoint] | None = None
    #: Where the block or the group ends.
    closed: int = 0

    @property
    def word(self) -> str:
        """The head as it is written; empty where there is none."""
        return self.clean[self.head.start : self.head.end] if self.head else ""

    @property
    def behind(self) -> str:
        """What stands behind the head."""
        return self.clean[self.rest : self.end]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands here."""
        return self.end <= self.start

    @property
    def is_bare(self) -> bool:
        """Whether nothing stands behind the head."""
        return self.rest >= self.end and self.branches is None

    @property
    def is_expression(self) -> bool:
        """Whether `a.b > 3` stands where a stage stands: the name was forgotten."""
        return _OPERATOR.match(self.behind.lstrip()) is not None

    @property
    def is_discard(self) -> bool:
        return self.is_bare and self.word == "discard"

    @property
    def is_component(self) -> bool:
        """Whether the head names a component: ``ns/name`` is never a path."""
        return COMPONENT.fullmatch(self.word) is not None

    def is_source(self, place: Place, operators: frozenset[str]) -> bool:
        """Whether this, standing first, is where a chain begins."""
        if place not in ("pipeline", "stream"):
            return False
        if self.group is not None or self.branches is not None or self.head is None:
            return self.group is not None
        if self.head.mark is not Mark.WORD or place == "stream":
            return True
        if self.word in operators or (self.word in BLOCKS and not self.is_bare):
            return False
        return self.is_bare or TAIL.match(self.behind) is not None

    def is_sink(self, place: Place, operators: frozenset[str]) -> bool:
        """Whether this, standing last, is where a chain ends."""
        if place in ("stages", "stream"):
            return False
        if self.group is not None or self.branches is not None or self.head is None:
            return self.group is not None
        match self.head.mark:
            case Mark.QUOTED:
                return True
            case Mark.PATH:
                return not self.is_component and not self.is_expression
            case _:
                named = place == "pipeline" and self.word not in operators
                return named and self.is_bare and not self.is_discard
