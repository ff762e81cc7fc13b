"""Choosing the overload that takes the given types, at the least widening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowc.catalog.spec import Overload
from flowc.check.expressions.coerce import adapted, in_arithmetic, widened
from flowc.check.expressions.context import Walk, bare, is_null
from flowc.check.expressions.operators import BINARY
from flowc.model.source import Span
from flowc.model.typed import Apply, Const, Typed
from flowc.model.types import (
    BIGINT,
    FLOAT,
    INT,
    INT32,
    JSON,
    NUMBER,
    STRING,
    UINT32,
    UINT64,
    DecimalType,
    EnumType,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.relate import is_integer, is_subtype, join

#: What a widening costs; what is not here is none. Computing in floats may round.
_COST: Mapping[tuple[Type, Type], int] = {
    (INT32, INT): 1,
    (UINT32, INT): 1,
    (INT32, BIGINT): 3,
    (UINT32, BIGINT): 3,
    (INT, BIGINT): 3,
    (UINT64, BIGINT): 3,
    (INT32, NUMBER): 4,
    (UINT32, NUMBER): 4,
    (INT, NUMBER): 4,
    (FLOAT, NUMBER): 1,
    (INT32, FLOAT): 5,
    (UINT32, FLOAT): 5,
    (INT, FLOAT): 5,
    (UINT64, FLOAT): 6,
    (BIGINT, FLOAT): 6,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An overload and the types its parameters have for the given arguments."""

    overload: Overload
    parameters: tuple[Type, ...]
    result: Type


def choose(walk: Walk, overloads: Sequence[Overload], arguments: Sequence[Typed]) -> Choice | None:
    """The overload that fits at the least cost, the first of equals; None where none does."""
    best: Choice | None = None
    least = 0
    for overload in overloads:
        found = _fit(walk, overload, arguments)
        if found is None:
            continue
        choice, cost = found
        if best is None or cost < least:
            best, least = choice, cost
    return best


def takes(overload: Overload, count: int) -> bool:
    """Whether an overload can be called with so many arguments."""
    most = len(overload.parameters)
    return count >= most - overload.optional and (overload.variadic or count <= most)


def parameter(overload: Overload, index: int) -> tuple[str, Type]:
    """The name and type of the parameter that takes argument ``index``."""
    return overload.parameters[min(index, len(overload.parameters) - 1)]


def _fit(walk: Walk, overload: Overload, arguments: Sequence[Typed]) -> tuple[Choice, int] | None:
    if not takes(overload, len(arguments)):
        return None
    bound: dict[str, Type] = {}
    total = 0
    wanted = [parameter(overload, index)[1] for index in range(len(arguments))]
    for want, argument in zip(wanted, arguments, strict=True):
        cost = _cost(walk, want, bare(argument.type, walk), argument, bound)
        if cost is None:
            return None
        total += cost
    parameters = tuple(_filled(want, bound) for want in wanted)
    return Choice(overload, parameters, _filled(overload.result, bound)), total


def _cost(
    walk: Walk, want: Type, have: Type, argument: Typed | None, bound: dict[str, Type]
) -> int | None:
    want = strip_null(want)
    if isinstance(have, Poison | NullType | Never):
        return 0
    if isinstance(want, Ref):
        return None if have == JSON else _bind(walk, want, have, bound)
    if want == have:
        return 0
    if isinstance(want, ListType) and isinstance(have, ListType):
        return _inside(walk, want.item, have.item, bound)
    if isinstance(want, MapType) and isinstance(have, MapType):
        return _inside(walk, want.value, have.value, bound)
    if isinstance(want, DecimalType):
        if isinstance(have, DecimalType):
            return 1 if is_subtype(have, want, walk.types) else None
        return 7 if is_integer(have) else None
    if isinstance(have, EnumType):
        return 1 if want == STRING else None
    if isinstance(argument, Const) and isinstance(want, EnumType):
        return 1 if adapted(argument, want) is not None else None
    return _COST.get((have, want))


def _inside(walk: Walk, want: Type, have: Type, bound: dict[str, Type]) -> int | None:
    """What items cost; a type variable stands for items that may be null, and for json."""
    if isinstance(want, Ref):
        return _bind(walk, want, have, bound)
    cost = _cost(walk, want, bare(have, walk), None, bound)
    # Of two overloads, the one that speaks of items that may be null.
    dropped = is_null(have, walk) and not may_be_null(want)
    return cost if cost is None or not dropped else cost + 1


def _bind(walk: Walk, want: Ref, have: Type, bound: dict[str, Type]) -> int | None:
    known = bound.get(want.name)
    joined = have if known is None else join(known, have, walk.types)
    if joined is None:
        return None
    bound[want.name] = joined
    return 0


def _filled(type: Type, bound: Mapping[str, Type]) -> Type:
    match type:
        case Ref(name):
            return bound.get(name, Never())
        case ListType(item):
            return ListType(_filled(item, bound))
        case MapType(value):
            return MapType(_filled(value, bound))
        case Nullable(inner):
            return nullable(_filled(inner, bound))
        case Record(fields):
            return type.with_fields(
                tuple(replace(field, type=_filled(field.type, bound)) for field in fields)
            )
        case _:
            return type


def apply(
    walk: Walk,
    name: str,
    choice: Choice,
    arguments: Sequence[Typed],
    span: Span | None,
    *,
    deterministic: bool = True,
) -> Apply:
    """An overload over its arguments: null in, null out, unless it takes null itself."""
    overload = choice.overload
    computes = name in BINARY
    given = tuple(
        in_arithmetic(argument, want, walk) if computes else _argument(walk, argument, want)
        for argument, want in zip(arguments, choice.parameters, strict=True)
    )
    strict = not overload.takes_null
    null = strict and any(is_null(argument.type, walk) for argument in given)
    return Apply(
        name,
        overload.python,
        given,
        nullable(choice.result) if null else choice.result,
        strict,
        overload.errors,
        deterministic,
        overload.checked,
        may_be_null(overload.result),
        span,
    )


def _argument(walk: Walk, argument: Typed, want: Type) -> Typed:
    """An argument of a function as its parameter's type."""
    written = adapted(argument, want)
    if written is not None and isinstance(strip_null(want), Scalar | DecimalType | EnumType):
        return written
    if is_subtype(strip_null(bare(argument.type, walk)), strip_null(want), walk.types):
        return widened(argument, nullable(want) if is_null(argument.type, walk) else want)
    return in_arithmetic(argument, want, walk)
