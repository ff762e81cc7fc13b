"""Finds and reads the project of a pipeline: flowc.toml, schemas/, processors/.

The root is the nearest folder at or above the pipeline file that holds ``flowc.toml``,
else the file's own folder. Without these files and folders nothing is read at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.project import NamedType, ProcessorDecl, Project
from flowc.model.reads import listed, looked_at
from flowc.project.manifest import Manifest, read_manifest
from flowc.project.places import inside, read_text, shown
from flowc.project.processors import Processors

EMPTY_SCHEMA = declare("FC0705", "empty-schema", "A schema file holds no schema")

MANIFEST = "flowc.toml"


def load_project(
    start: Path,
    *,
    environ: Mapping[str, str],
    settings: Mapping[str, str],
    strict: bool,
    reporter: Reporter,
) -> Project:
    """The project that ``start`` belongs to; what is wrong with its files is reported.

    Args:
        start: the pipeline file, or the folder it would be in (the current one for a
            pipeline on the command line).
        environ: the environment variables that are set.
        settings: what ``--set`` gave.
        strict: whether findings of ``--strict`` are wanted.
    """
    root = find_root(start)
    manifest = _manifest(root, reporter)
    types, declared = _schemas(root, reporter)
    return Project(
        root=root,
        types=types,
        declared=declared,
        processors=Processors(root, reporter),
        sources=manifest.sources,
        sinks=manifest.sinks,
        stages=manifest.stages,
        environment=environ,
        settings=dict(settings),
        strict=strict,
        name=manifest.name,
    )


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` with flowc.toml, else its own folder."""
    folder = start.resolve()
    if not folder.is_dir():
        folder = folder.parent
    for candidate in (folder, *folder.parents):
        if looked_at(candidate / MANIFEST).is_file():
            return candidate
    return folder


def _manifest(root: Path, reporter: Reporter) -> Manifest:
    path = root / MANIFEST
    if not path.is_file():
        return Manifest()
    source = read_text(path, reporter)
    return Manifest() if source is None else read_manifest(source, reporter)


def _schemas(
    root: Path, reporter: Reporter
) -> tuple[Mapping[str, NamedType], Mapping[str, ProcessorDecl]]:
    folder = root / "schemas"
    if not listed(folder).is_dir():
        return {}, {}
    from flowc.project.imports import import_types
    from flowc.syntax.yamldoc import load, text_of
    from flowc.types.schema import Import, Schema, merge_schemas, read_schema

    found: list[Schema] = []
    imports: list[tuple[Path, Import]] = []
    for path in sorted(folder.glob("*.schema.y*ml")):
        if not inside(path, root, reporter):
            continue
        source = read_text(path, reporter)
        if source is None:
            continue
        values = load(source, reporter)
        if not values and not source.text.strip():
            reporter.warning(EMPTY_SCHEMA, f"{shown(path)} is empty", source.span(0, 0))
        for value in values:
            schema = read_schema(value, reporter, text_of=text_of)
            found.append(schema)
            imports += ((path, one) for one in schema.imports)
    taken = [name for schema in found for name in schema.types]
    found.append(Schema(import_types(imports, taken, root, reporter)))
    merged = merge_schemas(found, reporter)
    return merged.types, merged.processors
