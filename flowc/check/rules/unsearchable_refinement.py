"""A pattern that a schema states and that cannot be searched for."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.check.patterns.linear import is_linear, trimmed
from flowc.check.patterns.parse import PatternError, parse
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.graph import NodeKind, TypedPipeline
from flowc.model.types import Field, ListType, MapType, Record, Type, strip_null
from flowc.types.resolve import Env, head
from flowc.types.show import quoted, show_name

UNSEARCHABLE = declare(
    "FC0324", "unsearchable-refinement", "A pattern of a schema cannot be searched in linear time"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """A source's records are checked against the patterns of its schema as they are read."""
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        row = known.ports.get("out") if known is not None else None
        if node.kind is not NodeKind.SOURCE or row is None:
            continue
        for field in _fields(row, context.project.types, ()):
            pattern = field.refinement.pattern
            problem = None if pattern is None else _problem(pattern)
            if problem is None:
                continue
            span = next((o.span for o in field.origin if o.span is not None), node.span)
            context.reporter.error(
                UNSEARCHABLE,
                f"the pattern {quoted(pattern or '')} of `{show_name(field.name)}` {problem}",
                span,
                notes=(
                    "patterns are written in RE2's syntax; begin one with `^`, and let each repetition"
                    " end at a character that it does not itself take",
                ),
            )


def _problem(pattern: str) -> str | None:
    try:
        tree = parse(pattern)
    except PatternError as error:
        return f"has an error at character {error.at + 1}: {error}"
    if not is_linear(trimmed(tree)):
        return "may take time that grows faster than the text"
    return None


def _fields(type: Type, types: Env, above: tuple[Type, ...]) -> Iterator[Field]:
    """The fields of a type and of all in it; what holds itself is looked into once."""
    inner = strip_null(head(type, types)[0])
    if inner in above:
        return
    match inner:
        case Record(fields=fields):
            for field in fields:
                yield field
                yield from _fields(field.type, types, (*above, inner))
        case ListType(item=item):
            yield from _fields(item, types, above)
        case MapType(value=value):
            yield from _fields(value, types, above)
        case _:
            pass
