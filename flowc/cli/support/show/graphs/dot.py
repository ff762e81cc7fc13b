"""Drawings in Graphviz's language: ``flowc graph FILE --format dot | dot -Tpng``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowc.cli.support.show.drawing import Drawing
from flowc.cli.support.terminal import Terminal
from flowc.diagnostics.render import _glyphs

_SHAPES = {
    "source": 'shape=box, style="rounded,filled", fillcolor="#e6f4ea", color="#2e7d4f"',
    "stage": 'shape=box, style="filled", fillcolor="#f4f5f7", color="#5f6b7a"',
    "sink": 'shape=cylinder, style="filled", fillcolor="#e7effb", color="#2f62ad"',
}


def _quoted(lines: Sequence[str]) -> str:
    """Lines in quotes, each to the left; a backslash or a quote means itself."""
    plain = [_glyphs.plain(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + ("\\l".join(plain) + "\\l" if len(plain) > 1 else "".join(plain)) + '"'


def _lines(drawing: Drawing, number: int) -> Iterator[str]:
    names = {box.id: f"n{number}_{i}" for i, box in enumerate(drawing.boxes)}
    yield f"  subgraph {_quoted([f'cluster_{number}'])} {{"
    yield f"    label={_quoted([drawing.name])}; labeljust=l; color=none;"
    for box in drawing.boxes:
        parts = [f"label={_quoted(box.lines)}", _SHAPES[box.kind]]
        if box.hint:
            parts.append(f"tooltip={_quoted(box.hint.splitlines())}")
        yield f"    {names[box.id]} [{', '.join(parts)}];"
    for arrow in drawing.arrows:
        label = drawing.full_label(arrow)
        shown = f" [label={_quoted(label)}]" if label else ""
        yield f"    {names[arrow.source]} -> {names[arrow.target]}{shown};"
    yield "  }"


def draw(drawings: Sequence[Drawing], terminal: Terminal) -> str:
    """One graph, each pipeline a part of it."""
    lines = [
        "digraph flowc {",
        '  node [fontname="monospace", fontsize=11, margin="0.16,0.09"];',
        '  edge [fontname="monospace", fontsize=10, color="#5f6b7a", fontcolor="#3d4752"];',
        '  graph [fontname="sans-serif", fontsize=12, nodesep=0.35, ranksep=0.45];',
        *(line for number, drawing in enumerate(drawings) for line in _lines(drawing, number)),
        "}",
    ]
    return "\n".join(lines) + "\n"
