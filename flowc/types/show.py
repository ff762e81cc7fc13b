"""Types as text: the canonical notation, and what messages print."""

from __future__ import annotations

import re
from typing import assert_never

from flowc.model.types import (
    DecimalType,
    EnumType,
    Field,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Openness,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
)
from flowc.types.words import RESERVED

_BARE = re.compile(r"[^\W\d]\w*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

#: Deeper than any written type; what lies below is shown as ``…``.
_DEEPEST = 200


def quoted(text: str) -> str:
    """The text in double quotes, with the escapes of the language."""
    shown = "".join(
        _ESCAPES.get(c) or (c if c.isprintable() else f"\\u{{{ord(c):x}}}") for c in text
    )
    return f'"{shown}"'


def show_name(name: str) -> str:
    """A field's name as it is written: bare, else in backticks, else in quotes."""
    if _BARE.fullmatch(name):
        return name
    if name and name.isprintable() and "`" not in name:
        return f"`{name}`"
    return quoted(name)


def _show_ref(name: str) -> str:
    if _BARE.fullmatch(name) and name not in RESERVED:
        return name
    return f"`{name}`"


def show(type: Type, *, width: int | None = None) -> str:
    """The type in one line; `parse_type` reads it back to an equal type.

    What a line cannot say is left out: a record's label, refinements, and that a record
    was inferred. Without ``width`` nothing else is; with it, records and enums are cut
    after the first entries that fit into so many characters: ``{a: int, … 12 more}``.
    """
    whole = _show(type, 0)
    if width is None or len(whole) <= width:
        return whole
    return _cut(type, width)


def label(type: Type, width: int = 60) -> str:
    """A record's or union's name where it has one, else the type cut to ``width``."""
    if isinstance(type, Record | Union) and type.name is not None:
        return type.name
    if isinstance(type, Nullable):
        return label(type.inner, width - 1) + "?"
    return show(type, width=width)


def show_lines(type: Type, width: int = 80, indent: str = "  ") -> tuple[str, ...]:
    """The type in lines of at most ``width`` characters where its records can be broken."""
    return tuple(_lines(type, width, "", indent, 0))


def show_field(field: Field) -> str:
    """``name: type`` or ``name?: type``."""
    return f"{show_name(field.name)}{'?' if field.optional else ''}: {show(field.type)}"


def _show(type: Type, depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    match type:
        case Record(members=Union() as members):
            return _show(members, depth)
        case Scalar(kind):
            return kind.value
        case DecimalType(None, _):
            return "decimal"
        case DecimalType(precision, scale):
            return f"decimal({precision}, {scale or 0})"
        case EnumType(values):
            return f"enum({', '.join(quoted(value) for value in values)})"
        case ListType(item):
            return f"list<{_show(item, depth + 1)}>"
        case MapType(value):
            return f"map<{_show(value, depth + 1)}>"
        case Nullable(inner):
            return f"{_show(inner, depth + 1)}?"
        case NullType():
            return "null"
        case Never():
            return "never"
        case Poison():
            return "unknown"
        case Ref(name):
            return _show_ref(name)
        case Record():
            return "{" + ", ".join(_entries(type, depth)) + "}"
        case Union(discriminator, variants):
            shown = ", ".join(f"{show_name(v.tag)} = {_show(v.type, depth + 1)}" for v in variants)
            return f"union<{show_name(discriminator)}: {shown}>"
        case _:
            assert_never(type)


def _entries(record: Record, depth: int) -> list[str]:
    entries = [
        f"{show_name(f.name)}{'?' if f.optional else ''}: {_show(f.type, depth + 1)}"
        for f in record.fields
    ]
    return [*entries, "..."] if record.openness is Openness.REST else entries


def _cut(type: Type, width: int) -> str:
    match type:
        case Record(members=Union() as members):
            return _cut(members, width)
        case Record():
            return _first_entries("{", _entries(type, 0), "}", width)
        case EnumType(values):
            return _first_entries("enum(", [quoted(value) for value in values], ")", width)
        case ListType(item):
            return f"list<{show(item, width=width - 6)}>"
        case MapType(value):
            return f"map<{show(value, width=width - 5)}>"
        case Nullable(inner):
            return show(inner, width=width - 1) + "?"
        case Union(discriminator, variants):
            tags = [show_name(variant.tag) for variant in variants]
            return _first_entries(f"union<{show_name(discriminator)}: ", tags, ">", width)
        case _:
            return _show(type, 0)


def _first_entries(start: str, entries: list[str], end: str, width: int) -> str:
    kept: list[str] = []
    length = len(start) + len(end) + len("… 999 more")
    for entry in entries:
        length += len(entry) + 2
        if length > width:
            break
        kept.append(entry)
    rest = len(entries) - len(kept)
    return start + ", ".join([*kept, f"… {rest} more"] if rest else kept) + end


def _lines(type: Type, width: int, lead: str, indent: str, depth: int) -> list[str]:
    if isinstance(type, Record) and type.members is not None:
        type = type.members
    whole = lead + _show(type, depth)
    if len(whole) <= width or depth > _DEEPEST:
        return [whole]
    tail = ""
    while isinstance(type, Nullable | ListType | MapType):
        match type:
            case Nullable(inner):
                type, tail = inner, "?" + tail
            case ListType(item):
                type, lead, tail = item, lead + "list<", ">" + tail
            case MapType(value):
                type, lead, tail = value, lead + "map<", ">" + tail
    pad = lead[: len(lead) - len(lead.lstrip(" "))]
    if isinstance(type, Record) and type.fields:
        lines = [lead + "{"]
        for field in type.fields:
            start = f"{pad}{indent}{show_name(field.name)}{'?' if field.optional else ''}: "
            inner_lines = _lines(field.type, width - 1, start, indent, depth + 1)
            inner_lines[-1] += ","
            lines += inner_lines
        if type.openness is Openness.REST:
            lines.append(f"{pad}{indent}...")
        return [*lines, f"{pad}}}{tail}"]
    if isinstance(type, Union) and type.variants:
        lines = [f"{lead}union<{show_name(type.discriminator)}:"]
        for variant in type.variants:
            start = f"{pad}{indent}{show_name(variant.tag)} = "
            inner_lines = _lines(variant.type, width - 1, start, indent, depth + 1)
            inner_lines[-1] += ","
            lines += inner_lines
        lines[-1] = lines[-1][:-1]
        return [*lines, f"{pad}>{tail}"]
    return [whole]
