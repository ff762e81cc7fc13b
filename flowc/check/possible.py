"""Which values the columns of a stream can still have, behind the tests before them.

A small abstract interpretation over conditions: sets of written values, bounds, and whether
null is among them. It only ever forgets: what it says is impossible is impossible, and of
what it does not understand it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from flowc.check.narrow import OPPOSITE, Given
from flowc.model.source import Span
from flowc.model.typed import Apply, Column, Const, In, IsNull, Logic, Not, Typed
from flowc.model.types import BOOL, EnumType, Kind, Scalar, Type, may_be_null, strip_null

#: Spans that a message can show as the reason.
_MOST_REASONS = 3

_RANGES: Mapping[Kind, tuple[int, int]] = {
    Kind.INT32: (-(2**31), 2**31 - 1),
    Kind.UINT32: (0, 2**32 - 1),
    Kind.UINT64: (0, 2**64 - 1),
    Kind.INT: (-(2**63), 2**63 - 1),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of an interval; ``open``: the value itself lies outside."""

    value: Any
    open: bool


@dataclass(frozen=True, slots=True)
class Possible:
    """What a column can be: null or not, and of values those among ``values`` (None: any)
    that lie between the bounds and are not ``without``. ``reasons`` are the tests that left it
    so."""

    null: bool = True
    values: frozenset[Any] | None = None
    without: frozenset[Any] = frozenset()
    low: Bound | None = None
    high: Bound | None = None
    reasons: tuple[Span, ...] = ()

    @property
    def has_value(self) -> bool:
        """Whether some value other than null is left."""
        if self.values is not None:
            return any(self._holds(value) for value in self.values)
        if self.low is None or self.high is None:
            return True
        if self.low.value == self.high.value:
            closed = not (self.low.open or self.high.open)
            return closed and self.low.value not in self.without
        return bool(self.low.value < self.high.value)

    @property
    def is_empty(self) -> bool:
        return not self.null and not self.has_value

    def left(self) -> tuple[Any, ...] | None:
        """The values that are left, where they are listed."""
        if self.values is None:
            return None
        return tuple(value for value in self.values if self._holds(value))

    def _holds(self, value: Any) -> bool:
        if value in self.without:
            return False
        low, high = self.low, self.high
        if low is not None and (value < low.value or (low.open and value == low.value)):
            return False
        return high is None or not (value > high.value or (high.open and value == high.value))

    def and_(self, other: Possible) -> Possible:
        """What satisfies both."""
        values = other.values if self.values is None else self.values
        if self.values is not None and other.values is not None:
            values = self.values & other.values
        reasons = dict.fromkeys((*self.reasons, *other.reasons))
        return Possible(
            self.null and other.null,
            values,
            self.without | other.without,
            _tighter(self.low, other.low, low=True),
            _tighter(self.high, other.high, low=False),
            tuple(reasons)[-_MOST_REASONS:],
        )

    def or_(self, other: Possible) -> Possible:
        """What satisfies one of them, or more."""
        values: frozenset[Any] | None = None
        if self.values is not None and other.values is not None:
            values = frozenset(self.left() or ()) | frozenset(other.left() or ())
        reasons = dict.fromkeys((*self.reasons, *other.reasons))
        return Possible(
            self.null or other.null,
            values,
            self.without & other.without,
            _looser(self.low, other.low, low=True),
            _looser(self.high, other.high, low=False),
            tuple(reasons)[-_MOST_REASONS:],
        )


def _tighter(one: Bound | None, other: Bound | None, *, low: bool) -> Bound | None:
    if one is None or other is None:
        return one or other
    if one.value == other.value:
        return one if one.open else other
    first = one.value < other.value
    return other if first is low else one


def _looser(one: Bound | None, other: Bound | None, *, low: bool) -> Bound | None:
    if one is None or other is None:
        return None
    return other if _tighter(one, other, low=low) is one else one


#: What is known of the columns of a stream; a column that is not here can be anything.
State: TypeAlias = Mapping[tuple[str, ...], Possible]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A test that no record can pass any more: where, and what the column can be there."""

    condition: Typed
    column: Column | None = None
    known: Possible | None = None


def assume(condition: Typed, given: Given, state: State) -> State | Contradiction:
    """The state once the condition came out as ``given``; a contradiction where it cannot."""
    try:
        return _assume(condition, given, state)
    except TypeError:
        # Values of kinds that Python does not order.
        return state


def parts_never_true(condition: Typed, state: State) -> Iterator[Contradiction]:
    """The tests in a condition that no record can pass: the whole, or operands of ``or``."""
    whole = assume(condition, Given.TRUE, state)
    if isinstance(whole, Contradiction):
        yield whole
        return
    match condition:
        case Logic(operator="or", operands=operands):
            for operand in operands:
                yield from parts_never_true(operand, state)
        case Logic(operands=operands):
            here = state
            for operand in operands:
                yield from parts_never_true(operand, here)
                after = assume(operand, Given.TRUE, here)
                here = here if isinstance(after, Contradiction) else after
        case _:
            pass


def join(states: Sequence[State]) -> State:
    """What is known of records of any of the streams."""
    first, *rest = states
    found = dict(first)
    for state in rest:
        found = {path: found[path].or_(state[path]) for path in found if path in state}
    return found


def _assume(condition: Typed, given: Given, state: State) -> State | Contradiction:
    yes = given in (Given.TRUE, Given.NOT_FALSE)
    exactly = given in (Given.TRUE, Given.FALSE)
    match condition:
        case Const(value=value):
            holds = {
                Given.TRUE: value is True,
                Given.FALSE: value is False,
                Given.NOT_TRUE: value is not True,
                Given.NOT_FALSE: value is not False,
            }
            return state if holds[given] else Contradiction(condition)
        case Not(operand=operand):
            return _assume(operand, OPPOSITE[given], state)
        case Logic(operator=operator, operands=operands):
            if (operator == "and") is yes:
                return _all(operands, given, state)
            return _any(condition, operands, given, state)
        case IsNull(value=Column() as column, negated=negated):
            is_null = negated is not yes
            wanted = Possible(values=frozenset()) if is_null else Possible(null=False)
            return _with(condition, column, wanted, state)
        case Column(type=type) if strip_null(type) == BOOL:
            wanted = Possible(null=not exactly, values=frozenset({yes}))
            return _with(condition, condition, wanted, state)
        case In(value=Column() as column, items=items, collection=None, negated=negated):
            values = [item.value for item in items if isinstance(item, Const)]
            if len(values) < len(items):
                return state
            among = negated is not yes
            wanted = (
                Possible(null=not exactly, values=frozenset(values))
                if among
                else Possible(null=not exactly, without=frozenset(values))
            )
            return _with(condition, column, wanted, state)
        case Apply(function=function, arguments=(Column() as column, Const(value=value))):
            return _compared(condition, column, function, value, given, state)
        case Apply(function=function, arguments=(Const(value=value), Column() as column)):
            turned = _TURNED.get(function, function)
            return _compared(condition, column, turned, value, given, state)
        case _:
            return state


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _compared(
    condition: Typed, column: Column, function: str, value: object, given: Given, state: State
) -> State | Contradiction:
    function = {"is": "==", "is not": "!="}.get(function, function)
    if function not in _NEGATED or value is None:
        return state
    if given in (Given.FALSE, Given.NOT_TRUE):
        function = _NEGATED[function]
    null = given not in (Given.TRUE, Given.FALSE)
    if isinstance(condition, Apply) and condition.function in ("is", "is not"):
        # Never null: of two that differ one may be.
        null = function == "!="
    match function:
        case "==":
            wanted = Possible(null, values=frozenset({value}))
        case "!=":
            wanted = Possible(null, without=frozenset({value}))
        case "<" | "<=":
            wanted = Possible(null, high=Bound(value, function == "<"))
        case _:
            wanted = Possible(null, low=Bound(value, function == ">"))
    return _with(condition, column, wanted, state)


def _with(
    condition: Typed, column: Column, wanted: Possible, state: State
) -> State | Contradiction:
    known = base(column.type)
    if column.path in state:
        known = known.and_(state[column.path])
    span = condition.span
    made = known.and_(replace(wanted, reasons=(span,) if span is not None else ()))
    if made.is_empty:
        return Contradiction(condition, column, known)
    return {**state, column.path: made}


def _all(operands: Sequence[Typed], given: Given, state: State) -> State | Contradiction:
    for operand in operands:
        after = _assume(operand, given, state)
        if isinstance(after, Contradiction):
            return after
        state = after
    return state


def _any(
    condition: Typed, operands: Sequence[Typed], given: Given, state: State
) -> State | Contradiction:
    found = [_assume(operand, given, state) for operand in operands]
    ways = [each for each in found if not isinstance(each, Contradiction)]
    if ways:
        return join(ways)
    first = found[0]
    assert isinstance(first, Contradiction)
    return replace(first, condition=condition)


def base(type: Type) -> Possible:
    """What a column can be by its type alone."""
    null, inner = may_be_null(type), strip_null(type)
    match inner:
        case EnumType(values):
            return Possible(null, values=frozenset(values))
        case Scalar(Kind.BOOL):
            return Possible(null, values=frozenset({True, False}))
        case Scalar(kind) if kind in _RANGES:
            low, high = _RANGES[kind]
            return Possible(null, low=Bound(low, False), high=Bound(high, False))
        case _:
            return Possible(null)
