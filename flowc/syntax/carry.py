"""Comments of a file carried over to the other form of it: behind a node on its line, or above it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowc.model.source import SourceFile, Span
from flowc.model.tree import Chain, Comment, Document, Stage

_COMMENT = re.compile(r"(?:(?<=\s)|(?<=\A)|(?<=\n))#[^\n]*")


def yaml_comments(source: SourceFile) -> tuple[Comment, ...]:
    """The comments of a YAML file that can be read."""
    import yaml

    inside = [
        (token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(source.text)
        if isinstance(token, yaml.ScalarToken)
    ]
    # Marks do not count a mark of byte order, nor does the text of a file have one.
    return tuple(
        Comment(found.group().rstrip(), source.span(found.start(), found.end()))
        for found in _COMMENT.finditer(source.text)
        if not any(start <= found.start() < end for start, end in inside)
    )


def with_comments(
    comments: tuple[Comment, ...], before: Document, text: str, after: Document
) -> str:
    """A text with the comments of another that says the same.

    Args:
        before: what the file with the comments says.
        after: what ``text`` says, which has the same nodes in the same order.
    """
    old, new = list(_nodes(before)), list(_nodes(after))
    lines = text.split("\n")
    above: dict[int, list[str]] = {}
    behind: dict[int, str] = {}
    end: list[str] = []
    for comment in comments:
        place = comment.span
        ended = [at for at, span in enumerate(old) if span.end <= place.start]
        last = max(ended, key=lambda at: old[at].end, default=None)
        if last is not None and "\n" not in place.source.text[old[last].end : place.start]:
            first, final = _lines(new[last])
            if first == final and first not in behind:
                behind[first] = comment.text
            else:
                above.setdefault(first, []).append(comment.text)
            continue
        following = [at for at, span in enumerate(old) if span.start >= place.end]
        if following:
            following_first = min(following, key=lambda at: old[at].start)
            above.setdefault(_lines(new[following_first])[0], []).append(comment.text)
        else:
            end.append(comment.text)
    made: list[str] = []
    for number, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        made += [indent + comment for comment in above.get(number, ())]
        made.append(f"{line}  {behind[number]}" if number in behind else line)
    return "\n".join(made).rstrip("\n") + "\n" + "".join(f"{comment}\n" for comment in end)


def _lines(span: Span) -> tuple[int, int]:
    """The first and last line of a span, from 0."""
    source = span.source
    last = max(span.start, span.end - 1)
    return source.position(span.start).line - 1, source.position(last).line - 1


def _nodes(document: Document) -> Iterator[Span]:
    for let in document.lets:
        yield from _of_chain(let.chain)
    for pipeline in document.pipelines:
        yield from _of_chain(pipeline.chain)


def _of_chain(chain: Chain) -> Iterator[Span]:
    yield from (end.span for end in chain.sources)
    for stage in chain.stages:
        yield from _of_stage(stage) if isinstance(stage, Stage) else iter([stage.span])
    yield from (end.span for end in chain.sinks)


def _of_stage(stage: Stage) -> Iterator[Span]:
    yield stage.name.span if stage.block else stage.span
    for branch in stage.block or ():
        for inner in branch.stages:
            yield from _of_stage(inner) if isinstance(inner, Stage) else iter([inner.span])
        yield from (end.span for end in branch.sinks)
