"""Expressions as written. A closed set: each pass over it matches exhaustively.

Equality ignores places, so that the trees of two spellings can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias, assert_never

from flowc.model.source import Span


class LiteralKind(Enum):
    NULL = "null"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    SIZE = "size"
    PERCENT = "percent"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal. ``text`` is its canonical spelling; for a string, its value.

    Numbers keep their digits (``1_000`` is ``1000``, ``1.50`` stays ``1.50``), so that a
    decimal loses nothing; dates and timestamps are ISO 8601 as written; a duration is
    written with its units (``1h30m``), a size likewise (``64MiB``), a percentage and a
    rate as ``1%`` and ``100/s``. ``raw`` marks ``r"…"``.
    """

    kind: LiteralKind
    text: str
    span: Span = field(compare=False, repr=False)
    raw: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """``${NAME}``, ``${NAME:-default}``, ``${NAME:?message}``: a token, never pasted text."""

    name: str
    default: str | None
    message: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variables in it: an interpolated string, an endpoint, a YAML scalar.

    A text without variables has one part or none. ``bare`` marks an unquoted text, whose
    type is decided by its place (a YAML plain scalar, an option of a URI).
    """

    parts: tuple[str | Variable, ...]
    span: Span = field(compare=False, repr=False)
    bare: bool = field(default=False, compare=False)

    @property
    def plain(self) -> str | None:
        """The text, where no variable stands in it."""
        if any(isinstance(part, Variable) for part in self.parts):
            return None
        return "".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class FieldStep:
    name: str
    span: Span = field(compare=False, repr=False)
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class IndexStep:
    index: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Path:
    """``a``, ``a.b``, ``a.b[0]``, `` `a-b`.c ``; the first step is a field of the row."""

    steps: tuple[FieldStep | IndexStep, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The field names, where the path is made of fields alone."""
        if all(isinstance(step, FieldStep) for step in self.steps):
            return tuple(step.name for step in self.steps if isinstance(step, FieldStep))
        return None


@dataclass(frozen=True, slots=True)
class Inside:
    """``split(s, ",")[0]``, ``(a ?? b).c``: one step into a value that is computed."""

    base: Expr
    step: FieldStep | IndexStep
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x``, ``+x`` or ``not x``."""

    operator: str
    operand: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+ - * / // %``."""

    operator: str
    left: Expr
    right: Expr
    span: Span = field(compare=False, repr=False)
    operator_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``== != < <= > >= is matches`` and the null-safe ``is not``.

    ``=`` stays as written where a path stands left of it: `bind` reads it as ``==``.
    """

    operator: str
    left: Expr
    right: Expr
    span: Span = field(compare=False, repr=False)
    operator_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """``and`` or ``or``, n-ary: a chain of one operator is one node."""

    operator: str
    operands: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """``x in (a, b)``, ``x in list``; ``negated`` for ``not in``.

    ``collection`` is a ``ListExpr`` for a written list.
    """

    value: Expr
    collection: Expr
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NullTest:
    """``x is null``, ``x == null`` (and negated): a test, never null."""

    value: Expr
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Coalesce:
    """``a ?? b``."""

    value: Expr
    default: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """``if c then a else b``."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """``name(a, b)``."""

    name: str
    arguments: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListExpr:
    """``[a, b]``, and the ``(a, b)`` behind ``in``."""

    items: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RecordExpr:
    """``{a: e, b: e}``."""

    fields: tuple[tuple[str, Expr], ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hole:
    """Where something could not be read; it was reported, and poisons silently."""

    span: Span = field(compare=False, repr=False)


Expr: TypeAlias = (
    Literal
    | Template
    | Variable
    | Path
    | Inside
    | Unary
    | Arithmetic
    | Comparison
    | Logic
    | Membership
    | NullTest
    | Coalesce
    | Conditional
    | Call
    | ListExpr
    | RecordExpr
    | Hole
)


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of an expression as written."""
    match expr:
        case Literal() | Template() | Variable() | Hole():
            return ()
        case Path(steps):
            return tuple(step.index for step in steps if not isinstance(step, FieldStep))
        case Inside(base=base, step=step):
            return (base,) if isinstance(step, FieldStep) else (base, step.index)
        case Unary(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Logic(operands=operands):
            return operands
        case Membership(value=value, collection=collection):
            return (value, collection)
        case NullTest(value=value):
            return (value,)
        case Coalesce(value=value, default=default):
            return (value, default)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Call(arguments=arguments):
            return arguments
        case ListExpr(items=items):
            return items
        case RecordExpr(fields=fields):
            return tuple(value for _, value in fields)
        case _:
            assert_never(expr)


def paths(expr: Expr) -> tuple[Path, ...]:
    """The paths in an expression, those inside an index included, in the order written."""
    found: list[Path] = []
    stack = [expr]
    while stack:
        here = stack.pop()
        if isinstance(here, Path):
            found.append(here)
        stack.extend(reversed(parts(here)))
    return tuple(found)
