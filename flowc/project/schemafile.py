"""Writes types down as a schema file, which `types.schema` reads back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flowc.model.types import Field, Openness, Record, Type
from flowc.syntax.yamlwriter import scalar
from flowc.types.schema import FIELD_KEYS
from flowc.types.show import show

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def schema_text(types: Mapping[str, Type], comments: Mapping[str, str] | None = None) -> str:
    """The text of a schema file.

    Args:
        types: named types, in the order in which they are written.
        comments: a line to stand above a type, by its name.
    """
    lines = ["types:"]
    for i, (name, type) in enumerate(types.items()):
        lines += [""] if i else []
        comment = (comments or {}).get(name)
        if comment:
            lines.append(f"  # {' '.join(comment.split())}")
        if isinstance(type, Record) and _by_fields(type):
            lines.append(f"  {scalar(name)}:")
            lines += (f"    {line}" for line in _fields(type))
        else:
            lines.append(f"  {scalar(name)}: {scalar(show(type))}")
    return "\n".join(lines) + "\n"


def _by_fields(record: Record) -> bool:
    """Whether the record can be written a field a line: names without marks, none of which
    could be taken for a description of the record."""
    return (
        bool(record.fields)
        and record.openness is not Openness.REST
        and all(_PLAIN.fullmatch(f.name) and f.name not in FIELD_KEYS for f in record.fields)
    )


def _fields(record: Record) -> Iterator[str]:
    for field in record.fields:
        yield f"{_key(field)}: {scalar(show(field.type))}"


def _key(field: Field) -> str:
    return scalar(f"{field.name}?" if field.optional else field.name)
