"""Formats the pipe text inside a YAML file; the rest of the file stays as it is.

Only text that stands on one line as it is (no escapes, no folds) is touched, so that
comments and layout cannot be lost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

from flowc.model.diagnostic import Edit
from flowc.model.expr import Expr, Hole, Template
from flowc.model.source import Span
from flowc.model.tree import (
    Branch,
    Chain,
    Document,
    Item,
    ListValue,
    MapValue,
    Stage,
    Value,
)
from flowc.syntax.spelling import Speller


def edits(document: Document, values: Iterable[Value]) -> Iterator[Edit]:
    """What to change in the file of ``document``, whose YAML documents are ``values``."""
    formatter = _Formatter(sorted(scalar_spans(values), key=lambda span: span.start))
    for let in document.lets:
        yield from formatter.chain(let.chain)
    for pipeline in document.pipelines:
        yield from formatter.chain(pipeline.chain)


def scalar_spans(values: Iterable[Value]) -> Iterator[Span]:
    """Where the scalars of a file stand."""
    stack = list(values)
    while stack:
        value = stack.pop()
        match value:
            case Template():
                yield value.span
            case ListValue(items=items):
                stack += items
            case MapValue(entries=entries):
                stack += [entry.value for entry in entries]
            case _:
                pass


class _Formatter:
    def __init__(self, scalars: list[Span]) -> None:
        self._scalars = scalars
        self._starts = [span.start for span in scalars]

    def _scalar(self, span: Span) -> Span | None:
        """The scalar in which a place lies."""
        index = bisect_right(self._starts, span.start) - 1
        if index < 0:
            return None
        found = self._scalars[index]
        return found if span.end <= found.end else None

    def chain(self, chain: Chain) -> Iterator[Edit]:
        places = [end.span for end in chain.sources]
        for stage in chain.stages:
            if isinstance(stage, Stage):
                yield from self._stage(stage)
        places += [stage.span for stage in chain.stages]
        places += [end.span for end in chain.sinks]
        yield from self._gaps(places)

    def _stage(self, stage: Stage) -> Iterator[Edit]:
        for branch in stage.block or ():
            yield from self._branch(branch)
        places = [item.span for item in stage.items] + [clause.span for clause in stage.clauses]
        if stage.as_ is not None:
            places.append(stage.as_.span)
        if not places:
            return
        whole = _cover(places)
        if self._scalar(whole) is not None:
            yield from self._piece(whole, lambda speller: speller.arguments(stage))
            return
        for item in stage.items:
            yield from self._piece(item.span, partial(_item_text, item))

    def _branch(self, branch: Branch) -> Iterator[Edit]:
        if branch.condition is not None:
            yield from self._condition(branch.condition)
        for stage in branch.stages:
            if isinstance(stage, Stage):
                yield from self._stage(stage)
        yield from self._gaps([*(s.span for s in branch.stages), *(s.span for s in branch.sinks)])

    def _condition(self, condition: Expr) -> Iterator[Edit]:
        if not isinstance(condition, Hole):
            yield from self._piece(condition.span, lambda speller: speller.expression(condition))

    def _gaps(self, places: list[Span]) -> Iterator[Edit]:
        """One blank on either side of a `|`."""
        for before, after in pairwise(places):
            scalar = self._scalar(before)
            gap = Span(before.source, before.end, max(before.end, after.start))
            if scalar is None or scalar != self._scalar(after):
                continue
            if re.fullmatch(r"[ \t]*\|[ \t]*", gap.text) and gap.text != " | ":
                yield Edit(gap, " | ")

    def _piece(self, span: Span, spell: Callable[[Speller], str]) -> Iterator[Edit]:
        """The edit of a piece of pipe text, where it can be made safely."""
        scalar = self._scalar(span)
        raw = span.text
        if scalar is None or "\n" in raw or "#" in raw:
            return
        style = scalar.text[:1]
        if (style == '"' and "\\" in raw) or (style == "'" and "'" in raw):
            return
        text = spell(Speller("'" if style == '"' else '"'))
        if text == raw or not text.isprintable():
            return
        if style == '"':
            fits = '"' not in text and "\\" not in text
        elif style == "'":
            fits = "'" not in text
        elif style in ("|", ">"):
            fits = True
        else:
            begins = span.start == scalar.start
            fits = not re.search(r": |:\Z| #|[\[\]{},]", text) or (
                not re.search(r": |:\Z| #", text) and re.search(r"[\[\]{},]", raw) is not None
            )
            fits = fits and not (begins and text[:1] in "\"'`!&*?|>@%-#[]{},")
        if fits:
            yield Edit(span, text)


def _item_text(item: Item, speller: Speller) -> str:
    return speller.item(item)


def _cover(places: list[Span]) -> Span:
    first = min(places, key=lambda span: span.start)
    last = max(places, key=lambda span: span.end)
    return Span(first.source, first.start, last.end)
