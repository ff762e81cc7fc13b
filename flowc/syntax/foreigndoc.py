"""JSON and YAML of others as values that know their places.

JSON is not read as YAML: it has escapes and tabs of its own, and can be large. Nothing in
these documents is a variable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.source import SourceFile, Span
from flowc.model.tree import ListValue, MapValue, Value
from flowc.syntax.limits import Limits
from flowc.syntax.yamldoc import load, text_of
from flowc.types.importers.document import (
    DEEPEST,
    LARGEST,
    MALFORMED,
    MOST_NODES,
    OVERSIZED,
    Data,
    Node,
)

#: Documents of others are larger than what a person writes for flowc.
FOREIGN = Limits(LARGEST, DEEPEST, MOST_NODES, "an imported document")

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_YAML_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_YAML_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_json(source: SourceFile, reporter: Reporter) -> Node | None:
    """The value of a JSON document; None after a report where it is none."""
    try:
        return _Json(source).whole()
    except _Deep as deep:
        span = source.span(deep.args[0], deep.args[0] + 1)
        reporter.error(OVERSIZED, f"{source.name} nests deeper than {DEEPEST} levels", span)
    except json.JSONDecodeError as error:
        span = source.span(error.pos, min(error.pos + 1, len(source.text)))
        reporter.error(MALFORMED, f"{source.name} is no JSON: {error.msg.lower()}", span)
    return None


def read_yaml(source: SourceFile, reporter: Reporter) -> Node | None:
    """The value of a YAML document; None after a report where it is none."""
    values = load(source, reporter, FOREIGN)
    if len(values) == 1:
        return _node(values[0])
    if len(values) > 1:
        reporter.error(MALFORMED, f"{source.name} holds several documents", values[1].span)
    elif not reporter.has_errors:
        reporter.error(MALFORMED, f"{source.name} is empty", source.span(0, 0))
    return None


def _node(value: Value) -> Node:
    match value:
        case MapValue(entries):
            return Node(
                {entry.key.text: _node(entry.value) for entry in entries},
                value.span,
                {entry.key.text: entry.key.span for entry in entries},
            )
        case ListValue(items):
            return Node(tuple(_node(item) for item in items), value.span)
        case Template():
            text = text_of(value).value
            return Node(_plain(text) if value.bare else text, value.span)
        case _:
            return Node(None, value.span)


def _plain(text: str) -> Data:
    if text in _YAML_WORDS:
        return _YAML_WORDS[text]
    return _number(text) if _YAML_NUMBER.fullmatch(text) else text


def _number(text: str) -> Data:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


class _Deep(Exception):
    """Levels end at this character."""


class _Json:
    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._text = source.text
        self._at = 0

    def whole(self) -> Node:
        node = self._value(0)
        if self._at < len(self._text):
            raise self._wrong("extra data")
        return node

    def _wrong(self, message: str, at: int | None = None) -> json.JSONDecodeError:
        return json.JSONDecodeError(message, self._text, self._at if at is None else at)

    def _blanks(self) -> None:
        found = _BLANKS.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _take(self, char: str) -> bool:
        if not self._text.startswith(char, self._at):
            return False
        self._at += 1
        self._blanks()
        return True

    def _value(self, depth: int) -> Node:
        self._blanks()
        start = self._at
        if depth > DEEPEST:
            raise _Deep(start)
        char = self._text[start : start + 1]
        if char == "{":
            return self._map(start, depth)
        if char == "[":
            return self._list(start, depth)
        data = self._string() if char == '"' else self._scalar()
        return self._made(data, start)

    def _made(self, data: Data, start: int, keys: dict[str, Span] | None = None) -> Node:
        node = Node(data, self._source.span(start, self._at), keys or {})
        self._blanks()
        return node

    def _scalar(self) -> Data:
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            raise self._wrong("a value is missing")
        self._at = found.end()
        return _number(found[0])

    def _string(self) -> str:
        start = self._at
        text: str
        text, self._at = _DECODER.raw_decode(self._text, start)
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            raise self._wrong("half of a surrogate pair is no character", start)
        return text

    def _list(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        self._inside("]", lambda: items.append(self._value(depth + 1)))
        return self._made(tuple(items), start)

    def _map(self, start: int, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Span] = {}

        def entry() -> None:
            at = self._at
            if not self._text.startswith('"', at):
                raise self._wrong("a key is a text in double quotes")
            key = self._string()
            span = self._source.span(at, self._at)
            if key in entries:
                raise self._wrong("a key stands twice", at)
            self._blanks()
            if not self._take(":"):
                raise self._wrong("`:` is missing")
            entries[key], keys[key] = self._value(depth + 1), span

        self._inside("}", entry)
        return self._made(entries, start, keys)

    def _inside(self, closing: str, one: Callable[[], None]) -> None:
        """The entries up to a closing bracket, which is read without the blanks behind it."""
        self._at += 1
        self._blanks()
        if not self._text.startswith(closing, self._at):
            one()
            while self._take(","):
                one()
        if not self._text.startswith(closing, self._at):
            raise self._wrong(f"`,` or `{closing}` is missing")
        self._at += 1
