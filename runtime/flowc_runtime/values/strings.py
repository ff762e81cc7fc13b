"""Texts, cut, filled and put together. Characters are counted from 0, from the end if negative."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from ..errors import ConversionError, shorten
from .numbers import round_half_even

__all__ = [
    "code_point",
    "concat_ws",
    "format_number",
    "from_code_point",
    "is_blank",
    "left",
    "lpad",
    "normalize",
    "repeat",
    "reverse",
    "right",
    "rpad",
    "squeeze",
    "strip_accents",
    "text_index",
    "title",
    "translate",
]

_LONGEST = 1 << 24
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def _length(count: int) -> int:
    if count > _LONGEST:
        raise ConversionError(f"a text of {count} characters is longer than {_LONGEST}")
    return max(count, 0)


def lpad(text: str, length: int, fill: str = " ") -> str:
    """The text filled at its start, or cut at its end, to so many characters."""
    return _filling(text, length, fill) + text[: max(length, 0)]


def rpad(text: str, length: int, fill: str = " ") -> str:
    """The text filled, or cut, at its end to so many characters."""
    return text[: max(length, 0)] + _filling(text, length, fill)


def _filling(text: str, length: int, fill: str) -> str:
    missing = _length(length) - len(text)
    if missing <= 0 or not fill:
        return ""
    return (fill * (missing // len(fill) + 1))[:missing]


def repeat(text: str, count: int) -> str:
    """The text so many times."""
    return text * max(count, 0) if _length(len(text) * count) else ""


def reverse(text: str) -> str:
    """The characters from the last to the first."""
    return text[::-1]


def left(text: str, count: int) -> str:
    """The first characters; if negative, all but so many last ones."""
    return text[:count]


def right(text: str, count: int) -> str:
    """The last characters; if negative, all but so many first ones."""
    return text[-count:] if count else ""


def text_index(text: str, part: str) -> int | None:
    """Where a part first stands; null where it does not."""
    found = text.find(part)
    return None if found < 0 else found


def title(text: str) -> str:
    """Each word with a capital, the rest of it small."""
    return _WORD.sub(lambda word: word.group().capitalize(), text)


def squeeze(text: str) -> str:
    """The text without white space around it, and one blank for each run of it inside."""
    return " ".join(text.split())


def normalize(text: str) -> str:
    """The text with each character in its composed form (NFC)."""
    return unicodedata.normalize("NFC", text)


def strip_accents(text: str) -> str:
    """The text without the marks on its letters."""
    apart = unicodedata.normalize("NFD", text)
    kept = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", kept)


def translate(text: str, these: str, those: str) -> str:
    """Each of `these` characters as the one at its place in `those`, or left out."""
    table: dict[int, str] = {}
    for place, char in enumerate(these):
        table.setdefault(ord(char), those[place : place + 1])
    return text.translate(table)


def is_blank(text: str) -> bool:
    """Whether nothing but white space is there."""
    return not text or text.isspace()


def code_point(text: str) -> int | None:
    """The number of the first character in Unicode; null where there is none."""
    return ord(text[0]) if text else None


def from_code_point(number: int) -> str:
    """The character with that number in Unicode."""
    if not 0 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ConversionError(f"no character has the number {shorten(number)}")
    return chr(number)


def concat_ws(separator: str | None, *texts: str | None) -> str:
    """Texts joined by a separator, null left out."""
    return (separator or "").join(text for text in texts if text is not None)


def format_number(number: int | float | Decimal, digits: int | None = None) -> str:
    """The number with a comma between thousands, and so many digits after the point."""
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if digits is None:
        return f"{exact:,f}"
    if not 0 <= digits <= 100:
        raise ConversionError(f"{digits} is no number of digits from 0 to 100")
    return f"{round_half_even(exact, digits):,f}"
