"""The formats of texts inside a record: what stands behind `as` of `parse` and `format`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.catalog import registry
from flowc.catalog.texts import TextFormat
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import indented, paragraphs


class Texts(EntrySet[TextFormat]):
    name = "texts"
    one = "text format"

    def entries(self, cwd: Path) -> Mapping[str, TextFormat]:
        return registry.text_formats()

    def find(self, word: str, cwd: Path) -> TextFormat | None:
        return registry.text_format(word)

    def summary(self, entry: TextFormat) -> str:
        done = [
            word for word, form in (("read", entry.read_as), ("written", entry.written_as)) if form
        ]
        return f"{' and '.join(done)}: {entry.doc.split('. ')[0].rstrip('.')}"

    def details(self, entry: TextFormat) -> str:
        lines = [f"{entry.name}: text format", *paragraphs(entry.doc), ""]
        if entry.read_as:
            lines.append(f"  parse FIELD as {entry.read_as}")
        if entry.written_as:
            lines.append(f"  format FIELD as {entry.written_as}")
        for example in (*entry.read_examples, *entry.write_examples):
            lines += ["", f"Example: {example.title}", "", f"    {example.stage}", ""]
            lines += ["  given", *indented(example.given), "  gives", *indented(example.gives)]
            if example.dead:
                lines.append(f"  and {example.dead} to the dead letter")
        if entry.spellings:
            lines += ["", f"Also written: {', '.join(entry.spellings)}."]
        return "\n".join(lines) + "\n"

    def object(self, entry: TextFormat) -> dict[str, Any]:
        return {
            "name": entry.name,
            "doc": entry.doc,
            "read_as": entry.read_as or None,
            "written_as": entry.written_as or None,
            "spellings": list(entry.spellings),
            "examples": [
                {"title": e.title, "stage": e.stage, "given": e.given, "gives": e.gives}
                for e in (*entry.read_examples, *entry.write_examples)
            ],
        }


SET = Texts()
