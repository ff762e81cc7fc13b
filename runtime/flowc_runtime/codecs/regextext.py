"""A pattern whose named groups are the fields of a record: what `parse line as regex r"…"` reads."""

from __future__ import annotations

import re
from typing import Any

from ..errors import ConversionError, shorten

__all__ = ["RegexText"]


class RegexText:
    """Decodes texts in which `pattern` is found into records of the type `shape`, whose fields
    are the pattern's named groups."""

    def __init__(self, shape: Any, pattern: str) -> None:
        self._shape = shape
        self._pattern = re.compile(pattern, re.ASCII)
        self._shown = pattern
        self._numbers = sorted(self._pattern.groupindex.values())

    def decode(self, text: str) -> Any:
        """The groups of the first match. Raises ConversionError where there is none."""
        found = self._pattern.search(text)
        if found is None:
            raise ConversionError(f"{shorten(text)} does not match {shorten(self._shown)}")
        return self._shape(*map(found.group, self._numbers))
