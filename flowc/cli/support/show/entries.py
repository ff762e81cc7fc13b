"""The catalogue's entries as people and as programs read them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints

from flowc.catalog.formats import Format
from flowc.catalog.spec import Connector, Function, Operator
from flowc.types.show import show
from flowc_runtime.records import Option


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


def _paragraphs(text: str) -> list[str]:
    """Text in lines, its paragraphs kept."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n|  +(?=[A-Z])", text):
        lines += [""] * bool(lines) + textwrap.wrap(paragraph, 79)
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _indented(text: str, by: int = 4) -> list[str]:
    return [" " * by + line for line in text.splitlines()]


def _operator_details(entry: Operator) -> str:
    lines = [f"{entry.name}: operator ({entry.kind})", *_paragraphs(_sentence(entry.summary)), ""]
    lines += [f"  {line}" for line in entry.form.splitlines()]
    if entry.doc:
        lines += ["", *_paragraphs(entry.doc)]
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
    lines = [f"{entry.name}: function", *_paragraphs(_sentence(entry.summary)), ""]
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


def _options(options: type[Any] | None) -> list[tuple[str, str, Any]]:
    """(name, what it means, default) of each option; None where it must be given."""
    if options is None or not is_dataclass(options):
        return []
    hints = get_type_hints(options, include_extras=True)
    found: list[tuple[str, str, Any]] = []
    for field in fields(options):
        notes = getattr(hints[field.name], "__metadata__", ())
        doc = next((note.doc for note in notes if isinstance(note, Option)), "")
        found.append((field.name, doc, None if field.default is MISSING else field.default))
    return found


def _word(value: Any) -> str:
    """A default as it is written in an endpoint."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _option_rows(options: type[Any] | None) -> list[tuple[str, str]]:
    return [
        (name, f"{doc} (default {_word(default)})".strip() if default not in (None, "") else doc)
        for name, doc, default in _options(options)
    ]


def _option_objects(options: type[Any] | None) -> list[dict[str, Any]]:
    return [
        {"name": name, "doc": doc, "default": None if default is None else _word(default)}
        for name, doc, default in _options(options)
    ]


def _connector_details(entry: Connector) -> str:
    roles = [
        role
        for role, options in (("source", entry.source_options), ("sink", entry.sink_options))
        if options is not None
    ]
    lines = [
        f"{entry.name}: connector ({' and '.join(roles)})",
        *_paragraphs(_sentence(entry.summary)),
    ]
    if entry.doc:
        lines += ["", *_paragraphs(entry.doc)]
    if entry.schemes:
        lines += ["", f"Schemes: {', '.join(entry.schemes)}"]
    for role, options in (("source", entry.source_options), ("sink", entry.sink_options)):
        rows = _option_rows(options)
        if rows:
            lines += ["", f"Options of a {role}:", *entry_rows(rows).splitlines()]
    if entry.packages:
        lines += ["", f"Needs: {', '.join(entry.packages)}"]
    if entry.examples:
        lines += ["", "Examples:", *(f"  {example}" for example in entry.examples)]
    return "\n".join(lines) + "\n"


def _connector_object(entry: Connector) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "doc": entry.doc,
        "schemes": list(entry.schemes),
        "source_options": _option_objects(entry.source_options),
        "sink_options": _option_objects(entry.sink_options),
        "packages": list(entry.packages),
        "examples": list(entry.examples),
    }


def _format_details(entry: Format) -> str:
    lines = [f"{entry.name}: format", *_paragraphs(_sentence(entry.summary))]
    if entry.doc:
        lines += ["", *_paragraphs(entry.doc)]
    lines += ["", f"Suffixes: {', '.join(f'.{suffix}' for suffix in sorted(entry.suffixes))}"]
    rows = _option_rows(entry.options)
    if rows:
        lines += ["", "Options:", *entry_rows(rows).splitlines()]
    return "\n".join(lines) + "\n"


def _format_object(entry: Format) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "doc": entry.doc,
        "spellings": list(entry.spellings),
        "suffixes": sorted(entry.suffixes),
        "options": _option_objects(entry.options),
    }


#: For each set of entries: the text of one, and its JSON object.
DETAILS: dict[str, Callable[[Any], str]] = {
    "operators": _operator_details,
    "functions": _function_details,
    "connectors": _connector_details,
    "formats": _format_details,
}
OBJECTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "operators": _operator_object,
    "functions": _function_object,
    "connectors": _connector_object,
    "formats": _format_object,
}
