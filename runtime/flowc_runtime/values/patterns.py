"""Patterns of `matches`. The compiler lets pass only those that Python searches in linear time."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["matches"]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return _compiled(pattern).search(text) is not None
