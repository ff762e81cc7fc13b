"""Pipe text on lines: one statement on a line where it fits, else one stage on each.

Comments stay with what they stand at: behind a stage on its line, or above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowc.model.source import SourceFile, Span
from flowc.model.tree import Branch, BrokenStage, Chain, Comment, Endpoint, Let, Stage
from flowc.syntax.spelling import Speller

#: Columns that a statement on one line may have.
WIDTH = 100

_speller = Speller()


@dataclass(slots=True)
class Line:
    """A line of the result, and what of the source it was made from."""

    text: str
    indent: int
    span: Span
    above: list[str] = field(default_factory=list)
    behind: str = ""
    #: A blank line stands before it.
    spaced: bool = False

    def render(self) -> Iterator[str]:
        if self.spaced:
            yield ""
        blank = " " * self.indent
        for comment in self.above:
            yield blank + comment if comment else ""
        yield blank + self.text + (f"  {self.behind}" if self.behind else "")


def one_line(chain: Chain) -> str:
    """A chain on one line."""
    steps = [_speller.group(chain.sources, "source")] if chain.sources else []
    steps += [_speller.stage(stage) for stage in chain.stages]
    if chain.sinks:
        steps.append(_speller.group(chain.sinks, "sink"))
    return " | ".join(steps)


def statement(head: str, chain: Chain, span: Span, broken: bool) -> list[Line]:
    """The lines of a statement; ``head`` is ``let name = `` or nothing."""
    text = head + one_line(chain)
    if not broken and len(text) <= WIDTH:
        return [Line(text, 0, span)]
    return _Lines().chain(head, chain, span)


class _Lines:
    def __init__(self) -> None:
        self._lines: list[Line] = []

    def chain(self, head: str, chain: Chain, span: Span) -> list[Line]:
        steps: list[tuple[str, Stage | BrokenStage | None, Span]] = []
        if chain.sources:
            steps.append((_speller.group(chain.sources, "source"), None, _cover(chain.sources)))
        for stage in chain.stages:
            steps.append((_speller.stage(stage), stage, stage.span))
        if chain.sinks:
            steps.append((_speller.group(chain.sinks, "sink"), None, _cover(chain.sinks)))
        for index, (text, step, place) in enumerate(steps):
            first = index == 0
            lead = head if first else "| "
            at = Span(span.source, span.start, place.end) if first else place
            self._step(lead, text, step, at, 0 if first else 2)
        return self._lines

    def _step(
        self, lead: str, text: str, stage: Stage | BrokenStage | None, span: Span, indent: int
    ) -> None:
        """A stage on its line, its branches below it."""
        if not isinstance(stage, Stage) or stage.block is None:
            self._lines.append(Line(lead + text, indent, span))
            return
        opening = Span(span.source, span.start, stage.name.span.end)
        self._lines.append(Line(f"{lead}{stage.name.text} {{", indent, opening))
        for branch in stage.block:
            self._branch(branch, indent + 4)
        closing = Span(span.source, span.end - 1, span.end)
        self._lines.append(Line("}", indent + 2, closing))

    def _branch(self, branch: Branch, indent: int) -> None:
        whole = _speller.branch(branch)
        if len(whole) + indent <= WIDTH and not _has_lines(branch):
            self._lines.append(Line(whole, indent, branch.span))
            return
        steps: list[tuple[str, Stage | BrokenStage | None, Span]] = [
            (_speller.stage(stage), stage, stage.span) for stage in branch.stages
        ]
        if branch.discards:
            steps.append(("discard", None, branch.span.at_end()))
        elif branch.sinks:
            steps.append((_speller.group(branch.sinks, "branch"), None, _cover(branch.sinks)))
        for index, (text, stage, place) in enumerate(steps):
            first = index == 0
            lead = _speller.condition(branch) if first else "| "
            at = Span(place.source, branch.span.start, place.end) if first else place
            self._step(lead, text, stage, at, indent if first else indent + 2)


def _has_lines(branch: Branch) -> bool:
    """Whether a branch has comments or blocks that want lines of their own."""
    return "#" in branch.span.text and "\n" in branch.span.text


def _cover(ends: Iterable[Endpoint]) -> Span:
    spans = [end.span for end in ends]
    return spans[0].to(spans[-1])


def document(
    source: SourceFile, lets: Iterable[Let], chains: Iterable[Chain], comments: Iterable[Comment]
) -> str:
    """The text of a ``.flow`` file: its statements in the order they were written."""
    remarks = [(comment.span, comment.text) for comment in comments]
    statements = [(f"let {let.name.text} = ", let.chain, let.span) for let in lets]
    statements += [("", chain, chain.span) for chain in chains]
    statements.sort(key=lambda found: found[2].start)
    lines: list[Line] = []
    for head, chain, span in statements:
        broken = any(span.start < place.start < span.end for place, _ in remarks)
        made = statement(head, chain, span, broken)
        made[0].spaced = bool(lines) and _blank_beside(source, span.start, -1)
        lines += made
    rest = _attach(source, lines, remarks)
    for index, line in enumerate(lines):
        if line.above and index and line.indent == 0:
            first = next(place for place, text in remarks if text == line.above[0])
            line.spaced = _blank_beside(source, first.start, -1)
    text = [made for line in lines for made in line.render()]
    if rest and lines and _blank_beside(source, rest[0][0].start, -1):
        text.append("")
    text += [remark for _, remark in rest]
    return "\n".join(text) + "\n" if text else ""


def _attach(
    source: SourceFile, lines: list[Line], remarks: list[tuple[Span, str]]
) -> list[tuple[Span, str]]:
    """Give each comment to a line; those behind the last line are left."""
    rest = []
    for place, text in remarks:
        before = [line for line in lines if line.span.end <= place.start]
        last = before[-1] if before else None
        if last is not None and "\n" not in source.text[last.span.end : place.start]:
            if last.behind:
                last.above.append(last.behind)
            last.behind = text
            continue
        around = next((line for line in lines if line.span.end > place.start), None)
        if around is not None:
            around.above.append(text)
            if around.indent == 0 and _blank_beside(source, place.start, 1):
                around.above.append("")
        else:
            rest.append((place, text))
    return rest


def _blank_beside(source: SourceFile, at: int, step: int) -> bool:
    """Whether the line above (``step`` -1) or below (1) the line of ``at`` is blank."""
    number = source.position(at).line + step
    lines = source.position(len(source.text)).line
    return 1 <= number < lines and not source.line(number).strip()
