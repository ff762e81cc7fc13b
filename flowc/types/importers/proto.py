"""Protocol Buffers as types: what protoc says of the files, not their text.

A field has the name that stands in the file. It may be absent (``name?: T``) where absence is
told from a value: a message, a member of a `oneof`, what is `optional`. A wrapper
(``google.protobuf.Int64Value``) may be null instead. Other fields always have a value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.project import NamedType
from flowc.model.source import SourceFile, Span
from flowc.model.types import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    INT32,
    JSON,
    STRING,
    TIMESTAMP,
    UINT32,
    UINT64,
    EnumType,
    Field,
    ListType,
    MapType,
    Record,
    Ref,
    Type,
    nullable,
)
from flowc.types.importers.document import APPROXIMATED, MALFORMED, MOST_TYPES, OVERSIZED
from flowc.types.importers.naming import Names

#: The types of descriptor.proto by their numbers; messages, groups and enums have names.
_SCALARS: Mapping[int, Type] = {
    **dict.fromkeys((1, 2), FLOAT),
    **dict.fromkeys((3, 16, 18), INT),
    **dict.fromkeys((4, 6), UINT64),
    **dict.fromkeys((5, 15, 17), INT32),
    **dict.fromkeys((7, 13), UINT32),
    8: BOOL,
    9: STRING,
    12: BYTES,
}
_OPTIONAL, _REQUIRED, _REPEATED = 1, 2, 3
_MESSAGES = (10, 11)
_WELL_KNOWN: Mapping[str, Type] = {
    "Timestamp": TIMESTAMP,
    "Duration": DURATION,
    "Struct": MapType(JSON),
    "Value": JSON,
    "ListValue": ListType(JSON),
    "NullValue": JSON,
    "FieldMask": STRING,
    "Empty": Record(()),
    "DoubleValue": nullable(FLOAT),
    "FloatValue": nullable(FLOAT),
    "Int64Value": nullable(INT),
    "UInt64Value": nullable(UINT64),
    "Int32Value": nullable(INT32),
    "UInt32Value": nullable(UINT32),
    "BoolValue": nullable(BOOL),
    "StringValue": nullable(STRING),
    "BytesValue": nullable(BYTES),
}
_GOOGLE = ".google.protobuf."


@dataclass(frozen=True, slots=True)
class _Declared:
    """A message or an enum; ``fields`` are the places of a message's fields."""

    descriptor: Any
    is_enum: bool
    span: Span
    fields: tuple[Span, ...]
    #: Whether its file tells the absence of each field from a value, as proto2 does.
    told: bool


class ProtoTypes:
    """The messages and enums of proto files, by their full names (``.shop.v1.Order``)."""

    def __init__(self, names: Names, reporter: Reporter) -> None:
        self._names = names
        self._reporter = reporter
        self._found: dict[str, _Declared] = {}
        self._name_of: dict[str, str] = {}
        self._todo: list[str] = []

    def add(self, files: Any, source_of: Callable[[str], SourceFile | None]) -> tuple[str, ...]:
        """What protoc made of a file and of those that it imports.

        Args:
            files: a FileDescriptorSet; the file itself is the last in it.
            source_of: gives the text of a file by its name.

        Returns:
            The full names of what the file itself declares, in order.
        """
        found: dict[str, _Declared] = {}
        for file in files.file:
            source = source_of(file.name) or SourceFile(file.name, "")
            found = dict(_File(file, source).declared())
            for full, declared in found.items():
                self._declare(full, declared)
        return tuple(found)

    def _declare(self, full: str, declared: _Declared) -> None:
        known = self._found.setdefault(full, declared)
        if known.span.source.name != declared.span.source.name:
            self._reporter.error(
                MALFORMED,
                f"two files declare `{full.lstrip('.')}`",
                declared.span,
                labels=(Label(known.span, "it is declared here too"),),
            )

    def find(self, written: str, first: Collection[str]) -> str | None:
        """The full name that a name means, with or without its package, those of a file
        ``first``; None for none."""
        for known in (first, self._found):
            ends = [full for full in known if full.endswith(f".{written.lstrip('.')}")]
            if ends:
                return min(ends, key=len)
        return None

    def place(self, full: str) -> Span:
        return self._found[full].span

    def bring(self, full: str, name: str) -> None:
        """A message or an enum to make a type of, under a name."""
        if full not in self._name_of:
            self._name_of[full] = name
            self._todo.append(full)

    def has(self, full: str) -> bool:
        """Whether it was brought already."""
        return full in self._name_of

    def name_of(self, full: str) -> str:
        return self._name_of[full]

    def types(self) -> Mapping[str, NamedType]:
        """The types that were brought, and those that they refer to."""
        made: dict[str, NamedType] = {}
        for full in self._todo:  # It grows while it is read.
            declared, name = self._found[full], self._name_of[full]
            type = self._message(full, declared, name)
            made[name] = NamedType(name, type, declared.span)
            if len(made) >= MOST_TYPES:
                self._reporter.error(
                    OVERSIZED, f"more than {MOST_TYPES:,} types are imported", declared.span
                )
                break
        return made

    def _message(self, full: str, declared: _Declared, name: str) -> Type:
        if declared.is_enum:
            return EnumType(tuple(value.name for value in declared.descriptor.value))
        entries = {
            f"{full}.{nested.name}": nested.field[1]
            for nested in declared.descriptor.nested_type
            if nested.options.map_entry
        }
        fields: list[Field] = []
        for one, place in zip(declared.descriptor.field, declared.fields):
            if one.type_name in entries:
                type: Type = MapType(self._type(entries[one.type_name], place))
            else:
                type = self._type(one, place)
                type = ListType(type) if one.label == _REPEATED else type
            optional = one.label == _OPTIONAL and (
                declared.told
                or one.proto3_optional
                or one.HasField("oneof_index")
                or one.type in _MESSAGES
            )
            fields.append(Field(one.name, type, optional).because("was declared", place))
        return Record(tuple(fields), name=name, span=declared.span)

    def _type(self, one: Any, place: Span) -> Type:
        known = _SCALARS.get(one.type)
        if known is not None:
            return known
        full: str = one.type_name
        if full.startswith(_GOOGLE):
            plain = full.removeprefix(_GOOGLE)
            if plain in _WELL_KNOWN:
                return _WELL_KNOWN[plain]
            if plain == "Any":
                why = f"the field `{one.name}` may hold any message: taken as `json`"
                self._reporter.warning(APPROXIMATED, why, place)
                return JSON
        if full not in self._name_of:
            file = self._found[full].span.source.name
            self.bring(full, self._names.fresh(short_name(full), file))
        return Ref(self._name_of[full])


def short_name(full: str) -> str:
    """``Order`` of ``.shop.v1.Order``, ``OrderItem`` of its message ``Item``."""
    parts = full.split(".")
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return "".join(parts[first:])


class _File:
    """The declarations of one file, with their places."""

    def __init__(self, file: Any, source: SourceFile) -> None:
        self._file = file
        self._source = source
        self._places = {tuple(one.path): one.span for one in file.source_code_info.location}
        self._told = file.syntax in ("", "proto2")

    def declared(self) -> Iterator[tuple[str, _Declared]]:
        prefix = f".{self._file.package}" if self._file.package else ""
        yield from self._enums(self._file.enum_type, prefix, (5,))
        for i, message in enumerate(self._file.message_type):
            yield from self._message(message, prefix, (4, i))

    def _message(
        self, message: Any, prefix: str, path: tuple[int, ...]
    ) -> Iterator[tuple[str, _Declared]]:
        full = f"{prefix}.{message.name}"
        fields = tuple(self._span((*path, 2, i, 1)) for i in range(len(message.field)))
        yield full, _Declared(message, False, self._span((*path, 1)), fields, self._told)
        yield from self._enums(message.enum_type, full, (*path, 4))
        for i, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                yield from self._message(nested, full, (*path, 3, i))

    def _enums(
        self, enums: Any, prefix: str, path: tuple[int, ...]
    ) -> Iterator[tuple[str, _Declared]]:
        for i, enum in enumerate(enums):
            span = self._span((*path, i, 1))
            yield f"{prefix}.{enum.name}", _Declared(enum, True, span, (), self._told)

    def _span(self, path: tuple[int, ...]) -> Span:
        found = self._places.get(path)
        if found is None:
            return self._source.span(0, 0)
        end_line = found[2] if len(found) == 4 else found[0]
        return self._source.span(self._at(found[0], found[1]), self._at(end_line, found[-1]))

    def _at(self, line: int, column: int) -> int:
        """The offset of a column of protoc's: it counts bytes, and tabs up to 8."""
        start = self._source.line_start(line + 1)
        reached = 0
        for i, char in enumerate(self._source.line(line + 1)):
            if reached >= column:
                return start + i
            reached += 8 - reached % 8 if char == "\t" else len(char.encode())
        return start + len(self._source.line(line + 1))
