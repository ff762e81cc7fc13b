"""The formats of files and streams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.catalog import registry
from flowc.catalog.formats import Format
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import (
    entry_rows,
    option_objects,
    option_rows,
    paragraphs,
    sentence,
)


class Formats(EntrySet[Format]):
    name = "formats"
    one = "format"

    def entries(self, cwd: Path) -> Mapping[str, Format]:
        return registry.formats()

    def find(self, word: str, cwd: Path) -> Format | None:
        return registry.format(word.removeprefix("."))

    def summary(self, entry: Format) -> str:
        return entry.summary

    def details(self, entry: Format) -> str:
        lines = [f"{entry.name}: format", *paragraphs(sentence(entry.summary))]
        if entry.doc:
            lines += ["", *paragraphs(entry.doc)]
        lines += ["", f"Suffixes: {', '.join(f'.{suffix}' for suffix in sorted(entry.suffixes))}"]
        rows = option_rows(entry.options)
        if rows:
            lines += ["", "Options:", *entry_rows({"": rows}).splitlines()]
        return "\n".join(lines) + "\n"

    def object(self, entry: Format) -> dict[str, Any]:
        return {
            "name": entry.name,
            "summary": entry.summary,
            "doc": entry.doc,
            "spellings": list(entry.spellings),
            "suffixes": sorted(entry.suffixes),
            "options": option_objects(entry.options),
        }


SET = Formats()
