"""The operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowc.catalog import registry
from flowc.catalog.spec import Operator
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import entry_rows, indented, paragraphs, sentence

#: In the order in which a reader meets them; a kind that is not here comes last.
KINDS = (
    "keep or fail",
    "shape",
    "bring together",
    "state",
    "flow",
    "protect",
    "other people's code",
)


def by_kind(entries: Iterable[Operator]) -> list[Operator]:
    """Operators in the order of their kinds, then of their names."""
    order = {kind: index for index, kind in enumerate(KINDS)}
    return sorted(entries, key=lambda entry: (order.get(entry.kind, len(order)), entry.name))


class Operators(EntrySet[Operator]):
    name = "operators"
    one = "operator"

    def entries(self, cwd: Path) -> Mapping[str, Operator]:
        return {entry.name: entry for entry in by_kind(registry.operators().values())}

    def find(self, word: str, cwd: Path) -> Operator | None:
        return registry.operator(word)

    def summary(self, entry: Operator) -> str:
        return entry.summary

    def kind(self, entry: Operator) -> str:
        return entry.kind

    def details(self, entry: Operator) -> str:
        lines = [f"{entry.name}: operator ({entry.kind})", *paragraphs(sentence(entry.summary)), ""]
        lines += [f"  {line}" for line in entry.form.splitlines()]
        if entry.doc:
            lines += ["", *paragraphs(entry.doc)]
        if entry.parameters:
            lines += ["", "Parameters (in YAML, keys):"]
            rows = [
                (p.name, p.doc + ("" if p.required else " (optional)")) for p in entry.parameters
            ]
            lines += entry_rows({"": rows}).splitlines()
        for example in entry.examples:
            lines += ["", f"Example: {example.title}", "", f"    {example.stage}", ""]
            lines += ["  given", *indented(example.given)]
            for name, text in example.tables.items():
                lines += [f"  {name}", *indented(text)]
            lines += ["  gives", *indented(example.gives)]
            if example.dead:
                lines.append(f"  and {example.dead} to the dead letter")
        if entry.spellings:
            lines += ["", f"Also written: {', '.join(entry.spellings)}."]
        return "\n".join(lines) + "\n"

    def object(self, entry: Operator) -> dict[str, Any]:
        return {
            "name": entry.name,
            "kind": entry.kind,
            "summary": entry.summary,
            "doc": entry.doc,
            "form": entry.form,
            "parameters": [
                {"name": p.name, "doc": p.doc, "required": p.required} for p in entry.parameters
            ],
            "spellings": list(entry.spellings),
            "examples": [
                {
                    "title": e.title,
                    "stage": e.stage,
                    "given": e.given,
                    "tables": dict(e.tables),
                    "gives": e.gives,
                    "dead": e.dead,
                }
                for e in entry.examples
            ],
        }


SET = Operators()
