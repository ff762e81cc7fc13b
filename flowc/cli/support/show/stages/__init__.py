"""What can be drawn of a pipeline: one module a stage of the road, with a `drawings`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from flowc.cli.support.show.drawing import Drawing
    from flowc.compile import Checked, Request

#: What the compiler made of a request, as drawings; empty where errors leave nothing to draw.
Drawings: TypeAlias = "Callable[[Request, Checked], tuple[Drawing, ...]]"

#: In the order of the road.
NAMES = ("syntax", "graph", "typed", "plan")


def drawings(name: str) -> Drawings:
    """The stage of that name, which is one of `NAMES`."""
    made: Drawings = import_module(f"{__name__}.{name}").drawings
    return made
