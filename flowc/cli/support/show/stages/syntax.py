"""The text as it was read: what was written, in the order written; no name is looked up yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowc.cli.support.show.drawing import Arrow, Box, Drawing
from flowc.compile import Checked, Request
from flowc.model.source import Span
from flowc.model.tree import BrokenStage, Chain, Endpoint, Stage
from flowc.resolve.shown import one_line, redacted, shown_stage
from flowc.syntax.format import endpoint_text

#: Where an arrow comes from: a box, and what sends records along.
_End = tuple[str, str]


class _Chains:
    """Boxes and arrows of chains, with the branches that stand in them."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []

    def _box(self, kind: str, text: str, span: Span) -> str:
        id = str(len(self.boxes) + 1)
        self.boxes.append(
            Box(id, kind, (text,), {"text": text, "place": span.place}, hint=span.place)
        )
        return id

    def _join(self, ends: list[_End], to: str) -> None:
        self.arrows += [Arrow(source, to, when=when) for source, when in ends]

    def _endpoint(self, endpoint: Endpoint, *, sink: bool) -> str:
        text = redacted(endpoint_text(endpoint, sink=sink))
        return self._box("sink" if sink else "source", text, endpoint.span)

    def chain(self, chain: Chain) -> None:
        ends: list[_End] = [(self._endpoint(s, sink=False), "") for s in chain.sources]
        self._sinks(chain.sinks, self._stages(chain.stages, ends))

    def _sinks(self, sinks: tuple[Endpoint, ...], ends: list[_End]) -> None:
        for sink in sinks:
            self._join(ends, self._endpoint(sink, sink=True))

    def _stages(self, stages: tuple[Stage | BrokenStage, ...], ends: list[_End]) -> list[_End]:
        for stage in stages:
            if isinstance(stage, BrokenStage):
                text = f"not read: {redacted(one_line(stage.span))}"
            else:
                text = redacted(shown_stage(stage))
            id = self._box("stage", text, stage.span)
            self._join(ends, id)
            ends = [(id, "")]
            if isinstance(stage, Stage) and stage.block is not None:
                ends = list(self._branches(stage, id))
        return ends

    def _branches(self, stage: Stage, id: str) -> Iterator[_End]:
        """The branches of a block; what goes on behind it comes from those without a sink, and
        from `tee` itself."""
        if stage.name.text == "tee":
            yield id, ""
        for branch in stage.block or ():
            when = "else" if branch.otherwise else ""
            if branch.condition is not None:
                when = one_line(branch.condition.span)
            ends = self._stages(branch.stages, [(id, when)])
            self._sinks(branch.sinks, ends)
            if not branch.sinks and not branch.discards:
                yield from ends


def _drawing(name: str, chain: Chain) -> Drawing:
    made = _Chains()
    made.chain(chain)
    return Drawing(name, tuple(made.boxes), tuple(made.arrows), typed=False)


def drawings(request: Request, checked: Checked) -> tuple[Drawing, ...]:
    """What was written: a drawing for each `let` and each pipeline."""
    document = checked.document
    stem = Path(request.source.name).stem if request.path is not None else "pipeline"
    return (
        *(_drawing(f"let {let.name.text}", let.chain) for let in document.lets),
        *(_drawing(p.name.text if p.name else stem, p.chain) for p in document.pipelines),
    )
