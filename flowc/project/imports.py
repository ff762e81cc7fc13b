"""Reads what schema files import: documents of the project, never of the network.

A path is relative to the file it stands in, and leads to a file inside the project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.project import NamedType
from flowc.model.reads import looked_at
from flowc.model.source import SourceFile, Span
from flowc.model.types import POISON, Ref
from flowc.project.places import inside, shown
from flowc.types.importers.document import MALFORMED, UNREACHABLE, Node
from flowc.types.importers.naming import Names
from flowc.types.schema import IMPORT, Import
from flowc.types.show import quoted

if TYPE_CHECKING:
    from flowc.types.importers.jsonschema import JsonSchemas

_TEXTS = (".json", ".yaml", ".yml")


def import_types(
    imports: Iterable[tuple[Path, Import]], taken: Iterable[str], root: Path, reporter: Reporter
) -> Mapping[str, NamedType]:
    """The types that schema files import, with those that they refer to.

    Args:
        imports: each with the file that it stands in.
        taken: names that the project gives to types of its own.
        root: the folder of the project.
    """
    wanted = tuple(imports)
    if not wanted:
        return {}
    return _Imports(Names(taken), root, reporter).types(wanted)


class _Imports:
    def __init__(self, names: Names, root: Path, reporter: Reporter) -> None:
        from flowc.types.importers.jsonschema import JsonSchemas
        from flowc.types.importers.proto import ProtoTypes
        from flowc.types.importers.references import References

        self._names = names
        self._root = root
        self._reporter = reporter
        self._documents = _Documents(root, reporter)
        self._references = References(self._documents, reporter)
        self._schemas: JsonSchemas = JsonSchemas(self._references, names, reporter)
        self._proto = ProtoTypes(names, reporter)
        self._compiled: dict[Path, tuple[str, ...] | None] = {}
        self._found: dict[str, NamedType] = {}

    def types(self, wanted: tuple[tuple[Path, Import], ...]) -> Mapping[str, NamedType]:
        # Names that were written come first: what others refer to makes way for them.
        for _, one in wanted:
            if one.name is not None:
                self._names.take(one.name)
                self._found[one.name] = NamedType(one.name, POISON, one.span)
        for file, one in sorted(wanted, key=lambda each: each[1].name is None):
            self._documents.add(one.place.source, file, None)
            self._bring(one)
        self._found.update(self._schemas.types())
        self._found.update(self._proto.types())
        return self._found

    def _bring(self, one: Import) -> None:
        path, _, pointer = one.target.partition("#")
        if path.endswith(".proto"):
            self._bring_proto(one, path, pointer)
            return
        root = self._documents.open(path, one.place)
        if root is None:
            return
        if pointer:
            self._bring_part(one)
        elif one.name is not None:
            self._bring_whole(one, one.name, root)
        else:
            self._bring_all(one, root)

    def _bring_part(self, one: Import) -> None:
        found = self._references.find(one.target, one.place)
        if found is not None:
            node, wanted = found
            name = one.name or self._names.fresh(wanted, node.span.source.name)
            self._schemas.bring(node, name, one.span if one.name else node.span)

    def _bring_whole(self, one: Import, name: str, root: Node) -> None:
        """The one type of a document."""
        from flowc.types.importers.jsonschema import is_schema
        from flowc.types.importers.openapi import is_openapi, schemas_of

        if is_openapi(root):
            names = [name for name, _, _ in schemas_of(root)]
            near = nearest(name, names, 1) or tuple(names[:1])
            where = "components/schemas" if "components" in root.map else "definitions"
            path = f"{one.target}#/{where}/"
            notes = (f"for example `$import: {path}{near[0]}`",) if near else ()
            self._reporter.error(
                IMPORT, "an OpenAPI document holds many types: say which", one.place, notes=notes
            )
        elif not is_schema(root):
            self._no_types(one, root)
        else:
            self._schemas.bring(root, name, one.span)

    def _bring_all(self, one: Import, root: Node) -> None:
        from flowc.types.importers import jsonschema, openapi

        stem = Path(one.target).name.partition(".")[0]
        if openapi.is_openapi(root):
            found = list(openapi.schemas_of(root))
        else:
            found = list(jsonschema.schemas_of(root, stem)) if jsonschema.is_schema(root) else []
        if not found:
            self._no_types(one, root)
        for wanted, node, place in found:
            if not self._schemas.has(node):
                self._schemas.bring(node, self._names.fresh(wanted, one.target), place)

    def _no_types(self, one: Import, root: Node) -> None:
        own = {"types", "processors"} & root.map.keys()
        note = "the schema files of the project are read without an import" if own else ""
        self._reporter.error(
            MALFORMED,
            f"{quoted(one.target)} holds no schemas",
            one.place,
            notes=(note or "JSON Schema, OpenAPI and proto files can be imported",),
        )

    # Protocol Buffers

    def _bring_proto(self, one: Import, path: str, pointer: str) -> None:
        file = self._documents.place(path, one.place)
        if file is None:
            return
        if file not in self._compiled:
            self._compiled[file] = self._compile(file, one.place)
        declared = self._compiled[file]
        if declared is None:
            return
        if not pointer and one.name is None:
            for full in declared:
                self._bring_message(full, None)
            if not declared:
                self._reporter.error(MALFORMED, f"{quoted(path)} declares no message", one.place)
            return
        written = pointer.strip("/") or (one.name or "")
        full_name = self._proto.find(written, declared)
        if full_name is None:
            known = [name.lstrip(".") for name in declared]
            near = nearest(written, known, 1) or tuple(known[:3])
            self._reporter.error(
                UNREACHABLE,
                f"{quoted(path)} has no message {quoted(written)}",
                one.place,
                notes=(f"it has {', '.join(known[:8])}",) if near else (),
            )
            return
        self._bring_message(full_name, one)

    def _bring_message(self, full: str, one: Import | None) -> None:
        from flowc.types.importers.proto import short_name

        proto = self._proto
        if one is None or one.name is None:
            if not proto.has(full):
                proto.bring(
                    full, self._names.fresh(short_name(full), proto.place(full).source.name)
                )
        elif proto.has(full):
            self._found[one.name] = NamedType(one.name, Ref(proto.name_of(full)), one.span)
        else:
            proto.bring(full, one.name)

    def _compile(self, file: Path, place: Span) -> tuple[str, ...] | None:
        """The full names of what a file declares; None after a report."""
        from flowc.project.protoc import compiled

        made = compiled(file, self._root, place, self._reporter)
        return None if made is None else self._proto.add(made.descriptors, made.source_of)


class _Documents:
    """The documents of the project that imports and references lead to, each read once."""

    def __init__(self, root: Path, reporter: Reporter) -> None:
        self._root = root
        self._reporter = reporter
        self._file_of: dict[SourceFile, tuple[Path, Node | None]] = {}
        self._read: dict[Path, Node | None] = {}

    def add(self, source: SourceFile, file: Path, node: Node | None) -> None:
        """A file that is there already."""
        self._file_of[source] = (file, node)

    def open(self, path: str, beside: Span) -> Node | None:
        """The document at ``path`` (empty: the one of ``beside``); None after a report."""
        if not path:
            return self._file_of[beside.source][1]
        file = self.place(path, beside)
        if file is None:
            return None
        if file not in self._read:
            self._read[file] = self._document(file, beside)
        return self._read[file]

    def place(self, path: str, beside: Span) -> Path | None:
        """The file at a path that stands at ``beside``, if it lies in the project."""
        folder = self._file_of[beside.source][0].parent
        if "://" in path or Path(path).is_absolute() or "\0" in path or "\\" in path:
            self._reporter.error(
                UNREACHABLE,
                f"{quoted(path[:80])} is no path to a file of the project",
                beside,
                notes=("a path is relative to the file it stands in, and nothing is fetched",),
            )
            return None
        file = Path(*(folder / path).parts)
        try:
            real = looked_at(file).resolve()
            there = file.is_file()
        except (OSError, RuntimeError):
            there, real = False, file
        if there and not inside(file, self._root, self._reporter):
            return None
        if not there:
            names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
            near = nearest(path, names, 1)
            self._reporter.error(
                UNREACHABLE,
                f"there is no file {quoted(path[:80])}",
                beside,
                at=f"did you mean `{near[0]}`?" if near else "",
                notes=(f"it was looked for in {shown(folder)}",),
            )
            return None
        return real

    def _document(self, file: Path, beside: Span) -> Node | None:
        from flowc.syntax import foreigndoc
        from flowc.syntax.limits import decode

        suffix = file.suffix.lower()
        if suffix not in _TEXTS:
            self._reporter.error(
                IMPORT,
                f"{shown(file)} is of a kind that cannot be imported",
                beside,
                notes=(
                    "JSON Schema and OpenAPI are `.json`, `.yaml` or `.yml`; proto is `.proto`",
                ),
            )
            return None
        try:
            data = looked_at(file).read_bytes()
        except OSError as error:
            why = (error.strerror or str(error),)
            self._reporter.error(UNREACHABLE, f"{shown(file)} cannot be read", beside, notes=why)
            return None
        source = decode(data, shown(file), self._reporter, foreigndoc.FOREIGN)
        if source is None:
            return None
        read = foreigndoc.read_json if suffix == ".json" else foreigndoc.read_yaml
        node = read(source, self._reporter)
        self.add(source, file, node)
        return node
