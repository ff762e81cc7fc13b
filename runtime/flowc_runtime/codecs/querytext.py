"""The query of a URL in a text, `a=1&b=x%20y`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, unquote_plus

from ..errors import ConversionError, ValidationError, shorten
from ..values.text import to_string
from .cells import members
from .kvtext import texts_into

__all__ = ["QueryText", "query_text"]


class QueryText:
    """Decodes the query of a URL into a record or a map of the type `shape`."""

    def __init__(self, shape: Any) -> None:
        self._into = texts_into(shape)

    def decode(self, text: str) -> Any:
        """The value. Raises ConversionError for a text that does not convert."""
        found: dict[str, list[str | None]] = {}
        try:
            for part in text.removeprefix("?").split("&"):
                if part:
                    name, equals, value = part.partition("=")
                    decoded = unquote_plus(value, errors="strict") if equals else None
                    found.setdefault(unquote_plus(name, errors="strict"), []).append(decoded)
        except UnicodeDecodeError as error:
            raise ConversionError(f"{shorten(text)} is not UTF-8: {error.reason}") from None
        return self._into(found)


def query_text(value: Any) -> str:
    """A record or a map as the query of a URL; a list gives its name several times."""
    return "&".join(_pairs(value))


def _pairs(value: Any) -> list[str]:
    made: list[str] = []
    try:
        for name, found in members(value):
            if not name:
                raise ValidationError("an empty name cannot be in a query")
            for one in found if isinstance(found, list) else [found]:
                key = quote_plus(name)
                made.append(key if one is None else f"{key}={quote_plus(to_string(one))}")
    except UnicodeEncodeError as error:
        raise ValidationError(f"cannot be written as a query: {error.reason}") from None
    return made
