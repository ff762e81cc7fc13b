"""The graph: names looked up, branches and streams joined, nothing typed yet."""

from __future__ import annotations

from flowc.cli.support.show.drawing import Drawing
from flowc.cli.support.show.stages.typed import untyped
from flowc.compile import Checked, Request


def drawings(request: Request, checked: Checked) -> tuple[Drawing, ...]:
    """The resolved pipelines."""
    return tuple(map(untyped, checked.pipelines))
