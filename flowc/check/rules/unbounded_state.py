"""A state that nothing bounds, before an input without end."""

from __future__ import annotations

from flowc.catalog.spec import Arguments
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.effects import Held, Truth
from flowc.model.graph import Node, StageBinding, TypedPipeline
from flowc.model.source import Span

UNBOUNDED = declare(
    "FC0410", "unbounded-state", "A state grows without bound, for its input does not end"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """An endless input must not wait for its end, nor need ever more memory."""
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        for held in known.held if known is not None else ():
            if held.ends is Truth.NO and not held.bounded:
                word, span = _word(node)
                context.reporter.error(
                    UNBOUNDED,
                    f"`{word}` {_trouble(held)}",
                    span,
                    at=f"keeps {held.what}",
                    notes=(
                        *((f"its memory grows with {held.grows}",) if held.grows else ()),
                        *held.advice,
                    ),
                )


def _trouble(held: Held) -> str:
    if held.waits:
        return "waits for the end of its input, which never comes"
    return "needs ever more memory, for its input does not end"


def _word(node: Node) -> tuple[str, Span]:
    arguments = node.binding.arguments if isinstance(node.binding, StageBinding) else None
    if isinstance(arguments, Arguments):
        return arguments.word.text, arguments.word.span
    return node.text, node.span
