"""The connectors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.catalog import registry
from flowc.catalog.spec import Connector
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import (
    entry_rows,
    option_objects,
    option_rows,
    paragraphs,
    sentence,
)


class Connectors(EntrySet[Connector]):
    name = "connectors"
    one = "connector"

    def entries(self, cwd: Path) -> Mapping[str, Connector]:
        return registry.connectors()

    def find(self, word: str, cwd: Path) -> Connector | None:
        return registry.connector(word.removesuffix("://"))

    def summary(self, entry: Connector) -> str:
        return entry.summary

    def details(self, entry: Connector) -> str:
        roles = [
            role
            for role, options in (("source", entry.source_options), ("sink", entry.sink_options))
            if options is not None
        ]
        lines = [
            f"{entry.name}: connector ({' and '.join(roles)})",
            *paragraphs(sentence(entry.summary)),
        ]
        if entry.doc:
            lines += ["", *paragraphs(entry.doc)]
        if entry.schemes:
            lines += ["", f"Schemes: {', '.join(entry.schemes)}"]
        for role, options in (("source", entry.source_options), ("sink", entry.sink_options)):
            rows = option_rows(options)
            if rows:
                lines += ["", f"Options of a {role}:", *entry_rows({"": rows}).splitlines()]
        if entry.packages:
            lines += ["", f"Needs: {', '.join(entry.packages)}"]
        if entry.examples:
            lines += ["", "Examples:", *(f"  {example}" for example in entry.examples)]
        return "\n".join(lines) + "\n"

    def object(self, entry: Connector) -> dict[str, Any]:
        return {
            "name": entry.name,
            "summary": entry.summary,
            "doc": entry.doc,
            "schemes": list(entry.schemes),
            "source_options": option_objects(entry.source_options),
            "sink_options": option_objects(entry.sink_options),
            "packages": list(entry.packages),
            "examples": list(entry.examples),
        }


SET = Connectors()
