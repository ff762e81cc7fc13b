"""The types of the language, and those that the project names."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import paragraphs, sentence
from flowc.model.types import Kind
from flowc.types.show import show_lines

_LANGUAGE = "of the language"
_PROJECT = "of the project"

_SCALARS: dict[Kind, str] = {
    Kind.BOOL: "`true` or `false`",
    Kind.INT: "a whole number of 64 bits, signed; more is an error of the record",
    Kind.INT32: "a whole number of 32 bits, signed",
    Kind.UINT32: "a whole number of 32 bits that is not negative",
    Kind.UINT64: "a whole number of 64 bits that is not negative",
    Kind.BIGINT: "a whole number without bounds",
    Kind.FLOAT: "a binary floating-point number of 64 bits",
    Kind.NUMBER: "an int or a float, kept as it was written",
    Kind.STRING: "a text",
    Kind.BYTES: "bytes; in JSON, base64",
    Kind.TIMESTAMP: "a moment in UTC, to the microsecond",
    Kind.DATE: "a day of the calendar",
    Kind.DURATION: "a length of time, to the microsecond: `5m`, `1h30m`",
    Kind.UUID: "a UUID",
    Kind.JSON: "anything; a missing key is null, and a typed use needs a `cast`",
}

_COMPOSED = {
    "decimal": ("decimal(10, 2)", "an exact decimal number; `decimal` alone has no bounds"),
    "enum": ('enum("open", "paid")', "one of these texts"),
    "list": ("list<int>", "items in order"),
    "map": ("map<float>", "values by text keys that are not known beforehand"),
    "nullable": ("int?", "a value or null"),
    "record": (
        "{id: int, note?: string, ...}",
        "fields by name; `?` behind a name: it may be absent; `...`: other fields are kept",
    ),
    "union": ("union<kind: card = Card, cash = Cash>", "records told apart by a field"),
}


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """A type: how it is written, what its values are. ``place`` for one of the project."""

    name: str
    form: str
    doc: str
    place: str = ""


class Types(EntrySet[TypeEntry]):
    name = "types"
    one = "type"

    def entries(self, cwd: Path) -> Mapping[str, TypeEntry]:
        found = [TypeEntry(kind.value, kind.value, doc) for kind, doc in _SCALARS.items()]
        found += [TypeEntry(name, form, doc) for name, (form, doc) in _COMPOSED.items()]
        return {entry.name: entry for entry in (*found, *_of_project(cwd))}

    def summary(self, entry: TypeEntry) -> str:
        if entry.place:
            return textwrap.shorten(entry.form, 100, placeholder=" …")
        form = f"`{entry.form}`: " if entry.form != entry.name else ""
        return form + entry.doc

    def kind(self, entry: TypeEntry) -> str:
        return _PROJECT if entry.place else _LANGUAGE

    def details(self, entry: TypeEntry) -> str:
        said = f"declared in {entry.place}" if entry.place else entry.doc
        lines = [f"{entry.name}: type", *paragraphs(sentence(said)), ""]
        return "\n".join([*lines, *(f"  {line}" for line in entry.form.splitlines())]) + "\n"

    def object(self, entry: TypeEntry) -> dict[str, Any]:
        return {
            "name": entry.name,
            "form": entry.form,
            "doc": entry.doc or None,
            "place": entry.place or None,
        }


def _of_project(cwd: Path) -> list[TypeEntry]:
    """The named types of the project in a folder; what is wrong with its files is for
    `validate` to say."""
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.load import load_project

    project = load_project(cwd, environ={}, settings={}, strict=False, reporter=Reporter())
    return [
        TypeEntry(name, "\n".join(show_lines(named.type, 76)), "", named.span.place)
        for name, named in sorted(project.types.items())
    ]


SET = Types()
