"""What a condition that was evaluated says about null in the rows behind it."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from flowc.model.typed import (
    Apply,
    Column,
    Get,
    In,
    Index,
    IsNull,
    Logic,
    Not,
    Try,
    Typed,
    Widen,
)
from flowc.model.types import Field, Record
from flowc.types.relate import NO_NAMES, Env, head

_Paths = frozenset[tuple[str, ...]]
_NONE: _Paths = frozenset()


class Given(Enum):
    """What is known of a condition. Null is neither true nor false, so there are four."""

    TRUE = auto()
    FALSE = auto()
    NOT_TRUE = auto()
    NOT_FALSE = auto()


_OPPOSITE = {
    Given.TRUE: Given.FALSE,
    Given.FALSE: Given.TRUE,
    Given.NOT_TRUE: Given.NOT_FALSE,
    Given.NOT_FALSE: Given.NOT_TRUE,
}


def narrow(row: Record, condition: Typed, truth: bool, types: Env = NO_NAMES) -> Record:
    """The row where the condition was true, or was not true (false or null).

    Fields that are then proven not to be null, or not to be absent, lose that.
    """
    return narrowed(row, condition, Given.TRUE if truth else Given.NOT_TRUE, types)


def narrowed(row: Record, condition: Typed, given: Given, types: Env = NO_NAMES) -> Record:
    """The row, given what is known of the condition."""
    for path in sorted(present(condition, given)):
        row = _without_null(row, path, types)
    return row


def present(condition: Typed, given: Given) -> _Paths:
    """The columns that are not null, given what is known of the condition."""
    match condition:
        case IsNull(value=value, negated=negated):
            true = given in (Given.TRUE, Given.NOT_FALSE)
            return _needed(value) if true is negated else _NONE
        case Not(operand=operand):
            return present(operand, _OPPOSITE[given])
        case Logic(operator=operator, operands=operands):
            parts = [present(operand, given) for operand in operands]
            # True of `and` is true of each; of `or` it is true of at least one.
            all_hold = (operator == "and") is (given in (Given.TRUE, Given.NOT_FALSE))
            return frozenset.union(*parts) if all_hold else frozenset.intersection(*parts)
        case _:
            return _needed(condition) if given in (Given.TRUE, Given.FALSE) else _NONE


def _needed(value: Typed) -> _Paths:
    """The columns that cannot be null where the value is not: all that it is strict in."""
    found: set[tuple[str, ...]] = set()
    stack = [value]
    while stack:
        match stack.pop():
            case Column(path=path):
                found.add(path)
            case Apply(strict=True, arguments=arguments):
                stack.extend(arguments)
            case Widen(value=inner) | Try(value=inner) | Get(base=inner) | Not(operand=inner):
                stack.append(inner)
            case Index(base=base, index=index):
                stack.extend((base, index))
            case In(value=inner, collection=collection):
                stack.append(inner)
                if collection is not None:
                    stack.append(collection)
            case _:
                pass
    return frozenset(found)


def _without_null(row: Record, path: tuple[str, ...], types: Env) -> Record:
    """The row with the field at the path, and those it lies in, neither null nor absent."""
    name, rest = path[0], path[1:]
    fields: list[Field] = []
    for field in row.fields:
        if field.name == name:
            inner, null = head(field.type, types)
            if rest and isinstance(inner, Record):
                inner = _without_null(inner, rest, types)
                null = null or inner != head(field.type, types)[0]
            field = replace(field, type=inner if null else field.type, optional=False)
        fields.append(field)
    made = tuple(fields)
    return row if made == row.fields else row.with_fields(made)
