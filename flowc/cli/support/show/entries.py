"""What the listings of entries share: columns, paragraphs, options."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints

from flowc_runtime.records import Option


def entry_rows(kinds: Mapping[str, Iterable[tuple[str, str]]]) -> str:
    """Names and summaries in two columns, 80 wide, under the kinds that have a name."""
    listed = {kind: list(rows) for kind, rows in kinds.items()}
    left = max((len(name) for rows in listed.values() for name, _ in rows), default=0)
    lines: list[str] = []
    for kind, rows in listed.items():
        if kind:
            lines.append(f"  {kind}:")
        indent = "    " if kind else "  "
        for name, summary in rows:
            parts = textwrap.wrap(summary, 78 - left - len(indent)) or [""]
            lines.append(f"{indent}{name:<{left}}  {parts[0]}".rstrip())
            lines += [" " * (left + len(indent) + 2) + part for part in parts[1:]]
    return "\n".join(lines) + "\n"


def paragraphs(text: str) -> list[str]:
    """Text in lines, its paragraphs kept."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n|  +(?=[A-Z])", text):
        lines += [""] * bool(lines) + textwrap.wrap(paragraph, 79)
    return lines


def sentence(text: str) -> str:
    """A summary as a sentence."""
    return text[:1].upper() + text[1:].rstrip(".") + "."


def indented(text: str, by: int = 4) -> list[str]:
    """The lines of a text, each behind blanks."""
    return [" " * by + line for line in text.splitlines()]


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


def option_rows(options: type[Any] | None) -> list[tuple[str, str]]:
    """(name, what it means) of each option of a connector or format."""
    return [
        (name, f"{doc} (default {_word(default)})".strip() if default not in (None, "") else doc)
        for name, doc, default in _options(options)
    ]


def option_objects(options: type[Any] | None) -> list[dict[str, Any]]:
    """The options as JSON values."""
    return [
        {"name": name, "doc": doc, "default": None if default is None else _word(default)}
        for name, doc, default in _options(options)
    ]
