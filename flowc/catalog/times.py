"""Arguments that say times: windows and rates."""

from __future__ import annotations

from dataclasses import dataclass

from flowc.model.expr import Expr
from flowc.model.source import Span
from flowc.model.tree import Word

#: The windows that can be written, for messages.
WINDOWS = "windows are `over tumbling 1h`, `over sliding 1h every 5m` and `over session 30m`"


@dataclass(frozen=True, slots=True)
class Window:
    """``over tumbling 1h``: ``kind`` is the word, ``length`` what stands behind it. ``every`` is
    set where it was written in the same text."""

    kind: Word
    length: Expr
    span: Span
    every: Expr | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """``100/s``: so many in a unit of time (ms, s, m, h, d)."""

    count: int
    unit: str
    span: Span
