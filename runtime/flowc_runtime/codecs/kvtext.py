"""Names and values in a text, `level=warn msg="disk full"`, as in logfmt."""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec

from ..errors import ConversionError, RecordError, ValidationError, shorten
from ..values.text import to_string
from .cells import Cells, cell_of, members

__all__ = ["KvText", "kv_text", "texts_into"]

_PAIR = re.compile(r'\s*+([^\s="]++)(?:=(?:"((?:[^"\\]|\\.)*+)"(?!\S)|([^\s"]*+)(?!\S))|(?!\S))')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_NAME = re.compile(r'[^\s="]+')
_PLAIN = re.compile(r"[^\s\"=\\]+")


class texts_into:
    """Puts texts by name into a value of the type `shape`: a record, or a map."""

    def __init__(self, shape: Any) -> None:
        self._record = None
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
            self._record = Cells(shape)
        else:
            item = get_args(shape)[1]
            self._many = getattr(item, "__origin__", None) is list
            self._read = cell_of(get_args(item)[0] if self._many else item)

    def __call__(self, texts: dict[str, list[str | None]]) -> Any:
        if self._record is not None:
            return self._record.of(texts)
        read = self._read
        try:
            if self._many:
                return {name: [read(text, name) for text in all] for name, all in texts.items()}
            return {name: read(all[-1], name) for name, all in texts.items()}
        except RecordError as error:
            raise ConversionError(str(error)) from None


class KvText:
    """Decodes texts of names and values into a record or a map of the type `shape`."""

    def __init__(self, shape: Any) -> None:
        self._into = texts_into(shape)

    def decode(self, text: str) -> Any:
        """The value. Raises ConversionError for a text that is no names and values."""
        found: dict[str, list[str | None]] = {}
        at = 0
        end = len(text.rstrip())
        while at < end:
            pair = _PAIR.match(text, at)
            if pair is None:
                raise ConversionError(
                    f"{shorten(text)} is not names and values: at {shorten(text[at:end].lstrip())}"
                )
            name, quoted, plain = pair.groups()
            value = plain if quoted is None else _ESCAPED.sub(_unescaped, quoted)
            found.setdefault(name, []).append(value)
            at = pair.end()
        return self._into(found)


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])


def kv_text(value: Any) -> str:
    """A record or a map as names and values. Raises ValidationError for a name with a blank, a
    quote or an equals sign in it."""
    return " ".join(_pair(name, one) for name, one in members(value))


def _pair(name: str, value: Any) -> str:
    if not _NAME.fullmatch(name):
        raise ValidationError(f"{shorten(name)} cannot be a name of `kv`")
    if value is None:
        return name
    text = to_string(value)
    if _PLAIN.fullmatch(text):
        return f"{name}={text}"
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'{name}="{text}"'
