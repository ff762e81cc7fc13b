"""Writes types down as a schema file, which `types.schema` reads back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from flowc.model.types import (
    Field,
    ListType,
    MapType,
    Nullable,
    Openness,
    Record,
    Ref,
    Refinement,
    Type,
    Union,
)
from flowc.syntax.yamlwriter import scalar
from flowc.types.schema import FIELD_KEYS
from flowc.types.show import show

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What means itself in a YAML map on one line.
_SIMPLE = re.compile(r"[\w.<>-]+\??")
#: Names that a schema file reads as marks.
_MARKS = frozenset({"", "...", "$import", "union", "variants", "enum"})
_NOTHING = Refinement()


def schema_text(types: Mapping[str, Type], comments: Mapping[str, str] | None = None) -> str:
    """The text of a schema file.

    Records inside lists, maps and the like whose fields state more than their types are
    written under names of their own.

    Args:
        types: named types, in the order in which they are written.
        comments: a line to stand above a type, by its name.
    """
    return _Writer(types).text(comments or {})


class _Writer:
    def __init__(self, types: Mapping[str, Type]) -> None:
        self._types = dict(types)

    def text(self, comments: Mapping[str, str]) -> str:
        lines = ["types:"]
        written: set[str] = set()
        while left := [name for name in self._types if name not in written]:
            for name in left:
                lines += [""] if written else []
                written.add(name)
                if comment := comments.get(name):
                    lines.append(f"  # {_printable(comment)}")
                lines += (f"  {line}" for line in self._named(name, self._types[name]))
        return "\n".join(lines) + "\n"

    def _named(self, name: str, type: Type) -> Iterator[str]:
        if isinstance(type, Record) and (_by_fields(type) or _states(type)) and _fits(type):
            yield f"{scalar(name)}:"
            yield from self._fields(type, name)
        else:
            yield f"{scalar(name)}: {scalar(show(self._inside(type, name)))}"

    def _fields(self, record: Record, owner: str) -> Iterator[str]:
        for field in record.fields:
            yield from (f"  {line}" for line in self._field(field, owner))
        if record.openness is Openness.REST:
            yield "  '...':"

    def _field(self, field: Field, owner: str) -> Iterator[str]:
        key, type, stated = _key(field), field.type, _stated(field.refinement)
        below = f"{owner}{_pascal(field.name)}"
        if isinstance(type, Record) and _states(type) and _fits(type) and not stated:
            yield f"{key}:"
            yield "  fields:"
            yield from (f"  {line}" for line in self._fields(type, below))
            return
        shown = show(self._inside(type, below))
        if not stated:
            yield f"{key}: {scalar(shown)}"
            return
        entries = {"type": shown, **stated}
        if all(_SIMPLE.fullmatch(text) for text in entries.values()):
            yield f"{key}: {{{', '.join(f'{k}: {v}' for k, v in entries.items())}}}"
            return
        yield f"{key}:"
        yield from (f"  {k}: {scalar(text)}" for k, text in entries.items())

    def _inside(self, type: Type, name: str) -> Type:
        """The type with records that state more written under names of their own."""
        match type:
            case Nullable(inner):
                return replace(type, inner=self._part(inner, name))
            case ListType(item):
                return ListType(self._part(item, name))
            case MapType(value):
                return MapType(self._part(value, name))
            case Union(_, variants):
                made = (
                    replace(v, type=self._part(v.type, name + _pascal(v.tag))) for v in variants
                )
                return replace(type, variants=tuple(made))
            case _:
                return type

    def _part(self, type: Type, name: str) -> Type:
        if not isinstance(type, Record) or not (_states(type) and _fits(type)):
            return self._inside(type, name)
        free, number = name, 2
        while free in self._types:
            free, number = f"{name}{number}", number + 1
        self._types[free] = type
        return Ref(free)


def _by_fields(record: Record) -> bool:
    """Whether the record is best written a field a line: names without marks, none of which
    could be taken for a description of the record."""
    return (
        bool(record.fields)
        and record.openness is not Openness.REST
        and all(_PLAIN.fullmatch(f.name) and f.name not in FIELD_KEYS for f in record.fields)
    )


def _fits(record: Record) -> bool:
    """Whether each name can be the key of a line."""
    return bool(record.fields) and all(
        f.name not in _MARKS and not f.name.endswith("?") for f in record.fields
    )


def _states(type: Type) -> bool:
    """Whether a field in it states more than a type."""
    match type:
        case Record(fields):
            return any(f.refinement != _NOTHING or _states(f.type) for f in fields)
        case Nullable(inner) | ListType(inner) | MapType(inner):
            return _states(inner)
        case Union(_, variants):
            return any(_states(variant.type) for variant in variants)
        case _:
            return False


def _stated(refinement: Refinement) -> dict[str, str]:
    texts = {
        "min": refinement.minimum,
        "max": refinement.maximum,
        "pattern": refinement.pattern,
        "unit": refinement.unit,
        "pii": "true" if refinement.pii else None,
        "secret": "true" if refinement.secret else None,
    }
    return {key: text for key, text in texts.items() if text is not None}


def _key(field: Field) -> str:
    return scalar(f"{field.name}?" if field.optional else field.name)


def _pascal(text: str) -> str:
    parts = re.findall(r"[A-Za-z0-9]+", text)
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _printable(comment: str) -> str:
    return "".join(c for c in " ".join(comment.split()) if c.isprintable())
