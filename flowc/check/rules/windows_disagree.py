"""Streams that are brought together by windows of different lengths."""

from __future__ import annotations

from flowc.catalog.spec import (
    Arguments,
)
from flowc.catalog.times import Window
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.graph import Node, StageBinding, TypedPipeline

WINDOWS_DISAGREE = declare(
    "FC0453", "windows-disagree", "Streams meet whose windows are of different kinds or lengths"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """Two results of one time are of one window only where the windows are the same."""
    pipeline = typed.pipeline
    for node in pipeline.nodes:
        edges = pipeline.arriving(node.id)
        if len(edges) < 2:
            continue
        windows = [_window(typed, edge.source, ("window",)) for edge in edges]
        known = [window for window in windows if window is not None]
        if len(known) < 2:
            continue
        first, *rest = known
        other = next((window for window in rest if _text(window) != _text(first)), None)
        if other is None:
            continue
        context.reporter.warning(
            WINDOWS_DISAGREE,
            f"windows of {_text(first)} and of {_text(other)} meet here",
            node.span,
            labels=(
                Label(first.span, "the windows of one stream"),
                Label(other.span, "the windows of the other"),
            ),
            notes=("rows of one time are then of different spans: give both the same `over`",),
        )


def _window(typed: TypedPipeline, id: str, path: tuple[str, ...]) -> Window | None:
    """The window that made a field of a node's rows; None where it is not known."""
    seen: set[str] = set()
    while id not in seen:
        seen.add(id)
        known = typed.types.get(id)
        if known is None:
            return None
        made = _over(typed.pipeline.node(id))
        if made is not None and path == ("window",):
            return made
        back = known.lineage.back(path)
        into = typed.pipeline.arriving(id)
        if back is None or len(into) != 1:
            return None
        id, path = into[0].source, back
    return None


def _over(node: Node) -> Window | None:
    arguments = node.binding.arguments if isinstance(node.binding, StageBinding) else None
    over = arguments.get("over") if isinstance(arguments, Arguments) else None
    return over if isinstance(over, Window) else None


def _text(window: Window) -> str:
    return f"`{window.kind.text} {' '.join(window.length.span.text.split())}`"
