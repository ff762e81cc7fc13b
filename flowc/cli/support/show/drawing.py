"""A graph to be drawn, whatever it is a graph of: boxes, and arrows with record types.

`stages` make drawings of what the compiler knows after each stage; `graphs` write a drawing
down. Neither knows the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowc.cli.support.show.flow import brief
from flowc.model.types import Record
from flowc.types.show import show_lines

#: Columns of a record type that is written out on an arrow.
_TYPE_WIDTH = 44


@dataclass(frozen=True, slots=True)
class Box:
    """A node. ``kind`` is ``source``, ``stage`` or ``sink``; ``about`` what JSON says of it
    beside ``id`` and ``kind``; ``hint`` what a picture says where the pointer rests."""

    id: str
    kind: str
    lines: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge. ``when`` is what sends a record along it where there is a choice; ``row`` its
    record type, None where that is not known (yet)."""

    source: str
    target: str
    port: str = "out"
    when: str = ""
    row: Record | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """``typed``: its arrows carry types, or ``?`` where the checker did not get.
    ``written_out``: with all their fields, not only their names."""

    name: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    typed: bool = True
    written_out: bool = False

    def label(self, arrow: Arrow) -> tuple[str, ...]:
        """The lines of an arrow's type, without what stands before it (``when``)."""
        if not self.typed:
            return ()
        if arrow.row is None:
            return ("?",)
        if not self.written_out:
            return (brief(arrow.row),)
        lines = show_lines(arrow.row, _TYPE_WIDTH)
        named = f"{arrow.row.name} = " if arrow.row.name else ""
        return (named + lines[0], *lines[1:])

    def full_label(self, arrow: Arrow) -> tuple[str, ...]:
        """The lines of an arrow's label: ``when: type``."""
        lines = self.label(arrow)
        if not arrow.when:
            return lines
        return (f"{arrow.when}: {lines[0]}", *lines[1:]) if lines else (arrow.when,)
