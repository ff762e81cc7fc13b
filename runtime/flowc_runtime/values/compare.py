"""Comparing whole values: what is in them, whether anything is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct

from .null import null_if_absent

__all__ = ["equal", "is_empty", "nullif"]

_T = TypeVar("_T")


def is_empty(value: Any) -> bool:
    """Whether a text, bytes, a list or a map holds nothing."""
    return not value


def nullif(value: _T | None, other: _T | None) -> _T | None:
    """The value, or null where it equals the other."""
    return None if value == other else value


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same inside: records by their fields, an absent one as null."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, Struct) and isinstance(right, Struct):
        names = left.__struct_fields__
        return names == right.__struct_fields__ and all(
            equal(null_if_absent(getattr(left, name)), null_if_absent(getattr(right, name)))
            for name in names
        )
    return bool(left == right)
