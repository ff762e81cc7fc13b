"""Reads flowc.toml: what a project calls its sources, sinks and stages, and its defaults.

[project]
name = "shop"                            # what listings call the project

[defaults]
strict = true                            # as if --strict were always given

[sources]
orders = "data/orders.jsonl as Order key id"

[sinks]
warehouse = "sqlite://out.db/orders"

[stages]
filter-large = "filter amount > 100 | limit 1000"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.project import NamedText
from flowc.model.source import SourceFile, Span

TOML_SYNTAX = declare("FC0701", "malformed-toml", "flowc.toml is not TOML")
UNKNOWN_KEY = declare("FC0702", "unknown-project-key", "flowc.toml has a key nothing reads")
WRONG_VALUE = declare("FC0703", "wrong-project-value", "A value of flowc.toml is not of its type")

#: The keys of [defaults]: the options that the command line takes from there.
DEFAULTS = ("dead-letter", "fail-on-dead-letter", "format", "no-color", "quiet", "strict")

_NAMED = ("sources", "sinks", "stages")
_TABLES = ("project", "defaults", *_NAMED)
_NAME = re.compile(r"[^\W\d][\w-]*")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What flowc.toml says; empty where there is none."""

    name: str = ""
    sources: Mapping[str, NamedText] = field(default_factory=dict)
    sinks: Mapping[str, NamedText] = field(default_factory=dict)
    stages: Mapping[str, NamedText] = field(default_factory=dict)


def read_manifest(source: SourceFile, reporter: Reporter) -> Manifest:
    """Read flowc.toml; what is wrong in it is reported, the rest is used."""
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        message, span = _where(str(error), source)
        reporter.error(TOML_SYNTAX, f"flowc.toml is not TOML: {message}", span)
        return Manifest()
    reader = _Reader(source, reporter)
    for key in document:
        if key not in _TABLES:
            reader.unknown((), key, _TABLES)
    named = {table: reader.named(document, table) for table in _NAMED}
    for key in reader.table(document, "defaults"):
        if key not in DEFAULTS:
            reader.unknown(("defaults",), key, DEFAULTS)
    return Manifest(
        name=reader.name(document),
        sources=named["sources"],
        sinks=named["sinks"],
        stages=named["stages"],
    )


class _Reader:
    def __init__(self, source: SourceFile, reporter: Reporter) -> None:
        self.source = source
        self.reporter = reporter
        self.places = dict(_keys(source))

    def table(self, document: Mapping[str, Any], table: str) -> Mapping[str, Any]:
        found = document.get(table, {})
        if isinstance(found, dict):
            return found
        self.wrong((table,), f"[{table}] is a table", "write it as [" + table + "] on its own line")
        return {}

    def name(self, document: Mapping[str, Any]) -> str:
        entries = self.table(document, "project")
        for key in entries:
            if key != "name":
                self.unknown(("project",), key, ("name",))
        name = entries.get("name", "")
        if isinstance(name, str):
            return name
        self.wrong(("project", "name"), "'name' is a text in quotes", f"it is {name!r} here")
        return ""

    def named(self, document: Mapping[str, Any], table: str) -> dict[str, NamedText]:
        found: dict[str, NamedText] = {}
        for name, text in self.table(document, table).items():
            if not _NAME.fullmatch(name):
                self.wrong(
                    (table, name),
                    f"'{name}' is no name",
                    "a name has letters, digits, - and _, and begins with a letter",
                )
            elif not isinstance(text, str):
                example = "filter amount > 100" if table == "stages" else "data/orders.jsonl"
                self.wrong(
                    (table, name),
                    f"'{name}' is a text in quotes",
                    f'as in {name} = "{example}"',
                )
            else:
                found[name] = NamedText(name, text, self.text_span((table, name), text))
        return found

    def key_span(self, path: tuple[str, ...]) -> Span | None:
        place = self.places.get(path)
        return None if place is None else place[0]

    def text_span(self, path: tuple[str, ...], text: str) -> Span:
        """Where a text stands between its quotes, else its key: tomllib has no places."""
        place = self.places.get(path)
        if place is None:
            return self.source.span(0, 0)
        key, end = place
        at = self.source.text.find(text, key.end, end) if text else -1
        return key if at < 0 else Span(self.source, at, at + len(text))

    def unknown(self, path: tuple[str, ...], key: str, known: tuple[str, ...]) -> None:
        near = nearest(key, known)
        span = self.key_span((*path, key))
        where = f"[{path[0]}]" if path else "flowc.toml"
        self.reporter.error(
            UNKNOWN_KEY,
            f"{where} has no '{key}'",
            span,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=(f"{where} holds {', '.join(known)}",),
            fixes=tuple(
                Fix(f"write {better}", (Edit(span, better),), Safety.UNSAFE)
                for better in near
                if span is not None
            ),
        )

    def wrong(self, path: tuple[str, ...], message: str, note: str) -> None:
        self.reporter.error(WRONG_VALUE, message, self.key_span(path), notes=(note,))


_HEADER = re.compile(r"\s*\[\[?\s*(?P<path>[^\]#]+?)\s*\]\]?\s*(#.*)?$")
_ENTRY = re.compile(
    r"\s*(?P<path>(?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*="
)


def _keys(source: SourceFile) -> Iterator[tuple[tuple[str, ...], tuple[Span, int]]]:
    """Each key that begins a line: its path, the place of its last part, where it ends.

    A line of a text over several lines that looks like a key may be taken for one; only
    the places of messages depend on it.
    """
    table: tuple[str, ...] = ()
    at = 0
    found: list[tuple[tuple[str, ...], Span]] = []
    for line in source.text.splitlines(keepends=True):
        header = _HEADER.fullmatch(line.rstrip("\r\n"))
        entry = None if header is not None else _ENTRY.match(line)
        match = header or entry
        if match is not None:
            parts = _parts(match["path"])
            last_start = match.start("path") + match["path"].rfind(parts[-1])
            span = Span(source, at + last_start, at + last_start + len(parts[-1]))
            if header is not None:
                table = parts
                found.append((parts, span))
            else:
                found.append(((*table, *parts), span))
        at += len(line)
    for index, (path, span) in enumerate(found):
        end = found[index + 1][1].start if index + 1 < len(found) else len(source.text)
        yield path, (span, end)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in path.split("."))


def _where(message: str, source: SourceFile) -> tuple[str, Span | None]:
    """tomllib's message without its place, and the place as a span."""
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if match is None:
        return message, None
    text = message[: match.start()]
    text = text[:1].lower() + text[1:]
    if match[1] is None:
        end = len(source.text)
        return text, Span(source, end, end)
    lines = source.text.splitlines(keepends=True)
    start = sum(len(line) for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
    return text, Span(source, start, min(start + 1, len(source.text)))
