"""The catalogue's entries as people and as programs read them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from flowc.catalog.spec import Connector, Function, Operator
from flowc.types.show import show


def entry_rows(rows: Iterable[tuple[str, str]]) -> str:
    """Names and summaries in two columns, 80 wide."""
    listed = list(rows)
    left = max((len(name) for name, _ in listed), default=0)
    lines: list[str] = []
    for name, summary in listed:
        parts = textwrap.wrap(summary, 76 - left) or [""]
        lines.append(f"  {name:<{left}}  {parts[0]}".rstrip())
        lines += [" " * (left + 4) + part for part in parts[1:]]
    return "\n".join(lines) + "\n"


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 79) if text else []


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _indented(text: str, by: int = 4) -> list[str]:
    return [" " * by + line for line in text.splitlines()]


def _operator_details(entry: Operator) -> str:
    lines = [f"{entry.name}: operator ({entry.kind})", *_paragraph(_sentence(entry.summary)), ""]
    lines += [f"  {line}" for line in entry.form.splitlines()]
    if entry.doc:
        lines += ["", *_paragraph(entry.doc)]
    if entry.parameters:
        lines += ["", "Parameters (in YAML, keys):"]
        lines += entry_rows(
            (p.name, p.doc + ("" if p.required else " (optional)")) for p in entry.parameters
        ).splitlines()
    for example in entry.examples:
        lines += ["", f"Example: {example.title}", "", f"    {example.stage}", ""]
        lines += ["  given", *_indented(example.given), "  gives", *_indented(example.gives)]
        if example.dead:
            lines.append(f"  and {example.dead} to the dead letter")
    if entry.spellings:
        lines += ["", f"Also written: {', '.join(entry.spellings)}."]
    return "\n".join(lines) + "\n"


def _operator_object(entry: Operator) -> dict[str, Any]:
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
            {"title": e.title, "stage": e.stage, "given": e.given, "gives": e.gives, "dead": e.dead}
            for e in entry.examples
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


def _function_details(entry: Function) -> str:
    lines = [f"{entry.name}: function", *_paragraph(_sentence(entry.summary)), ""]
    lines += [f"  {signature}" for signature in _signatures(entry)]
    if entry.examples:
        lines += ["", "Examples:"]
        lines += [f"  {e.call}  gives  {e.gives or e.error}" for e in entry.examples]
    if entry.spellings:
        lines += ["", f"Also written: {', '.join(entry.spellings)}."]
    if not entry.deterministic:
        lines += ["", "Not deterministic: it may give another value each time."]
    return "\n".join(lines) + "\n"


def _function_object(entry: Function) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "signatures": _signatures(entry),
        "deterministic": entry.deterministic,
        "spellings": list(entry.spellings),
        "examples": [{"call": e.call, "gives": e.gives, "error": e.error} for e in entry.examples],
    }


def _option_names(options: type[Any] | None) -> list[str]:
    if options is None or not is_dataclass(options):
        return []
    return [field.name for field in fields(options)]


def _connector_details(entry: Connector) -> str:
    roles = [
        role
        for role, options in (("source", entry.source_options), ("sink", entry.sink_options))
        if options is not None
    ]
    lines = [
        f"{entry.name}: connector ({' and '.join(roles)})",
        *_paragraph(_sentence(entry.summary)),
    ]
    if entry.doc:
        lines += ["", *_paragraph(entry.doc)]
    if entry.schemes:
        lines += ["", f"Schemes: {', '.join(entry.schemes)}"]
    for role, options in (("source", entry.source_options), ("sink", entry.sink_options)):
        names = _option_names(options)
        if names:
            lines += _paragraph(f"Options of a {role}: {', '.join(names)}")
    if entry.packages:
        lines += [f"Needs: {', '.join(entry.packages)}"]
    if entry.examples:
        lines += ["", "Examples:", *(f"  {example}" for example in entry.examples)]
    return "\n".join(lines) + "\n"


def _connector_object(entry: Connector) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "doc": entry.doc,
        "schemes": list(entry.schemes),
        "source_options": _option_names(entry.source_options),
        "sink_options": _option_names(entry.sink_options),
        "packages": list(entry.packages),
        "examples": list(entry.examples),
    }


#: For each set of entries: the text of one, and its JSON object.
DETAILS: dict[str, Callable[[Any], str]] = {
    "operators": _operator_details,
    "functions": _function_details,
    "connectors": _connector_details,
}
OBJECTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "operators": _operator_object,
    "functions": _function_object,
    "connectors": _connector_object,
}
