"""As `regextext`, by the engine of RE2: for patterns that Python might search slowly."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import ConversionError, Diagnosis, ResourceError, as_code, shorten

__all__ = ["Re2Text"]


class Re2Text:
    """Decodes texts in which `pattern`, in RE2's syntax, is found into records of `shape`, whose
    fields are the pattern's named groups. `written` is the pattern as messages show it, by default
    the same. Raises ResourceError where RE2 is not installed."""

    def __init__(self, shape: Any, pattern: str, written: str | None = None) -> None:
        self._shown = pattern if written is None else written
        try:
            re2: Any = import_module("re2")
        except ModuleNotFoundError:
            raise ResourceError(
                Diagnosis(
                    "FC0825",
                    "the package google-re2 is not installed",
                    f"the pattern {as_code(self._shown)} is searched by it in linear time",
                    (
                        "Install it: pip install google-re2",
                        "Or begin the pattern with `^`, and let each repetition end at a character "
                        "that it does not itself take",
                    ),
                )
            ) from None
        self._shape = shape
        self._pattern = re2.compile(pattern)
        numbers = self._pattern.groupindex
        self._numbers = sorted(numbers.values())

    def decode(self, text: str) -> Any:
        """The groups of the first match. Raises ConversionError where there is none."""
        try:
            found = self._pattern.search(text)
        except UnicodeEncodeError:
            raise ConversionError(f"{shorten(text)} is not Unicode") from None
        if found is None:
            raise ConversionError(f"{shorten(text)} does not match {as_code(self._shown)}")
        return self._shape(*map(found.group, self._numbers))
