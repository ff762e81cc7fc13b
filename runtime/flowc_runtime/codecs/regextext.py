"""A pattern whose named groups are the fields of a record: what `parse line as regex r"…"` reads."""

from __future__ import annotations

import re
from typing import Any

from ..errors import ConversionError, as_code, shorten

__all__ = ["RegexText"]


class RegexText:
    """Decodes texts in which `pattern` is found into records of the type `shape`, whose fields
    are the pattern's named groups. `written` is the pattern as messages show it, by default the
    same."""

    def __init__(self, shape: Any, pattern: str, written: str | None = None) -> None:
        self._shape = shape
        self._pattern = re.compile(pattern, re.ASCII)
        self._shown = pattern if written is None else written
        self._numbers = sorted(self._pattern.groupindex.values())

    def decode(self, text: str) -> Any:
        """The groups of the first match. Raises ConversionError where there is none."""
        found = self._pattern.search(text)
        if found is None:
            raise ConversionError(f"{shorten(text)} does not match {as_code(self._shown)}")
        return self._shape(*map(found.group, self._numbers))
