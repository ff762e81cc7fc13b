"""What the templates print: frozen values and syntax trees, nothing to decide."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportView:
    """``from module import names``; ``names`` empty: ``import module``, ``as`` an alias."""

    module: str
    names: tuple[str, ...] = ()
    alias: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    attribute: str
    annotation: ast.expr
    default: ast.expr | None


@dataclass(frozen=True, slots=True)
class ClassView:
    """A Struct; ``keywords`` are those of its ``class`` line."""

    name: str
    doc: str
    keywords: tuple[ast.keyword, ...]
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class AliasView:
    """A name for one of several classes."""

    name: str
    value: ast.expr


@dataclass(frozen=True, slots=True)
class TypesView:
    title: str
    imports: tuple[tuple[ImportView, ...], ...]
    classes: tuple[ClassView, ...]
    aliases: tuple[AliasView, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentView:
    """``# place  text``: where the statements below come from."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class PartView:
    """Statements of one step, ``depth`` levels deep, under their comment."""

    comment: CommentView | None
    depth: int
    statements: tuple[ast.stmt, ...]


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A stage: ``arguments`` and ``returns`` are the annotated signature."""

    name: str
    comment: CommentView
    arguments: ast.arguments
    returns: ast.expr
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True)
class NodeView:
    name: str
    kind: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class SegmentView:
    name: str
    value: ast.expr


@dataclass(frozen=True, slots=True)
class PipelineView:
    """``segments`` and ``links`` are the arguments of the runtime's ``Pipeline``; ``shared``
    is made before them: tables, and what several segments have in common."""

    title: str
    name: str
    digest: str
    imports: tuple[tuple[ImportView, ...], ...]
    constants: tuple[ast.stmt, ...]
    nodes: tuple[NodeView, ...]
    functions: tuple[FunctionView, ...]
    shared: tuple[SegmentView, ...]
    segments: tuple[SegmentView, ...]
    links: ast.expr


@dataclass(frozen=True, slots=True)
class SettingView:
    attribute: str
    annotation: ast.expr
    default: ast.expr | None
    variable: str
    secret: bool
    shown: str


@dataclass(frozen=True, slots=True)
class SettingsView:
    title: str
    imports: tuple[tuple[ImportView, ...], ...]
    settings: tuple[SettingView, ...]


@dataclass(frozen=True, slots=True)
class SampleView:
    """Records of a class, under a name of their own."""

    name: str
    class_name: str
    records: tuple[ast.expr, ...]


@dataclass(frozen=True, slots=True)
class StageTestView:
    """A stage as it is called, and the samples that it takes."""

    function: ast.expr
    samples: str


@dataclass(frozen=True, slots=True)
class SourceTestView:
    """A source's segment and the samples that stand in for what it reads; ``alone``: one of
    them, for their keys may be equal."""

    segment: str
    samples: str
    alone: bool


@dataclass(frozen=True, slots=True)
class SamplesView:
    imports: tuple[tuple[ImportView, ...], ...]
    samples: tuple[SampleView, ...]
    settings: ast.expr
    needs_clock: bool


@dataclass(frozen=True, slots=True)
class TestsView:
    """What one module of the generated tests is about. ``judges``: the run may end in an
    expectation that does not hold of made-up records. ``programs``: records stream through
    programs."""

    imports: tuple[tuple[ImportView, ...], ...]
    samples: tuple[SampleView, ...] = ()
    stages: tuple[StageTestView, ...] = ()
    sources: tuple[SourceTestView, ...] = ()
    with_tables: bool = False
    judges: bool = False
    programs: bool = False


@dataclass(frozen=True, slots=True)
class ProjectView:
    """What the small files of a project say."""

    title: str
    name: str
    package: str
    distribution: str
    version: str
    entry_point: str
    pipeline_module: str
    source_folder: str
    source_name: str
    dead_letters: str
    packages: tuple[str, ...]
    nodes: tuple[NodeView, ...]
    settings: tuple[SettingView, ...]
    processors: str | None
