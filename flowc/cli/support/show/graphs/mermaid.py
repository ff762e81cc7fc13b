"""A drawing as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.cli.support.show.drawing import Drawing
from flowc.cli.support.terminal import Terminal

_SHAPES = {"source": ("([", "])"), "stage": ("[", "]"), "sink": ("[(", ")]")}


def _quoted(lines: Sequence[str]) -> str:
    """Lines in quotes; what Mermaid or HTML would read as its own becomes an entity."""
    return '"' + "<br/>".join("".join(map(_character, line)) for line in lines) + '"'


def _character(char: str) -> str:
    return char if char.isalnum() or char in " .,:=_-/" else f"#{ord(char)};"


def flowchart(drawing: Drawing) -> str:
    """The drawing as ``flowchart LR``, types on the edges."""
    names = {box.id: f"n{i}" for i, box in enumerate(drawing.boxes)}
    lines = ["flowchart LR"]
    for box in drawing.boxes:
        left, right = _SHAPES[box.kind]
        lines.append(f"  {names[box.id]}{left}{_quoted(box.lines)}{right}")
    for arrow in drawing.arrows:
        label = drawing.full_label(arrow)
        shown = f"|{_quoted(label)}|" if label else ""
        lines.append(f"  {names[arrow.source]} -->{shown} {names[arrow.target]}")
    return "\n".join(lines) + "\n"


def draw(drawings: Sequence[Drawing], terminal: Terminal) -> str:
    """A flowchart for each drawing."""
    return "\n".join(map(flowchart, drawings))
