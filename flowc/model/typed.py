"""Expressions with their types: what the checker gives and each engine lowers.

A closed set, smaller than what can be written: every operator of the language and every
function is an ``Apply`` of one overload. Null is explicit: an ``Apply`` is null when an
argument is null (``strict``), unless the overload says that it takes null itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from flowc.model.effects import NO_ERRORS, ErrorSet
from flowc.model.source import Span
from flowc.model.types import Type


@dataclass(frozen=True, slots=True)
class RuntimeCall:
    """``name(args)`` from the runtime's module (``values.time``), imported by name."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class BuiltinCall:
    """``name(args)`` of a Python builtin: ``len``, ``abs``, ``round``, ``min``."""

    name: str


@dataclass(frozen=True, slots=True)
class MethodCall:
    """``args[0].name(*args[1:])``: ``lower``, ``startswith``."""

    name: str


@dataclass(frozen=True, slots=True)
class BinaryForm:
    """``args[0] SYMBOL args[1]``: arithmetic or a comparison of Python; ``swapped`` puts
    ``args[1]`` first (``part in text``)."""

    symbol: str
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class UnaryForm:
    """``SYMBOL args[0]``."""

    symbol: str


@dataclass(frozen=True, slots=True)
class AttributeForm:
    """``args[0].name``: ``year``."""

    name: str


@dataclass(frozen=True, slots=True)
class TextForm:
    """An f-string of the arguments, all of them texts: ``concat``."""


@dataclass(frozen=True, slots=True)
class RecordsCall:
    """``name(Record, args)`` from the runtime's module: it makes records of the class that the
    result's items have."""

    module: str
    name: str


#: How an overload is written in Python.
PythonForm: TypeAlias = (
    RuntimeCall
    | BuiltinCall
    | MethodCall
    | BinaryForm
    | UnaryForm
    | AttributeForm
    | TextForm
    | RecordsCall
)


@dataclass(frozen=True, slots=True)
class CodecForm:
    """``name(type, *arguments).decode(args[0])``: a codec of the runtime (``codecs.jsontext``)
    for the type that is read, made once. No overload has it, since it depends on a type.
    ``packages`` are requirements of its module."""

    module: str
    name: str
    type: Type
    arguments: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Const:
    """A value known at compile time. ``value`` is a Python value of the type: bool, int,
    float, str, bytes, Decimal, datetime (UTC), date, timedelta, UUID or None."""

    value: object
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the row, by path. ``type`` is nullable where any step of the way is;
    an absent field reads as null. ``present`` is false where a step may be absent;
    ``reached`` is true where every step before the last is proven to be there."""

    path: tuple[str, ...]
    type: Type
    present: bool = True
    reached: bool = field(default=False, compare=False, kw_only=True)
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable read once at start, by its name in the settings.

    ``default`` and ``message`` are those of ``${NAME:-default}`` and ``${NAME:?message}``.
    ``secret``: its place makes it one, whatever it is called.
    """

    name: str
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)
    default: str | None = None
    message: str | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Get:
    """A field of a computed record; a key of json or of a map. Missing gives null."""

    base: Typed
    name: str
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """An item of a list (negative counts from the end), a key of a map. Missing: null."""

    base: Typed
    index: Typed
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or function, one overload of it.

    ``checked`` names the check its result needs before it is stored ("int64", "finite",
    …) or is empty: inside an expression integers are exact. ``gives_null``: it may be null
    where no argument is.
    """

    function: str
    python: PythonForm | CodecForm
    arguments: tuple[Typed, ...]
    type: Type
    strict: bool = True
    errors: ErrorSet = NO_ERRORS
    deterministic: bool = True
    checked: str = ""
    gives_null: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class If:
    condition: Typed
    then: Typed
    otherwise: Typed
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """Kleene's ``and`` or ``or``, n-ary."""

    operator: str
    operands: tuple[Typed, ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Typed
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first value that is not null (n-ary)."""

    values: tuple[Typed, ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    value: Typed
    negated: bool
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class In:
    """Membership. ``items`` are written values; ``collection`` is a computed list or map."""

    value: Typed
    items: tuple[Typed, ...]
    collection: Typed | None
    negated: bool
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MakeList:
    items: tuple[Typed, ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MakeRecord:
    fields: tuple[tuple[str, Typed], ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Widen:
    """An exact widening: int to float in arithmetic, int to decimal, T to ``T?``."""

    value: Typed
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Try:
    """``try(e)``: null where ``e`` raises a record error."""

    value: Typed
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wrong:
    """An expression with an error, already reported; its type is poison."""

    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


Typed: TypeAlias = (
    Const
    | Column
    | Setting
    | Get
    | Index
    | Apply
    | If
    | Logic
    | Not
    | Coalesce
    | IsNull
    | In
    | MakeList
    | MakeRecord
    | Widen
    | Try
    | Wrong
)


def children(node: Typed) -> tuple[Typed, ...]:
    """The direct parts of an expression, in order."""
    match node:
        case Const() | Column() | Setting() | Wrong():
            return ()
        case Get(base=base):
            return (base,)
        case Index(base=base, index=index):
            return (base, index)
        case Apply(arguments=arguments):
            return arguments
        case If(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Logic(operands=operands):
            return operands
        case Not(operand=operand):
            return (operand,)
        case Coalesce(values=values):
            return values
        case IsNull(value=value) | Widen(value=value) | Try(value=value):
            return (value,)
        case In(value=value, items=items, collection=collection):
            return (value, *items) if collection is None else (value, *items, collection)
        case MakeList(items=items):
            return items
        case MakeRecord(fields=fields):
            return tuple(value for _, value in fields)


def with_columns(node: Typed, change: Callable[[Column], Typed]) -> Typed:
    """The expression with each column that it reads changed."""

    def inside(part: Typed) -> Typed:
        return with_columns(part, change)

    match node:
        case Column():
            return change(node)
        case Const() | Setting() | Wrong():
            return node
        case Get(base=base):
            return replace(node, base=inside(base))
        case Index(base=base, index=index):
            return replace(node, base=inside(base), index=inside(index))
        case Apply(arguments=arguments):
            return replace(node, arguments=tuple(map(inside, arguments)))
        case If(condition=test, then=then, otherwise=otherwise):
            return replace(
                node, condition=inside(test), then=inside(then), otherwise=inside(otherwise)
            )
        case Logic(operands=operands):
            return replace(node, operands=tuple(map(inside, operands)))
        case Not(operand=operand):
            return replace(node, operand=inside(operand))
        case Coalesce(values=values):
            return replace(node, values=tuple(map(inside, values)))
        case IsNull(value=value) | Widen(value=value) | Try(value=value):
            return replace(node, value=inside(value))
        case In(value=value, items=items, collection=collection):
            return replace(
                node,
                value=inside(value),
                items=tuple(map(inside, items)),
                collection=None if collection is None else inside(collection),
            )
        case MakeList(items=items):
            return replace(node, items=tuple(map(inside, items)))
        case MakeRecord(fields=fields):
            return replace(node, fields=tuple((name, inside(value)) for name, value in fields))


def columns(node: Typed) -> frozenset[tuple[str, ...]]:
    """The paths of the row that an expression reads."""
    found: set[tuple[str, ...]] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Column):
            found.add(here.path)
        stack.extend(children(here))
    return frozenset(found)


def errors(node: Typed) -> ErrorSet:
    """The record errors an expression can raise (what ``try`` catches is left out)."""
    found: set[str] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Try):
            continue
        if isinstance(here, Apply):
            found |= here.errors
        stack.extend(children(here))
    return frozenset(found)


def is_deterministic(node: Typed) -> bool:
    """Whether the expression gives the same value for the same row every time."""
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Apply) and not here.deterministic:
            return False
        stack.extend(children(here))
    return True
