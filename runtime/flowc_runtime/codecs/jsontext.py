"""JSON in a text: what `parse body as json Payment` reads."""

from __future__ import annotations

from typing import Any

import msgspec

from ..errors import ConversionError, RecordError, shorten
from .settle import settler, without_fine_digits

__all__ = ["JsonText"]


class JsonText:
    """Decodes texts that hold one JSON value of the type `shape`, as JSON lines are decoded."""

    def __init__(self, shape: Any) -> None:
        self._decode = msgspec.json.Decoder(shape).decode
        self._settle = settler(shape)

    def decode(self, text: str) -> Any:
        """The value. Raises ConversionError for a text that holds none of the type."""
        try:
            data = text.encode()
            value = self._decode(data)
            if self._settle is None or value is None:
                return value
            cut = without_fine_digits(data)
            return self._settle(value, value if cut is None else self._decode(cut))
        except msgspec.ValidationError as error:
            raise ConversionError(str(error)) from None
        except msgspec.DecodeError as error:
            raise ConversionError(f"{shorten(text)} is not JSON: {error}") from None
        except (UnicodeError, RecursionError, RecordError) as error:
            raise ConversionError(f"{shorten(text)} cannot be read: {error}") from None
