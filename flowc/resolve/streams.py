"""Reads how a stage names a stream beside its own: a name, or an endpoint in quotes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from flowc.catalog.address import Located
from flowc.catalog.inputs import Stream
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix
from flowc.model.expr import Arithmetic, Hole, Literal, LiteralKind, Path, Template
from flowc.model.source import Span, Text
from flowc.model.tree import Endpoint, Item, Value
from flowc.resolve.endpoints import is_name
from flowc.resolve.forms import WRONG_FORM, reference
from flowc.resolve.written import source_text
from flowc.syntax.dsl import parse_endpoint

#: What may stand behind an endpoint.
_TAIL = re.compile(r"\s+(?=(?:as|key|time)\s)")

#: What only quotes make a part of an endpoint.
_NEEDS_QUOTES = re.compile(r"[\s|,;{}]")

_FIELD = re.compile(r"[^\W\d]\w*")


def stream(item: Item, form: str, introduced: bool, reporter: Reporter) -> Stream | None:
    """``airports``, ``"airports.csv"``, ``"airports.csv as Airport key iata"``.

    ``introduced``: it stands behind its clause word, where a path needs no quotes. None after a
    report.
    """
    value = item.value
    if isinstance(value, Literal) and value.kind is LiteralKind.STRING:
        value = Template((value.text,), value.span)
    if isinstance(value, Template):
        return _of_text(Located.of(value).as_text(), value.span, reporter)
    name = reference(item)
    if name is not None:
        text = Template((name.text,), name.span, bare=True)
        return Stream(Endpoint(name.span, text), _field_name(text), name.span)
    if isinstance(value, Hole):
        return None
    written = value.span.text
    is_path = isinstance(value, Path | Arithmetic) and not re.search(r"\s", written)
    if is_path and introduced:
        places = tuple(range(value.span.start, value.span.end + 1))
        return _of_text(Text(written, value.span.source, 0, places), value.span, reporter)
    reporter.error(
        WRONG_FORM,
        f"a stream stands here, not `{' '.join(written.split())}`",
        value.span,
        at="a file stands in quotes here" if is_path else "",
        notes=(f"form: {form}",),
        fixes=(Fix("quote it", (Edit(value.span, f'"{written}"'),)),) if is_path else (),
    )
    return None


def of_value(value: Value, reporter: Reporter) -> Stream | None:
    """The same of a YAML value; None after a report."""
    if isinstance(value, Template):
        return _of_text(source_text(value), value.span, reporter)
    reporter.error(
        WRONG_FORM,
        "a stream stands here: a name, or a file or a URI",
        value.span,
        notes=("a stream with stages of its own gets a name under `streams:`",),
    )
    return None


def _of_text(text: Text, span: Span, reporter: Reporter) -> Stream | None:
    endpoint = parse_endpoint(_quoted(text), reporter)
    if endpoint is None:
        return None
    return Stream(endpoint, _field_name(endpoint.text), span)


def _quoted(text: Text) -> Text:
    """The text with its endpoint in quotes, where nothing else keeps it together."""
    tail = _TAIL.search(text.value)
    end = tail.start() if tail is not None else len(text.value)
    head = text.value[:end]
    if not _NEEDS_QUOTES.search(head.strip()) or re.search(r'["\'\\]', head):
        return text
    places = [text.offset(index) for index in range(len(text.value) + 1)]
    return Text(
        f'"{head}"{text.value[end:]}',
        text.source,
        0,
        (places[0], *places[:end], places[end], *places[end:]),
    )


def _field_name(text: Template | None) -> str:
    """What a field with records of an endpoint is called: its name, or its file's; empty where
    that is no name of a field."""
    plain = text.plain if text is not None else None
    if plain is None or text is None:
        return ""
    if not is_name(text, quoted=False):
        plain = PurePosixPath(plain.partition("?")[0]).name.partition(".")[0]
    return plain if _FIELD.fullmatch(plain) else ""
