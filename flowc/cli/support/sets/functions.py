"""The functions of expressions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.catalog import registry
from flowc.catalog.spec import Function
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import paragraphs, sentence
from flowc.types.show import show


class Functions(EntrySet[Function]):
    name = "functions"
    one = "function"

    def entries(self, cwd: Path) -> Mapping[str, Function]:
        return registry.functions()

    def find(self, word: str, cwd: Path) -> Function | None:
        return registry.function(word)

    def summary(self, entry: Function) -> str:
        return entry.summary

    def kind(self, entry: Function) -> str:
        return registry.function_family(entry.name)

    def details(self, entry: Function) -> str:
        lines = [f"{entry.name}: function", *paragraphs(sentence(entry.summary)), ""]
        lines += [f"  {signature}" for signature in _signatures(entry)]
        if entry.examples:
            lines += ["", "Examples:"]
            lines += [f"  {e.call}  gives  {e.gives or e.error}" for e in entry.examples]
        if entry.spellings:
            lines += ["", f"Also written: {', '.join(entry.spellings)}."]
        if not entry.deterministic:
            lines += ["", "Not deterministic: it may give another value each time."]
        return "\n".join(lines) + "\n"

    def object(self, entry: Function) -> dict[str, Any]:
        return {
            "name": entry.name,
            "summary": entry.summary,
            "signatures": _signatures(entry),
            "deterministic": entry.deterministic,
            "spellings": list(entry.spellings),
            "examples": [
                {"call": e.call, "gives": e.gives, "error": e.error} for e in entry.examples
            ],
        }


def _signatures(entry: Function) -> list[str]:
    out: list[str] = []
    for overload in entry.overloads:
        parameters = [f"{name}: {show(type)}" for name, type in overload.parameters]
        for i in range(len(parameters) - overload.optional, len(parameters)):
            parameters[i] = f"[{parameters[i]}]"
        if overload.variadic:
            parameters.append("...")
        errors = f", or {' or '.join(sorted(overload.errors))}" if overload.errors else ""
        out.append(f"{entry.name}({', '.join(parameters)}) -> {show(overload.result)}{errors}")
    return out


SET = Functions()
