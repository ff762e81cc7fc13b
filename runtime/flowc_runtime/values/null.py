"""Null and absence: Kleene's logic, defaults, and paths that may lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from ..errors import RecordError, ValidationError

__all__ = [
    "and_",
    "at_index",
    "at_key",
    "at_step",
    "coalesce",
    "greatest",
    "is_null",
    "least",
    "not_",
    "null_if_absent",
    "or_",
    "required",
    "same",
    "try_",
]

_T = TypeVar("_T")


def null_if_absent(value: _T | UnsetType) -> _T | None:
    """In an expression a field that is absent is null."""
    return None if value is UNSET else value


def is_null(value: object) -> bool:
    """True for null and for an absent field; never null."""
    return value is None or value is UNSET


def required(value: _T | None, field: str) -> _T:
    """The value of a field that may not be null."""
    if value is None:
        raise ValidationError(f"{field} is null")
    return value


def and_(*parts: bool | None) -> bool | None:
    """False if one is false, else null if one is null."""
    if False in parts:
        return False
    return None if None in parts else True


def or_(*parts: bool | None) -> bool | None:
    """True if one is true, else null if one is null."""
    if True in parts:
        return True
    return None if None in parts else False


def not_(part: bool | None) -> bool | None:
    """Null stays null."""
    return None if part is None else not part


def same(left: object, right: object) -> bool:
    """Null-safe equality: null is null."""
    return is_null(right) if is_null(left) else left == right


def coalesce(*values: _T | None) -> _T | None:
    """The first value that is not null."""
    return next((value for value in values if value is not None and value is not UNSET), None)


def least(*values: Any) -> Any:
    """The smallest value, leaving out null; null if there is no other."""
    known = [value for value in values if value is not None]
    return min(known) if known else None


def greatest(*values: Any) -> Any:
    """The largest value, leaving out null; null if there is no other."""
    known = [value for value in values if value is not None]
    return max(known) if known else None


def at_index(values: Sequence[_T] | None, index: int) -> _T | None:
    """The item, from the end if negative; null past either end."""
    if values is None or not -len(values) <= index < len(values):
        return None
    return values[index]


def at_key(values: Any, key: str) -> Any:
    """The value under the key of a map or a JSON object; null if there is none."""
    return values.get(key) if isinstance(values, Mapping) else None


def at_step(value: Any, step: int | str) -> Any:
    """The item or the value under the key of a JSON value; null if it has none, or is no list
    or object."""
    if isinstance(step, str):
        return at_key(value, step)
    return at_index(value, step) if isinstance(value, list) else None


def try_(compute: Callable[[], _T]) -> _T | None:
    """The value, or null where computing it is an error of the record."""
    try:
        return compute()
    except (RecordError, ArithmeticError):
        return None
