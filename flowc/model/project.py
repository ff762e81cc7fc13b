"""What the user's project defines, read but not yet resolved against a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowc.model.source import SourceFile, Span
from flowc.model.types import Record, Type


@dataclass(frozen=True, slots=True)
class NamedType:
    """A type of ``schemas/*.schema.yaml`` or of a generated types module."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class ProcessorDecl:
    """A processor as a schema file declares it."""

    name: str
    input: Type | None
    output: Type | None
    errors: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ProcessorCode:
    """A processor as its Python file states it, read without running it.

    ``file`` is relative to the project's root. ``kind``: "one" gives a record, "maybe"
    may drop it (``Out | None``), "many" gives several (``Iterator[Out]``).
    ``input_class`` and ``output_class`` are the names in that file, and ``input_style`` is
    "attributes" (dataclass, Struct) or "items" (TypedDict).
    """

    name: str
    file: str
    source: SourceFile
    function: str
    kind: str
    input: Record
    output: Record
    input_class: str
    output_class: str
    input_style: str
    output_style: str
    pure: bool
    span: Span
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedText:
    """A source, sink or stage that ``flowc.toml`` names: its DSL text, in place."""

    name: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Project:
    """The project of a pipeline: the nearest folder with ``flowc.toml``, else its own.

    ``environment`` holds the variables that are set; ``settings`` what ``--set`` gave;
    ``name`` is what flowc.toml calls the project (listings show it), else empty.
    """

    root: Path
    types: Mapping[str, NamedType] = field(default_factory=dict)
    declared: Mapping[str, ProcessorDecl] = field(default_factory=dict)
    processors: Mapping[str, ProcessorCode] = field(default_factory=dict)
    sources: Mapping[str, NamedText] = field(default_factory=dict)
    sinks: Mapping[str, NamedText] = field(default_factory=dict)
    stages: Mapping[str, NamedText] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    name: str = ""
