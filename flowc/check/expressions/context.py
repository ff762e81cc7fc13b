"""What the families of expression nodes ask of the walk over an expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Expr
from flowc.model.source import Span
from flowc.model.typed import Typed, Wrong
from flowc.model.types import JSON, POISON, Poison, Record, Type
from flowc.types.resolve import Env, head


class Walk(Protocol):
    """One walk over one expression."""

    @property
    def reporter(self) -> Reporter: ...

    @property
    def strict(self) -> bool: ...

    @property
    def types(self) -> Env: ...

    @property
    def blamed(self) -> set[tuple[str, ...]]:
        """The columns whose null was reported already: one error for one root cause."""
        ...

    def infer(self, expr: Expr, row: Record, hint: Type | None = None) -> Typed:
        """Type an expression. ``hint`` is the type that literals in it take where they can;
        a value of another type is no error here."""
        ...

    def unify(self, values: Sequence[Typed], what: str) -> tuple[Type, tuple[Typed, ...]] | None:
        """The least type of all the values, and the values as that type."""
        ...

    def condition(self, expr: Expr, row: Record, who: str, at: Span | None = None) -> Typed:
        """Type an expression that must be a bool, maybe null; ``who`` wants it."""
        ...


def wrong(span: Span | None) -> Wrong:
    """What stands for an expression with an error that was reported."""
    return Wrong(POISON, span)


def bare(type: Type, walk: Walk) -> Type:
    """The type without names and nulls around it."""
    return head(type, walk.types)[0]


def is_null(type: Type, walk: Walk) -> bool:
    """Whether a value of the type may be null (json may), names looked up."""
    core, null = head(type, walk.types)
    return null or core == JSON


def is_wrong(typed: Typed) -> bool:
    """Whether an error was reported in the expression already."""
    return isinstance(typed.type, Poison)


def any_wrong(*typed: Typed) -> bool:
    return any(is_wrong(each) for each in typed)
