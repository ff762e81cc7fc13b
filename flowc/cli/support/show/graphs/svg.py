"""Drawings as a picture of their own: SVG without scripts, links or fonts to be fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from flowc.cli.support.show.drawing import Box, Drawing
from flowc.cli.support.show.layout import Layout, Point, Size, Way, place
from flowc.cli.support.terminal import Terminal
from flowc.diagnostics.render import _glyphs

_CHAR = 7.25
_LINE = 17.0
_LABEL_CHAR = 6.4
_LABEL_LINE = 14.0
_PAD = 12.0
_LABEL_PAD = 6.0
_MARGIN = 24.0
_TITLE = 30.0
#: Columns of a box before its text goes on in the next line.
_WIDEST = 56

_STYLE = """\
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2933; }
.page { fill: #ffffff; }
.title { font: 600 14px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.label { font-size: 10.5px; fill: #52606d; }
.under { fill: #ffffff; }
.type { fill: #ffffff; stroke: #d5dbe1; }
.way { fill: none; stroke: #9aa5b1; stroke-width: 1.4; }
.head { fill: #9aa5b1; }
.source { fill: #e6f4ea; stroke: #2e7d4f; }
.stage { fill: #f5f7fa; stroke: #7b8794; }
.sink { fill: #e7effb; stroke: #2f62ad; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb; }
  .page, .under { fill: #1b1f24; }
  .type { fill: #1b1f24; stroke: #3b444f; }
  .label { fill: #9fb3c8; }
  .way { stroke: #616e7c; }
  .head { fill: #616e7c; }
  .source { fill: #17382a; stroke: #57ae7f; }
  .stage { fill: #2a3038; stroke: #7b8794; }
  .sink { fill: #1b2f4f; stroke: #6a9be6; }
}"""

#: What XML 1.0 cannot hold at all, not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(text: str) -> str:
    """Text as XML holds it: nothing in it is markup, and nothing moves or hides."""
    shown = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", _glyphs.plain(text))
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        shown = shown.replace(char, entity)
    return shown


def _wrapped(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines no longer than a box, broken at blanks where there are any."""
    out: list[str] = []
    for line in lines:
        lead = ""
        while len(line) > _WIDEST:
            cut = line.rfind(" ", len(lead) + _WIDEST // 2, _WIDEST)
            cut = cut if cut > 0 else _WIDEST - 1
            out.append(line[:cut].rstrip())
            lead = "    "
            line = lead + line[cut:].lstrip()
        out.append(line)
    return tuple(out)


def _size(lines: Sequence[str], char: float, line: float, pad: float) -> Size:
    columns = max(map(_glyphs.width, map(_glyphs.plain, lines)), default=0)
    return Size(columns * char + 2 * pad, len(lines) * line + pad)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _lines(lines: Sequence[str], middle: Point, line: float, css: str) -> Iterator[str]:
    """Lines around a point: in the middle if it is one, else flush left."""
    top = middle.y - (len(lines) - 1) * line / 2 + 4
    width = _size(lines, _LABEL_CHAR if css else _CHAR, line, 0).width
    x, anchor = (middle.x, "middle") if len(lines) == 1 else (middle.x - width / 2, "start")
    css = f' class="{css}"' if css else ""
    for i, text in enumerate(lines):
        yield (
            f'<text x="{_number(x)}" y="{_number(top + i * line)}" text-anchor="{anchor}"'
            f'{css} xml:space="preserve">{_text(text)}</text>'
        )


def _shape(box: Box, at: Point, size: Size) -> str:
    left, top = at.x - size.width / 2, at.y - size.height / 2
    radius = {"source": size.height / 2, "stage": 4.0, "sink": 10.0}[box.kind]
    return (
        f'<rect class="{box.kind}" x="{_number(left)}" y="{_number(top)}" '
        f'width="{_number(size.width)}" height="{_number(size.height)}" '
        f'rx="{_number(min(radius, 18.0))}"/>'
    )


def _way(points: Sequence[Point]) -> str:
    """A smooth way through points, upright at each of them, and its arrow's head."""
    first, *rest = points
    down = 1.0 if points[-1].y >= first.y else -1.0
    end = Point(points[-1].x, points[-1].y - 7 * down)
    path = [f"M{_number(first.x)} {_number(first.y)}"]
    before = first
    for point in (*rest[:-1], end):
        bend = (before.y + point.y) / 2
        path.append(
            f"C{_number(before.x)} {_number(bend)} {_number(point.x)} {_number(bend)} "
            f"{_number(point.x)} {_number(point.y)}"
        )
        before = point
    tip = points[-1]
    head = (
        f"M{_number(tip.x)} {_number(tip.y)}"
        f"l-4.5 {_number(-9 * down)}q4.5 {_number(2.5 * down)} 9 0z"
    )
    return f'<path class="way" d="{" ".join(path)}"/><path class="head" d="{head}"/>'


def _moved(point: Point, by: Point) -> Point:
    return Point(point.x + by.x, point.y + by.y)


class _Picture:
    """One drawing, laid out."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.texts = {box.id: _wrapped(box.lines) for box in drawing.boxes}
        self.sizes = {id: _size(text, _CHAR, _LINE, _PAD) for id, text in self.texts.items()}
        self.labels = [_wrapped(drawing.full_label(arrow)) for arrow in drawing.arrows]
        ways = [
            Way(
                arrow.source,
                arrow.target,
                _size(label, _LABEL_CHAR, _LABEL_LINE, _LABEL_PAD) if label else None,
            )
            for arrow, label in zip(drawing.arrows, self.labels, strict=True)
        ]
        self.layout: Layout = place(self.sizes, ways)

    @property
    def size(self) -> Size:
        title = len(self.drawing.name) * 9.0
        return Size(max(self.layout.size.width, title), self.layout.size.height + _TITLE)

    def elements(self, top: float) -> Iterator[str]:
        """The picture, its upper edge at ``top``."""
        yield (
            f'<text class="title" x="{_number(_MARGIN)}" y="{_number(top + 14)}">'
            f"{_text(self.drawing.name)}</text>"
        )
        by = Point(_MARGIN, top + _TITLE)
        layout = self.layout
        for points in layout.ways:
            yield _way([_moved(point, by) for point in points])
        for label, middle in zip(self.labels, layout.labels, strict=True):
            if middle is None:
                continue
            at = _moved(middle, by)
            size = _size(label, _LABEL_CHAR, _LABEL_LINE, _LABEL_PAD)
            yield (
                f'<rect class="{"type" if len(label) > 1 else "under"}" x="{_number(at.x - size.width / 2)}" '
                f'y="{_number(at.y - size.height / 2)}" width="{_number(size.width)}" '
                f'height="{_number(size.height)}" rx="4"/>'
            )
            yield from _lines(label, at, _LABEL_LINE, "label")
        for box in self.drawing.boxes:
            at = _moved(layout.boxes[box.id], by)
            hint = f"<title>{_text(box.hint)}</title>" if box.hint else ""
            yield f"<g>{hint}{_shape(box, at, self.sizes[box.id])}"
            yield from _lines(self.texts[box.id], at, _LINE, "")
            yield "</g>"


def draw(drawings: Sequence[Drawing], terminal: Terminal) -> str:
    """One picture, the drawings one below the other."""
    pictures = [_Picture(drawing) for drawing in drawings]
    width = max((p.size.width for p in pictures), default=0.0) + 2 * _MARGIN
    height = sum(p.size.height + _MARGIN for p in pictures) + _MARGIN
    names = ", ".join(drawing.name for drawing in drawings)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_number(width)}" '
        f'height="{_number(height)}" viewBox="0 0 {_number(width)} {_number(height)}" role="img">',
        f"<title>{_text(names)}</title>",
        f"<style>{_STYLE}</style>",
        '<rect class="page" width="100%" height="100%"/>',
    ]
    top = _MARGIN
    for picture in pictures:
        lines += picture.elements(top)
        top += picture.size.height + _MARGIN
    return "\n".join([*lines, "</svg>"]) + "\n"
