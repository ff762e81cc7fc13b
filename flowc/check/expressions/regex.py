"""The pattern of ``matches``: written, in RE2's syntax, searched in linear time."""

from __future__ import annotations

from flowc.check.expressions.context import Walk
from flowc.check.patterns.linear import is_linear, trimmed
from flowc.check.patterns.parse import PatternError, parse
from flowc.diagnostics.codes import declare
from flowc.model.expr import Expr, Literal, LiteralKind, Template

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
    try:
        parsed = parse(written)
    except PatternError as error:
        code = UNSUPPORTED if error.unknown else BAD_PATTERN
        walk.reporter.error(
            code,
            f"the pattern has an error at character {error.at + 1}: {error}",
            node.span,
            notes=("patterns are written in RE2's syntax",),
        )
        return None
    if not is_linear(trimmed(parsed)):
        walk.reporter.error(
            UNSUPPORTED,
            "this pattern may take time that grows faster than the text",
            node.span,
            notes=(
                "begin it with `^`, and let each repetition end at a character that it does not"
                " itself take: `^[^@]+@` instead of `.+@`",
                "a plain text is found by `contains`, `starts_with` and `ends_with`",
            ),
        )
        return None
    return written


def _text(node: Expr) -> str | None:
    if isinstance(node, Literal) and node.kind is LiteralKind.STRING:
        return node.text
    return node.plain if isinstance(node, Template) else None
