"""YAML with places: every key and scalar knows where it stands.

The parser is PyYAML's (libyaml where it was built); what it gives is read as YAML 1.2
core: a plain ``on``, ``no`` or ``2.10`` stays the text it looks like, and only the place
that reads a scalar knows its type. Nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.expr import Template
from flowc.model.source import SourceFile, Span, Text
from flowc.model.tree import ListValue, MapValue, NullValue, Option, Value, Word
from flowc.syntax import limits, literals, scalars, yamlslips

DUPLICATE_KEY = declare("FC0151", "duplicate-key", "A key stands twice in one map")
BAD_KEY = declare("FC0152", "malformed-key", "A key of a map is not a text")
MERGE_KEY = declare("FC0153", "merge-key", "A map is merged into another by `<<`")
TAG = declare("FC0154", "yaml-tag", "A YAML tag is used")
ALIASES = declare("FC0155", "alias-bomb", "Aliases repeat too much, or themselves")
TOO_MANY_NODES = declare("FC0156", "oversized-yaml", "A YAML file has too many nodes")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOO_DEEP = "maximum nesting depth"
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class _Open:
    """A list or a map whose end has not come yet."""

    start: Any
    is_map: bool
    anchor: str | None
    items: list[Value] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    keys: dict[str, Word] = field(default_factory=dict)
    key: Word | None = None
    broken_key: bool = False
    #: Nodes inside, aliases counted as what they stand for.
    size: int = 1


class _Refused(Exception):
    """Reported; the file is not read any further."""


def text_of(value: Template) -> Text:
    """The text of a scalar that `load` gave, for a parser: it knows all its places."""
    return scalars.text_of(value.span)


def load(
    source: SourceFile, reporter: Reporter, limit: limits.Limits = limits.PIPELINE
) -> tuple[Value, ...]:
    """The documents of a YAML file; none after a report where it cannot be read.

    Scalars are `Template`s; a variable in them that is malformed is reported by the place
    that reads the scalar, since it may be pipe text.
    """
    if not limits.check(source, reporter, limit):
        return ()
    return _documents(source, reporter, limit, _LOADER)


def _documents(
    source: SourceFile, reporter: Reporter, limit: limits.Limits, loader: Any
) -> tuple[Value, ...]:
    try:
        return tuple(_Composer(source, reporter, limit).documents(loader))
    except _Refused:
        return ()
    except yaml.MarkedYAMLError as error:
        if _TOO_DEEP in str(error.problem):
            # Looking far ahead, libyaml meets its own limit before it tells of a bracket.
            return _documents(source, reporter, limit, yaml.SafeLoader)
        yamlslips.report(source, error, reporter)
    except yaml.reader.ReaderError:
        found = yaml.reader.Reader.NON_PRINTABLE.search(source.text)
        at = found.start() if found else 0
        yamlslips.unprintable(source.span(at, at + 1 if found else at), reporter)
    except (yaml.YAMLError, ValueError) as error:
        yamlslips.unreadable(source.span(0, 0), str(error), reporter)
    return ()


class _Composer:
    def __init__(self, source: SourceFile, reporter: Reporter, limit: limits.Limits) -> None:
        self._source = source
        self._limit = limit
        self._reporter = reporter
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._nodes = 0
        self._root: Value | None = None

    def documents(self, loader: Any) -> Iterator[Value]:
        text = self._source.text
        for event in yaml.parse(text, Loader=loader):
            match type(event).__name__:
                case "DocumentStartEvent":
                    self._anchors = {}
                    self._root = None
                case "DocumentEndEvent":
                    if self._root is not None:
                        yield self._root
                case "ScalarEvent":
                    self._scalar(event)
                case "AliasEvent":
                    self._alias(event)
                case "MappingStartEvent" | "SequenceStartEvent":
                    self._begin(event)
                case "MappingEndEvent" | "SequenceEndEvent":
                    self._end(event)

    def _span(self, start: int, end: int) -> Span:
        return Span(self._source, start, max(start, min(end, len(self._source.text))))

    def _refuse(self, code: Any, message: str, span: Span, *notes: str) -> _Refused:
        self._reporter.error(code, message, span, notes=notes)
        return _Refused()

    def _count(self, more: int, span: Span, code: Any) -> None:
        self._nodes += more
        if self._nodes > self._limit.nodes:
            raise self._refuse(
                code,
                f"the file has more than {self._limit.nodes:,} keys and values",
                span,
                "aliases count as what they stand for" if code is ALIASES else "split it",
            )

    def _tagged(self, event: Any) -> None:
        if event.tag is not None and event.tag not in ("!",):
            span = self._span(event.start_mark.index, event.start_mark.index + 1)
            self._reporter.error(
                TAG,
                "tags are not read: a value has the type that its key expects",
                span,
                notes=("quote a value that begins with `!`",),
            )

    # Events

    def _begin(self, event: Any) -> None:
        start = event.start_mark.index
        self._tagged(event)
        if len(self._stack) >= self._limit.deepest:
            raise self._refuse(
                limits.TOO_DEEP,
                f"lists and maps are nested deeper than {self._limit.deepest} levels",
                self._span(start, start + 1),
            )
        self._count(1, self._span(start, start + 1), TOO_MANY_NODES)
        is_map = type(event).__name__ == "MappingStartEvent"
        self._stack.append(_Open(event.start_mark, is_map, event.anchor))

    def _end(self, event: Any) -> None:
        opened = self._stack.pop()
        start = opened.start.index
        end = event.end_mark.index
        if end <= start or event.start_mark.index == event.end_mark.index:
            inside = [option.span.end for option in opened.options]
            inside += [item.span.end for item in opened.items]
            end = max([start, *inside])
        span = self._span(start, end)
        value: Value
        if opened.is_map:
            value = MapValue(tuple(opened.options), span)
        else:
            value = ListValue(tuple(opened.items), span)
        self._put(value, opened.size, opened.anchor)

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        plain = event.style is None or event.style == ""
        if event.anchor or event.tag:
            start = self._behind_properties(start, end, event.style)
        span = self._span(start, end)
        self._tagged(event)
        self._count(1, span, TOO_MANY_NODES)
        value: Value
        if plain and event.value in _NULLS:
            value = NullValue(span)
        else:
            value = self._template(span, plain)
        self._put(value, 1, event.anchor)

    def _behind_properties(self, start: int, end: int, style: str | None) -> int:
        """Where a scalar begins behind ``&anchor`` and ``!tag``."""
        text, at = self._source.text, start
        while at < end and text[at] in "&!":
            while at < end and not text[at].isspace():
                at += 1
            while at < end and text[at].isspace():
                at += 1
        return at if style is None or at < end else start

    def _template(self, span: Span, plain: bool) -> Template:
        text = scalars.text_of(span)
        return literals.template(text, span, Reporter(), bare=plain)

    def _alias(self, event: Any) -> None:
        span = self._span(event.start_mark.index, event.end_mark.index)
        found = self._anchors.get(event.anchor)
        if found is None:
            inside = any(opened.anchor == event.anchor for opened in self._stack)
            if inside:
                raise self._refuse(ALIASES, f"`*{event.anchor}` stands inside itself", span)
            yamlslips.unknown_alias(span, self._reporter)
            raise _Refused
        value, size = found
        self._count(size, span, ALIASES)
        self._put(value, size, None)

    def _put(self, value: Value, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._stack:
            self._root = value
            return
        into = self._stack[-1]
        into.size += size
        if not into.is_map:
            into.items.append(value)
        elif into.key is None and not into.broken_key:
            self._key(into, value)
        else:
            if into.key is not None:
                self._entry(into, into.key, value)
            into.key, into.broken_key = None, False

    def _key(self, into: _Open, value: Value) -> None:
        key = value.plain if isinstance(value, Template) else None
        if key is None:
            self._reporter.error(
                BAD_KEY,
                "a key is a plain text",
                value.span,
                notes=("quote a text that begins with `{`, `[`, `*`, `&` or `!`",),
            )
            into.broken_key = True
        elif key == "<<" and value.span.text == "<<":
            self._reporter.error(
                MERGE_KEY,
                "merge keys are not read: write the keys out",
                value.span,
                notes=("`extends:` builds a pipeline on another one",),
            )
            into.broken_key = True
        else:
            into.key = Word(key, value.span)

    def _entry(self, into: _Open, key: Word, value: Value) -> None:
        first = into.keys.get(key.text)
        if first is not None:
            self._reporter.error(
                DUPLICATE_KEY,
                f"the key `{key.text}` stands twice",
                key.span,
                at="the second one",
                labels=(Label(first.span, "the first one"),),
            )
            return
        into.keys[key.text] = key
        end = value.span.end if value.span.start >= key.span.start else key.span.end
        span = self._span(key.span.start, max(key.span.end, end))
        into.options.append(Option(key, value, span))
