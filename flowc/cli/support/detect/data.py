"""Data files: a schema file and a pipeline for each, typed from what is in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from flowc.cli.support.detect import Found, listed, names_of
from flowc.cli.support.starter import OUT, pipeline_text, stem_of, type_of_stem
from flowc.model.types import Record

#: More files than this are named, and no pipeline is made of them.
_MOST = 8
_PLACES = ("", "data/")
#: How dead letters end: they are no input.
_DEAD = ".dead.jsonl"


def detect(folder: Path) -> Found | None:
    """Data files beside the project or in `data/`, as far as they can be typed."""
    found = names(folder)
    if not found:
        return None
    known = declared(folder)
    files: dict[str, str] = {}
    steps: list[str] = []
    told: list[str] = []
    notes: list[str] = []
    for name in found[:_MOST]:
        typed = _typed(folder, name)
        if typed is None:
            notes.append(f"{name} could not be typed: `flowc validate \"'{name}' | -\"` says why")
            continue
        record, evidence = typed
        stem = stem_of(name)
        pipeline = "pipeline.yaml" if len(found) == 1 else f"pipelines/{stem}.yaml"
        if type_of_stem(stem) not in known:
            files[f"schemas/{stem}.schema.yaml"] = _schema(stem, record, evidence)
        files[pipeline] = pipeline_text(name, type_of_stem(stem), pipeline, record)
        steps.append(f"flowc run {pipeline}")
        told.append(f"{name} ({_records(evidence)}{len(record.fields)} fields)")
    if len(found) > _MOST:
        notes.append(f"{len(found) - _MOST} more data files were left alone")
    what = ", ".join(told) if told else listed(found)
    return Found(what, files, tuple(steps[:1]), tuple(notes))


def names(folder: Path) -> tuple[str, ...]:
    """The data files beside the project and in `data/`."""
    patterns = (f"{place}*.{suffix}" for place in _PLACES for suffix in _suffixes())
    return tuple(n for n in names_of(folder, *patterns) if not n.endswith((OUT, _DEAD)))


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


def declared(folder: Path) -> Collection[str]:
    """The names of types that the project has already."""
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.load import load_project

    project = load_project(folder, environ={}, settings={}, strict=False, reporter=Reporter())
    return project.types.keys()


def _records(evidence: str) -> str:
    count = re.search(r"from ([\d,]+) of", evidence)
    return f"{count[1]} records, " if count else ""


def _schema(stem: str, record: Record, evidence: str) -> str:
    from flowc.project.schemafile import schema_text

    name = type_of_stem(stem)
    return schema_text({name: record}, {name: evidence})
