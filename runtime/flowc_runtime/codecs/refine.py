"""What a schema states of a field beyond its type, asked of each record as it is read.

Null and an absent field meet every statement.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from ..errors import ValidationError, shorten
from ..values.patterns import matches
from ..values.text import to_string

__all__ = ["at_least", "at_most", "matching"]


def at_least(value: Any, least: Any, name: str) -> None:
    """Raises ValidationError for a value below the least one."""
    if value is not None and value is not UNSET and value < least:
        raise ValidationError(f"{name}: {to_string(value)} is less than {to_string(least)}")


def at_most(value: Any, most: Any, name: str) -> None:
    """Raises ValidationError for a value above the largest one."""
    if value is not None and value is not UNSET and value > most:
        raise ValidationError(f"{name}: {to_string(value)} is more than {to_string(most)}")


def matching(value: str | Any, pattern: str, name: str) -> None:
    """Raises ValidationError for a text in which the pattern is not found."""
    if value is not None and value is not UNSET and not matches(value, pattern):
        raise ValidationError(f"{name}: {shorten(value)} does not match {shorten(pattern)}")
