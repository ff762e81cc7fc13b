"""Pipelines and types for `flowc init` to begin with."""

from __future__ import annotations

import re
from pathlib import Path

from flowc.model.types import Field, Record, strip_null

#: How the outputs of generated pipelines end: they are no input.
OUT = ".out.jsonl"


def stem_of(name: str) -> str:
    """What a file is called, as a part of other files' names: ``card-orders``."""
    return re.sub(r"[^A-Za-z0-9]+", "-", Path(name).name.split(".")[0]).strip("-") or "data"


def type_of_stem(stem: str) -> str:
    """The type of the records of a file."""
    parts = "".join(part[:1].upper() + part[1:] for part in stem.split("-"))
    return parts if parts[:1].isalpha() else f"Data{parts}"


def pipeline_text(file: str, type: str, path: str, record: Record) -> str:
    """A pipeline that copies the fields, with stages to begin with as comments.

    Args:
        file: the source, relative to the project.
        type: the name of the type of its records.
        path: where the pipeline will be.
        record: that type.
    """
    from flowc.syntax.yamlwriter import scalar
    from flowc.types.show import show_name

    stem = stem_of(file)
    names = [show_name(field.name) for field in record.fields]
    # What can only be written in quotes would be a text here.
    columns = ", ".join(name for name in names if not name.startswith('"'))
    lines = [
        f"# flowc run {path}",
        f"name: {scalar(stem)}",
        "source:",
        f"  file: {scalar(file)}",
        f"  schema: {type}",
        "process:",
        *(f"  # - {stage}" for stage in _ideas(record)),
        f"  - select: {scalar(columns)}",
        f"sink: {scalar(f'{stem}{OUT}')}",
    ]
    return "\n".join(lines) + "\n"


def _ideas(record: Record) -> tuple[str, ...]:
    """Stages over fields of the record, to be taken in by removing the `#`."""
    from flowc.model.types import DECIMAL, FLOAT, INT, NUMBER, STRING
    from flowc.types.show import show_name

    def first(*types: object) -> Field | None:
        fits = (f for f in record.fields if strip_null(f.type) in types)
        return next((f for f in fits if not f.name.casefold().endswith("id")), None)

    number, text = first(FLOAT, NUMBER, DECIMAL) or first(INT), first(STRING)
    found: list[str] = []
    if number is not None:
        found.append(f"filter: {show_name(number.name)} > 0")
    if text is not None:
        name = show_name(text.name)
        found.append(f"set: {name} = trim({name})")
    return tuple(found)
