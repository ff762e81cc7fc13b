"""The pattern of ``matches``: written, in RE2's syntax, searched in linear time."""

from __future__ import annotations

from flowc.catalog.spec import GroupedPattern
from flowc.check.expressions.context import Walk
from flowc.check.patterns.linear import is_linear, trimmed, until_certain
from flowc.check.patterns.parse import PatternError, parse
from flowc.check.patterns.python import named_groups, to_python_whole
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Expr, Literal, LiteralKind, Template
from flowc.model.source import Span

BAD_PATTERN = declare("FC0316", "bad-pattern", "A pattern that is not written, or is malformed")
UNSUPPORTED = declare(
    "FC0317", "unsupported-pattern", "A pattern that cannot yet be searched in linear time"
)


def pattern(walk: Walk, node: Expr) -> str | None:
    """The written pattern; None where it was reported that it cannot be taken."""
    written = _text(node)
    if written is None:
        walk.reporter.error(
            BAD_PATTERN,
            "the pattern of `matches` must be written, it cannot be computed",
            node.span,
            notes=('as in `name matches r"^a+$"`; `contains` takes a computed text',),
        )
        return None
    return written if searched(written, node.span, walk.reporter) else None


def searched(written: str, span: Span, reporter: Reporter, *, trims: bool = True) -> bool:
    """Whether the pattern can be searched in linear time; reported where not. ``trims``: it is
    only tested, and where it ends does not matter."""
    try:
        parsed = parse(written)
    except PatternError as error:
        _malformed(error, span, reporter)
        return False
    if not is_linear(trimmed(parsed) if trims else until_certain(parsed)):
        reporter.error(
            UNSUPPORTED,
            "this pattern may take time that grows faster than the text",
            span,
            notes=(
                "begin it with `^`, and let each repetition end at a character that it does not"
                " itself take: `^[^@]+@` instead of `.+@`",
                "a plain text is found by `contains`, `starts_with` and `ends_with`",
            ),
        )
        return False
    return True


def grouped(written: str, span: Span, reporter: Reporter) -> GroupedPattern | None:
    """The pattern with its named groups; None where it was reported that it is malformed."""
    try:
        parsed = parse(written)
        groups = tuple(named_groups(written).items())
    except PatternError as error:
        _malformed(error, span, reporter)
        return None
    linear = is_linear(until_certain(parsed))
    return GroupedPattern(to_python_whole(written)[0] if linear else written, groups, linear)


def _malformed(error: PatternError, span: Span, reporter: Reporter) -> None:
    reporter.error(
        UNSUPPORTED if error.unknown else BAD_PATTERN,
        f"the pattern has an error at character {error.at + 1}: {error}",
        span,
        notes=("patterns are written in RE2's syntax",),
    )


def _text(node: Expr) -> str | None:
    if isinstance(node, Literal) and node.kind is LiteralKind.STRING:
        return node.text
    return node.plain if isinstance(node, Template) else None
