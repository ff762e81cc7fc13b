"""Records as a table: the first rows and the count of the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flowc.diagnostics.render import _glyphs

_WIDEST = 32


def _cell(value: object, ascii: bool) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _glyphs.plain(text.replace("\n", "\\n"), ascii=ascii)


def _fit(text: str, width: int, right: bool) -> str:
    missing = width - _glyphs.width(text)
    if missing < 0:
        kept = ""
        for char in text:
            if _glyphs.width(kept + char) > width - 3:
                break
            kept += char
        text = kept + "..."
        missing = width - _glyphs.width(text)
    return " " * missing + text if right else text + " " * missing


def table(rows: Sequence[dict[str, object]], *, width: int, ascii: bool) -> str:
    """The rows in columns, numbers to the right; columns beyond the width are counted."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(row.get(name), ascii) for name in names] for row in rows]
    numeric = [
        all(isinstance(row.get(n), int | float | None) and row.get(n) is not True for row in rows)
        for n in names
    ]
    heads = [_glyphs.plain(name, ascii=ascii) for name in names]
    widths = [
        min(_WIDEST, max([_glyphs.width(head), *(_glyphs.width(line[i]) for line in cells)]))
        for i, head in enumerate(heads)
    ]
    shown = len(names)
    while shown > 1 and sum(widths[:shown]) + 2 * (shown - 1) > width:
        shown -= 1
    rule = "-" if ascii else "─"
    lines = [
        "  ".join(_fit(heads[i], widths[i], numeric[i]) for i in range(shown)).rstrip(),
        "  ".join(rule * widths[i] for i in range(shown)),
    ]
    lines += [
        "  ".join(_fit(line[i], widths[i], numeric[i]) for i in range(shown)).rstrip()
        for line in cells
    ]
    if shown < len(names):
        lines.append(f"({len(names) - shown} more columns: {', '.join(heads[shown:])})"[:width])
    return "\n".join(lines) + "\n"
