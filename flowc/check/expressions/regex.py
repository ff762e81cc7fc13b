"""Patterns of ``matches``."""

from __future__ import annotations

from flowc.check.expressions.context import Walk
from flowc.model.expr import Expr, Literal, LiteralKind


def pattern(walk: Walk, node: Expr) -> str | None:
    """A written pattern in Python's spelling; None where it was reported."""
    if isinstance(node, Literal) and node.kind is LiteralKind.STRING:
        return node.text
    return None
