"""Data files: a schema file and a pipeline for each, typed from what is in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from flowc.cli.support.detect import Found, listed, names_of
from flowc.model.types import Field, Record, strip_null

#: More files than this are named, and no pipeline is made of them.
_MOST = 8
_PLACES = ("", "data/")
#: How the outputs of generated pipelines end, and dead letters: they are no input.
_OUT = ".out.jsonl"
_DEAD = ".dead.jsonl"


def detect(folder: Path) -> Found | None:
    """Data files beside the project or in `data/`, as far as they can be typed."""
    patterns = (f"{place}*.{suffix}" for place in _PLACES for suffix in _suffixes())
    names = tuple(n for n in names_of(folder, *patterns) if not n.endswith((_OUT, _DEAD)))
    if not names:
        return None
    declared = _declared(folder)
    files: dict[str, str] = {}
    steps: list[str] = []
    told: list[str] = []
    notes: list[str] = []
    for name in names[:_MOST]:
        typed = _typed(folder, name)
        if typed is None:
            notes.append(f"{name} could not be typed: `flowc validate \"'{name}' | -\"` says why")
            continue
        record, evidence = typed
        stem = _stem(name)
        pipeline = "pipeline.yaml" if len(names) == 1 else f"pipelines/{stem}.yaml"
        if _type_name(stem) not in declared:
            files[f"schemas/{stem}.schema.yaml"] = _schema(stem, record, evidence)
        files[pipeline] = _pipeline(name, stem, pipeline, record)
        steps.append(f"flowc run {pipeline}")
        told.append(f"{name} ({_records(evidence)}{len(record.fields)} fields)")
    if len(names) > _MOST:
        notes.append(f"{len(names) - _MOST} more data files were left alone")
    what = ", ".join(told) if told else listed(names)
    return Found(what, files, tuple(steps[:1]), tuple(notes))


def _suffixes() -> tuple[str, ...]:
    from flowc.catalog import registry

    suffixes = {suffix for entry in registry.formats().values() for suffix in entry.suffixes}
    # A lone .json is more often a program's settings than records.
    return tuple(sorted(suffixes - {"json"}))


def _typed(folder: Path, name: str) -> tuple[Record, str] | None:
    """The type of a file's records and what it was read from; None where there is none."""
    from flowc.catalog.spec import Sampled
    from flowc.compile import COMMAND_LINE, Request, check
    from flowc.model.source import SourceFile
    from flowc.types.show import quoted

    text = f"{quoted(name)} | -"
    checked = check(Request(SourceFile(COMMAND_LINE, text), None, folder, environment={}))
    if not checked.ok or not checked.typed:
        return None
    for types in checked.typed[0].types.values():
        if isinstance(types.outcome, Sampled) and types.outcome.record.fields:
            return types.outcome.record, types.outcome.evidence
    return None


def _declared(folder: Path) -> Collection[str]:
    """The names of types that the project has already."""
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.load import load_project

    project = load_project(folder, environ={}, settings={}, strict=False, reporter=Reporter())
    return project.types.keys()


def _records(evidence: str) -> str:
    count = re.search(r"from ([\d,]+) of", evidence)
    return f"{count[1]} records, " if count else ""


def _stem(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", Path(name).name.split(".")[0]).strip("-") or "data"


def _type_name(stem: str) -> str:
    parts = "".join(part[:1].upper() + part[1:] for part in stem.split("-"))
    return parts if parts[:1].isalpha() else f"Data{parts}"


def _schema(stem: str, record: Record, evidence: str) -> str:
    from flowc.project.schemafile import schema_text

    name = _type_name(stem)
    return schema_text({name: record}, {name: evidence})


def _pipeline(file: str, stem: str, path: str, record: Record) -> str:
    """A pipeline that copies all fields, with stages to begin with as comments."""
    from flowc.syntax.yamlwriter import scalar
    from flowc.types.show import show_name

    columns = ", ".join(show_name(field.name) for field in record.fields)
    lines = [
        f"# flowc run {path}",
        f"name: {scalar(stem)}",
        "source:",
        f"  file: {scalar(file)}",
        f"  schema: {_type_name(stem)}",
        "process:",
        *(f"  # - {stage}" for stage in _ideas(record)),
        f"  - select: {scalar(columns)}",
        f"sink: {scalar(f'{stem}{_OUT}')}",
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
