"""From an exception in generated code back to the node of the pipeline that caused it."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable
from types import CodeType, FrameType, TracebackType

from .records import Node

__all__ = ["failing_node", "raised_in"]

_COMMENT = re.compile(r"\s*# (.+?)  ")


def failing_node(error: BaseException, code: CodeType, nodes: Iterable[Node]) -> Node | None:
    """The node under whose comment the failing line of the generated module stands.

    `code` is the function that was called; the module's source is read through linecache, so it
    need not be a file. A comment is `# PLACE  text` with the place of one of `nodes`.
    """
    places = {node.place: node for node in nodes}
    for frame, line in reversed(list(_frames(error.__traceback__))):
        if frame.f_code.co_filename != code.co_filename:
            continue
        for number in range(line, max(frame.f_code.co_firstlineno - 3, 0), -1):
            found = _COMMENT.match(
                linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
            )
            if found is not None and found.group(1) in places:
                return places[found.group(1)]
    return None


def raised_in(error: BaseException, code: CodeType) -> bool:
    """Whether the error was raised by a line of the generated module itself."""
    frames = list(_frames(error.__traceback__))
    return bool(frames) and frames[-1][0].f_code.co_filename == code.co_filename


def _frames(trace: TracebackType | None) -> Iterable[tuple[FrameType, int]]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
