"""Tracebacks that name the pipeline's line.

The comments of the generated code are the source map: the nearest one above a line says
which stage it is, and where that was written.
"""

from __future__ import annotations

import linecache
import re

_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line (?P<line>\d+), in ')
_COMMENT = re.compile(r"\s*# (?P<place>\S.*?:\d+:\d+)  (?P<text>.*)")
_FUNCTION = re.compile(r"def ")


def annotated(traceback: str, files: frozenset[str]) -> str:
    """A printed traceback, with the pipeline's line below each frame in one of ``files``.

    The files' lines are read through ``linecache``: call it while they are still loaded.
    """
    lines: list[str] = []
    pending: str | None = None
    for line in traceback.splitlines(keepends=True):
        frame = _FRAME.match(line)
        if pending is not None and (frame is not None or not line.startswith("    ")):
            lines.append(pending)
            pending = None
        lines.append(line)
        if frame is not None and frame["file"] in files:
            origin = origin_of(frame["file"], int(frame["line"]))
            pending = None if origin is None else f"    from {origin[0]}: {origin[1]}\n"
    if pending is not None:
        lines.append(pending)
    return "".join(lines)


def origin_of(file: str, line: int) -> tuple[str, str] | None:
    """(place, text) of the stage that a line of generated code was made from."""
    for number in range(line, 0, -1):
        text = linecache.getline(file, number)
        found = _COMMENT.match(text)
        if found is not None:
            return found["place"], found["text"]
        if _FUNCTION.match(text) and number != line:
            above = _COMMENT.match(linecache.getline(file, number - 1))
            return None if above is None else (above["place"], above["text"])
    return None
