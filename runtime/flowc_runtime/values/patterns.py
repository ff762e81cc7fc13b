"""Patterns. The compiler lets pass only those that Python searches in linear time."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ..errors import ConversionError, shorten

__all__ = [
    "matches",
    "regex_count",
    "regex_extract",
    "regex_extract_all",
    "regex_extract_groups",
    "regex_replace",
    "regex_split",
]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return _compiled(pattern).search(text) is not None


def regex_extract(text: str, pattern: str, group: int = 0) -> str | None:
    """What the pattern (or one of its groups) matches first; null where it matches nothing."""
    found = _compiled(pattern).search(text)
    return None if found is None else _group(found, group)


def regex_extract_all(text: str, pattern: str) -> list[str]:
    """What the pattern matches, each time."""
    return [found.group() for found in _compiled(pattern).finditer(text)]


def regex_extract_groups(text: str, pattern: str, group: int) -> list[str | None]:
    """What one of the pattern's groups takes each time; null where it takes no part."""
    return [_group(found, group) for found in _compiled(pattern).finditer(text)]


def _group(found: re.Match[str], group: int) -> str | None:
    try:
        return found.group(group)
    except IndexError:
        raise ConversionError(f"the pattern has no group {group}") from None


def regex_replace(text: str, pattern: str, by: str) -> str:
    r"""The text with every match replaced; in `by`, `\1` is what the first group took."""
    if "\\" not in by:
        return _compiled(pattern).sub(lambda _: by, text)
    return _compiled(pattern).sub(_replacement(by), text)


@lru_cache(maxsize=256)
def _replacement(by: str) -> Callable[[re.Match[str]], str]:
    parts = re.split(r"\\([0-9]|\\)", by)

    def replaced(found: re.Match[str]) -> str:
        made = parts[0]
        for code, text in zip(parts[1::2], parts[2::2], strict=True):
            taken = "\\" if code == "\\" else _group(found, int(code))
            made += (taken or "") + text
        return made

    if any("\\" in part for part in parts[0::2]):
        raise ConversionError(f"in {shorten(by)}, a backslash is written twice or before a digit")
    return replaced


def regex_split(text: str, pattern: str) -> list[str]:
    """The parts of the text between the matches of the pattern."""
    parts, at = [], 0
    for found in _compiled(pattern).finditer(text):
        if found.end() > found.start():
            parts.append(text[at : found.start()])
            at = found.end()
    return [*parts, text[at:]]


def regex_count(text: str, pattern: str) -> int:
    """How many times the pattern matches, each behind the one before."""
    return sum(1 for _ in _compiled(pattern).finditer(text))
