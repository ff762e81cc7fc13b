"""On the command line, and only there, a missing source or sink is ``-``."""

from __future__ import annotations

from flowc.model.expr import Template
from flowc.model.source import Span
from flowc.model.tree import Branch, BrokenStage, Chain, Endpoint, Stage


def with_ends(chain: Chain) -> tuple[Chain, tuple[str, ...]]:
    """The chain with ``-`` for a missing end; which ends these are.

    An end that could not be read is not missing.
    """
    assumed: list[str] = []
    sources, sinks, span = chain.sources, chain.sinks, chain.span
    stages = chain.stages
    if not sources and not (stages and isinstance(stages[0], BrokenStage)):
        assumed.append("source")
        sources = (_standard(Span(span.source, span.start, span.start)),)
    if not sinks and not (stages and _ends_itself(stages[-1])):
        assumed.append("sink")
        sinks = (_standard(span.at_end()),)
    return Chain(sources, stages, sinks, span), tuple(assumed)


def _standard(at: Span) -> Endpoint:
    return Endpoint(at, Template(("-",), at, bare=True))


def _ends_itself(stage: Stage | BrokenStage) -> bool:
    """Whether nothing flows on behind a stage: each of its branches ends."""
    if isinstance(stage, BrokenStage):
        return True
    if stage.block is None:
        return False
    return all(
        branch.sinks
        or branch.discards
        or (branch.stages and isinstance(branch.stages[-1], BrokenStage))
        or (branch.stages and _ends_itself(branch.stages[-1]))
        or _is_name(branch)
        for branch in stage.block
    )


def _is_name(branch: Branch) -> bool:
    """A branch that is one bare word may end in a sink of this name."""
    if len(branch.stages) != 1:
        return False
    stage = branch.stages[0]
    return isinstance(stage, Stage) and stage == Stage(stage.name, stage.span)
