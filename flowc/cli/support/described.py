"""Types that documents of a folder describe, for `flowc init`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowc.cli.support.detect import data
from flowc.cli.support.starter import pipeline_text, stem_of, type_of_stem
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.project import NamedType
from flowc.model.types import Record

#: More warnings of a document than this are counted.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Described:
    """What is generated from documents, as `detect.Found` has it."""

    files: Mapping[str, str]
    steps: tuple[str, ...]
    notes: tuple[str, ...]


def described(folder: Path, documents: Sequence[str]) -> Described:
    """A schema file for each document, and a pipeline over the first of its records."""
    from flowc.project.schemafile import schema_text

    files: dict[str, str] = {}
    notes: list[str] = []
    stems = {stem_of(name) for name in data.names(folder)}
    names = {*data.declared(folder), *map(type_of_stem, stems)}
    for document in documents:
        if (folder / f"schemas/{stem_of(document)}.schema.yaml").exists():
            continue
        types, found = _types(folder, document, names)
        notes += _notes(document, found)
        if not types:
            continue
        names |= types.keys()
        stem = _free(stem_of(document), stems)
        stems.add(stem)
        files[f"schemas/{stem}.schema.yaml"] = schema_text(
            {name: named.type for name, named in types.items()},
            dict.fromkeys(list(types)[:1], f"from {document}"),
        )
        first = _first(types)
        if first is not None:
            name, record = first
            path = f"pipelines/{stem_of(name)}.yaml"
            files[path] = pipeline_text(f"{stem_of(name).lower()}.jsonl", name, path, record)
    return Described(files, ("flowc validate",) if files else (), tuple(notes))


def _free(stem: str, taken: Collection[str]) -> str:
    free, number = stem, 2
    while free in taken:
        free, number = f"{stem}-{number}", number + 1
    return free


def _types(
    folder: Path, document: str, taken: Collection[str]
) -> tuple[Mapping[str, NamedType], tuple[Diagnostic, ...]]:
    from flowc.model.source import SourceFile
    from flowc.project.imports import import_types
    from flowc.types.schema import Import, Schema, merge_schemas

    reporter = Reporter()
    place = SourceFile("flowc init", document).span()
    whole = Import(None, document, place, place)
    types = import_types([(folder / "flowc.toml", whole)], taken, folder, reporter)
    types = merge_schemas([Schema(types)], reporter).types
    return ({} if reporter.has_errors else types), reporter.sorted()


def _notes(document: str, found: Sequence[Diagnostic]) -> Iterator[str]:
    errors = [d for d in found if d.is_error]
    if errors:
        more = f" ({errors[0].notes[0]})" if errors[0].notes else ""
        yield f"{document} could not be imported: {errors[0].message}{more}"
        return
    told = [d for d in found if d.severity.value == "warning"]
    for one in told[:_MOST]:
        yield f"{one.span.place if one.span else document}: {one.message}"
    if len(told) > _MOST:
        yield f"{document}: {len(told) - _MOST} more such places"


def _first(types: Mapping[str, NamedType]) -> tuple[str, Record] | None:
    """The record to begin with: the first that no other is made of, else the first."""
    from flowc.types.names import names_in

    records = {
        name: named.type
        for name, named in types.items()
        if isinstance(named.type, Record) and named.type.fields
    }
    inside = {other for named in types.values() for other in names_in(named.type)}
    outer = [name for name in records if name not in inside]
    name = next(iter(outer or records), None)
    return None if name is None else (name, records[name])
