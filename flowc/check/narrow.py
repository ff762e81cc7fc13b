"""What a condition that was evaluated says about null, and about the members of unions, in
the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from flowc.model.typed import (
    Apply,
    Column,
    Const,
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
from flowc.model.types import (
    POISON,
    EnumType,
    Field,
    Poison,
    Record,
    Type,
    Union,
    nullable,
    strip_null,
)
from flowc.types.members import names_of_members, row_of, with_tags
from flowc.types.relate import NO_NAMES, Env, head

_Paths = frozenset[tuple[str, ...]]
_NONE: _Paths = frozenset()
_Choices = Mapping[tuple[str, ...], frozenset[str]]
_EQUALITIES = ("==", "!=", "is", "is not")


class Given(Enum):
    """What is known of a condition. Null is neither true nor false, so there are four."""

    TRUE = auto()
    FALSE = auto()
    NOT_TRUE = auto()
    NOT_FALSE = auto()


OPPOSITE = {
    Given.TRUE: Given.FALSE,
    Given.FALSE: Given.TRUE,
    Given.NOT_TRUE: Given.NOT_FALSE,
    Given.NOT_FALSE: Given.NOT_TRUE,
}
_YES = (Given.TRUE, Given.NOT_FALSE)


def narrow(row: Record, condition: Typed, truth: bool, types: Env = NO_NAMES) -> Record:
    """The row where the condition was true, or was not true (false or null).

    Fields that are then proven not to be null, or not to be absent, lose that.
    """
    return narrowed(row, condition, Given.TRUE if truth else Given.NOT_TRUE, types)


def narrowed(row: Record, condition: Typed, given: Given, types: Env = NO_NAMES) -> Record:
    """The row, given what is known of the condition.

    Of one with an error it is not known which members of a union it leaves.
    """
    if isinstance(condition.type, Poison):
        return _any_member(row, types)
    for path in sorted(present(condition, given)):
        row = _Change(types, True, _same).row(row, path)
    for path, allowed in sorted(chosen(condition, given).items()):
        change = _Change(types, False, _keeping(path[-1], allowed))
        row = change.row(row, path[:-1])
    return row


def chosen(condition: Typed, given: Given) -> _Choices:
    """The texts that columns of a listed set can still be, given what is known of the
    condition: ``kind == "card"`` leaves one, its opposite all others."""
    match condition:
        case Apply(function=function, arguments=(left, right)) if function in _EQUALITIES:
            column, value = (right, left) if isinstance(left, Const) else (left, right)
            same = function in ("==", "is")
            return _choice(column, (value,), same is (given in _YES))
        case In(value=value, items=items, collection=None, negated=negated):
            return _choice(value, items, negated is not (given in _YES))
        case Not(operand=operand):
            return chosen(operand, OPPOSITE[given])
        case Logic(operator=operator, operands=operands):
            parts = [chosen(operand, given) for operand in operands]
            if (operator == "and") is (given in _YES):
                return _all_of(parts)
            shared = [path for path in parts[0] if all(path in part for part in parts)]
            return {path: frozenset().union(*(part[path] for part in parts)) for path in shared}
        case _:
            return {}


def _all_of(parts: Sequence[_Choices]) -> _Choices:
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for part in parts:
        for path, allowed in part.items():
            found[path] = found[path] & allowed if path in found else allowed
    return found


def _choice(column: Typed, values: Sequence[Typed], among: bool) -> _Choices:
    """What is left of an enum's values where it is among, or not among, written ones."""
    type = strip_null(column.type)
    if not isinstance(column, Column) or not isinstance(type, EnumType):
        return {}
    texts = [value.value for value in values if isinstance(value, Const)]
    if len(texts) < len(values):
        return {}
    return {column.path: frozenset(each for each in type.values if (each in texts) is among)}


def present(condition: Typed, given: Given) -> _Paths:
    """The columns that are not null, given what is known of the condition."""
    match condition:
        case IsNull(value=value, negated=negated):
            true = given in _YES
            return _needed(value) if true is negated else _NONE
        case Not(operand=operand):
            return present(operand, OPPOSITE[given])
        case Logic(operator=operator, operands=operands):
            parts = [present(operand, given) for operand in operands]
            # True of `and` is true of each; of `or` it is true of at least one.
            all_hold = (operator == "and") is (given in _YES)
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


def _any_member(row: Record, types: Env) -> Record:
    if row.members is not None:
        names = names_of_members(row.members, types)
        return Record(tuple(Field(name, POISON) for name in names), row.openness, row.name)
    fields = tuple(
        replace(field, type=POISON) if isinstance(head(field.type, types)[0], Union) else field
        for field in row.fields
    )
    return row if fields == row.fields else row.with_fields(fields)


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of the type at a path; ``there``: it, and all on the way, is known to be
    neither null nor absent."""

    types: Env
    there: bool
    leaf: Callable[[Type], Type]

    def row(self, row: Record, path: tuple[str, ...]) -> Record:
        """A whole row, whose records may be of a union."""
        if row.members is None:
            return self.record(row, path) if path else row
        made = self._inside(row.members, path) if path else self.leaf(row.members)
        if not isinstance(made, Union) or made == row.members:
            return row
        return row_of(made, self.types, row.span)

    def record(self, record: Record, path: tuple[str, ...]) -> Record:
        fields = tuple(
            self._field(field, path[1:]) if field.name == path[0] else field
            for field in record.fields
        )
        return record if fields == record.fields else record.with_fields(fields)

    def _field(self, field: Field, rest: tuple[str, ...]) -> Field:
        inner, null = head(field.type, self.types)
        made = self._inside(inner, rest) if rest else self.leaf(inner)
        null = null and not self.there
        if made == inner and null is head(field.type, self.types)[1]:
            return replace(field, optional=field.optional and not self.there)
        return replace(
            field,
            type=nullable(made) if null else made,
            optional=field.optional and not self.there,
        )

    def _inside(self, type: Type, path: tuple[str, ...]) -> Type:
        inner, null = head(type, self.types)
        match inner:
            case Record():
                made: Type = self.record(inner, path)
            case Union(discriminator, variants) if path[0] != discriminator:
                members = tuple(replace(v, type=self._inside(v.type, path)) for v in variants)
                made = replace(inner, variants=members)
            case _:
                return type
        if made == inner:
            return type
        return nullable(made) if null else made


def _same(type: Type) -> Type:
    return type


def _keeping(discriminator: str, allowed: frozenset[str]) -> Callable[[Type], Type]:
    """The change that leaves a union the members of some tags."""

    def change(type: Type) -> Type:
        fits = isinstance(type, Union) and type.discriminator == discriminator
        return with_tags(type, allowed) if isinstance(type, Union) and fits else type

    return change
