"""Types that documents of a folder describe, for `flowc init`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flowc.cli.support.detect import data
from flowc.cli.support.starter import pipeline_text, stem_of, type_of_stem
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.project import NamedType
from flowc.model.types import JSON, Record, Type, strip_null
from flowc.project.places import shown
from flowc.types.show import show_name

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
    stems = {stem_of(name) for name in data.names(folder)}
    taken = {*data.declared(folder), *map(type_of_stem, stems)}
    new = [d for d in documents if not (folder / f"schemas/{stem_of(d)}.schema.yaml").exists()]
    found, notes = _imported(folder, new, taken)
    for document, types in found.items():
        stem = _free(stem_of(document), stems)
        stems.add(stem)
        files[f"schemas/{stem}.schema.yaml"] = schema_text(
            types, dict.fromkeys(list(types)[:1], f"from {document}")
        )
        first = _first(types)
        if first is not None:
            name, record = first
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name)
            path = f"pipelines/{stem_of(words).lower()}.yaml"
            source = f"{stem_of(words).lower()}.jsonl"
            files[path] = pipeline_text(source, name, path, record)
    return Described(files, ("flowc validate",) if files else (), notes)


def _imported(
    folder: Path, documents: Sequence[str], taken: Collection[str]
) -> tuple[Mapping[str, Mapping[str, Type]], tuple[str, ...]]:
    """The types of each document, and notes; a document with errors has none."""
    types, found = _types(folder, documents, taken)
    errors = any(d.is_error for d in found)
    if errors and len(documents) > 1:
        # Which of them it is shows when each is read by itself.
        made: dict[str, Mapping[str, Type]] = {}
        notes: list[str] = []
        for document in documents:
            names = {name for types in made.values() for name in types}
            one, more = _imported(folder, [document], {*taken, *names})
            made.update(one)
            notes += more
        return made, tuple(notes)
    notes = list(_notes(documents[0], found)) if documents else []
    if errors or not documents:
        return {}, tuple(notes)
    of: dict[str, dict[str, Type]] = {document: {} for document in documents}
    file_of = {shown((folder / document).resolve()): document for document in documents}
    for name, named in types.items():
        of[file_of.get(named.span.source.name, documents[0])][name] = named.type
    return {document: found for document, found in of.items() if found}, tuple(notes)


def _free(stem: str, taken: Collection[str]) -> str:
    free, number = stem, 2
    while free in taken:
        free, number = f"{stem}-{number}", number + 1
    return free


def _types(
    folder: Path, documents: Sequence[str], taken: Collection[str]
) -> tuple[Mapping[str, NamedType], tuple[Diagnostic, ...]]:
    from flowc.model.source import SourceFile
    from flowc.project.imports import import_types
    from flowc.types.schema import Import, Schema, merge_schemas

    reporter = Reporter()
    places = [SourceFile("flowc init", document).span() for document in documents]
    wanted = [(folder / "flowc.toml", Import(None, p.text, p, p)) for p in places]
    types = import_types(wanted, taken, folder, reporter)
    return merge_schemas([Schema(types)], reporter).types, reporter.sorted()


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


def _first(types: Mapping[str, Type]) -> tuple[str, Record] | None:
    """The record to begin with: the first that no other is made of, else the first. Fields of
    which nothing is known are left out of it."""
    from flowc.types.names import names_in

    records: dict[str, Record] = {}
    for name, type in types.items():
        if isinstance(type, Record):
            known = tuple(f for f in type.fields if JSON not in (f.type, strip_null(f.type)))
            if any(not show_name(field.name).startswith('"') for field in known):
                records[name] = replace(type, fields=known)
    inside = {other for type in types.values() for other in names_in(type)}
    outer = [name for name in records if name not in inside]
    first = next(iter(outer or records), None)
    return None if first is None else (first, records[first])
