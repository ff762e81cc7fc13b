"""The functions of `aggregate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.catalog.aggregates import AGGREGATES, AggregateFunction
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import paragraphs, sentence


class Aggregates(EntrySet[AggregateFunction]):
    name = "aggregates"
    one = "aggregate function"

    def entries(self, cwd: Path) -> Mapping[str, AggregateFunction]:
        return dict(sorted(AGGREGATES.items()))

    def find(self, word: str, cwd: Path) -> AggregateFunction | None:
        named = {w: f for f in AGGREGATES.values() for w in (*f.spellings, f.name)}
        return named.get(word)

    def summary(self, entry: AggregateFunction) -> str:
        return entry.summary

    def details(self, entry: AggregateFunction) -> str:
        lines = [f"{entry.name}: aggregate function", *paragraphs(sentence(entry.summary)), ""]
        lines += [f"  aggregate n = {call}" for call in _calls(entry)]
        lines += ["", f"It takes {entry.takes}." if entry.takes else "It takes no argument."]
        lines += ["Of no records it is 0." if entry.of_none else "Of no records it is null."]
        if entry.keeps_null:
            lines.append("Null is a value like any other.")
        if entry.errors:
            lines.append(f"It can fail with {', '.join(sorted(entry.errors))}.")
        if entry.spellings:
            lines += ["", f"Also written: {', '.join(entry.spellings)}."]
        return "\n".join(lines) + "\n"

    def object(self, entry: AggregateFunction) -> dict[str, Any]:
        return {
            "name": entry.name,
            "summary": entry.summary,
            "calls": _calls(entry),
            "takes": entry.takes,
            "keeps_null": entry.keeps_null,
            "errors": sorted(entry.errors),
            "spellings": list(entry.spellings),
        }


def _calls(entry: AggregateFunction) -> list[str]:
    alone = [f"{entry.name}()"] if entry.alone is not None else []
    return [*alone, *([f"{entry.name}(x)"] if entry.takes else [])]


SET = Aggregates()
