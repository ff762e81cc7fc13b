"""Pipelines as written: what both front ends give. Nothing is resolved here.

A stage is generic: a word and arguments in six closed forms, so that a new operator
needs no change of the grammar.

    items       a, b.c      a > 3      a = e      e as name      a desc nulls first
    clauses     by k        over tumbling 1h      with "_"       message "…"
    as          as int      as json Payment       as regex r"…"
    options     key: value  (YAML maps, URI options)
    block       { branch; branch }
    reference   "add_USD_value" and other quoted or bare texts are ordinary items

Equality ignores places and comments: a DSL text and the YAML file that says the same
have equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from flowc.model.expr import Expr, Path, Template
from flowc.model.source import SourceFile, Span
from flowc.model.types import Type


@dataclass(frozen=True, slots=True)
class Word:
    """A name as written: of a stage, an alias, a clause, a key."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TypeExpr:
    """A written type; names in it are ``Ref`` until they are resolved."""

    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class As:
    """``as T``: a type, a format or a name, as the operator decides.

    ``argument`` is what follows a format: ``json Payment`` (a type), ``regex r"…"`` (text).
    A bare word is a ``TypeExpr`` of a ``Ref`` or a scalar; ``word`` is its text.
    """

    type: TypeExpr
    argument: TypeExpr | Expr | None
    span: Span = field(compare=False, repr=False)

    @property
    def word(self) -> str:
        return self.type.span.text.strip("`")


@dataclass(frozen=True, slots=True)
class Item:
    """One of the comma-separated things behind a stage's or a clause's word.

    ``target = value`` where a path and ``=`` begin the item; the operator decides whether
    that is an assignment. ``value`` alone otherwise. The rest are what may follow.
    """

    value: Expr
    span: Span = field(compare=False, repr=False)
    target: Path | None = None
    as_: As | None = None
    descending: bool | None = None
    nulls_first: bool | None = None
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """``by a, b``; ``over sliding 1h every 5m`` (two clauses); ``keep first``; ``ties``.

    ``modifiers`` are the fixed words of the grammar: ``tumbling``, ``first``, ``empty``, …
    """

    word: Word
    modifiers: tuple[Word, ...]
    items: tuple[Item, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MapValue:
    entries: tuple[Option, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NullValue:
    span: Span = field(compare=False, repr=False)


#: A YAML value or a URI option, still text: the place that reads it knows its type.
Value: TypeAlias = Template | ListValue | MapValue | NullValue


@dataclass(frozen=True, slots=True)
class Option:
    """``key: value`` of a map, ``key=value`` of a URI."""

    key: Word
    value: Value
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A source or a sink.

    Written as a URI, a path, ``-`` or a name it has ``text``; written as a map it has
    ``connector`` (``postgres: …`` or ``type: postgres``) with ``resource`` and ``options``.
    ``label`` is the written name of the node, ``inputs`` the names behind ``from:``;
    ``common`` are further keys that any node may have, as ``timeout`` and ``resources``.
    """

    span: Span = field(compare=False, repr=False)
    text: Template | None = None
    connector: Word | None = None
    resource: Template | None = None
    options: tuple[Option, ...] = ()
    type: TypeExpr | None = None
    keys: tuple[Path, ...] = ()
    clock: ClockSpec | None = None
    label: Word | None = None
    inputs: tuple[Word, ...] = ()
    enabled: bool = True
    common: tuple[Option, ...] = ()
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """``time field lag 2s idle 1m``; the durations are duration literals."""

    path: Path
    lag: Expr | None
    idle: Expr | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """``name items clauses as block``; ``options`` where YAML gave a map.

    A bare word that ends a branch may turn out to be a sink's name: names are resolved
    later.
    """

    name: Word
    span: Span = field(compare=False, repr=False)
    items: tuple[Item, ...] = ()
    clauses: tuple[Clause, ...] = ()
    as_: As | None = None
    block: tuple[Branch, ...] | None = None
    options: tuple[Option, ...] = ()
    label: Word | None = None
    inputs: tuple[Word, ...] = ()
    enabled: bool = True
    common: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenStage:
    """A stage that could not be read; it was reported. The chain goes on with a hole."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of ``tee`` or ``route``.

    ``condition`` is None in ``tee`` and where ``otherwise`` is true (``else:``).
    ``sinks`` are endpoints that end the branch; without any it flows on.
    ``discards`` is ``else: discard``.
    """

    stages: tuple[Stage | BrokenStage, ...]
    sinks: tuple[Endpoint, ...]
    span: Span = field(compare=False, repr=False)
    condition: Expr | None = None
    otherwise: bool = False
    discards: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """``{ sources } | stages | { sinks }``; either end may be missing in a branch or a let."""

    sources: tuple[Endpoint, ...]
    stages: tuple[Stage | BrokenStage, ...]
    sinks: tuple[Endpoint, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Let:
    """``let name = chain`` / ``streams: {name: …}``: a named stream, read once."""

    name: Word
    chain: Chain
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """``# …``, kept for the formatter; never part of the meaning."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PipelineTree:
    """One pipeline: its name if written, its chain, its other YAML blocks as they stand.

    ``extends`` is what it builds on, where that was not read (the formatter leaves it so) or
    is not there; ``overrides`` are changes by node name or path. ``abstract`` is the key that
    says so: the pipeline is for others to build on.
    """

    chain: Chain
    span: Span = field(compare=False, repr=False)
    name: Word | None = None
    version: Template | None = None
    blocks: tuple[Option, ...] = ()
    enabled: bool = True
    extends: Word | None = None
    abstract: Word | None = None
    overrides: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A pipeline file, a ``.flow`` file or a command line argument."""

    source: SourceFile = field(compare=False, repr=False)
    pipelines: tuple[PipelineTree, ...]
    lets: tuple[Let, ...] = ()
    comments: tuple[Comment, ...] = field(default=(), compare=False, repr=False)
    #: Ends that were filled in on the command line ("source", "sink"): to be printed.
    assumed: tuple[str, ...] = field(default=(), compare=False)
    #: The other files whose keys are in it.
    bases: tuple[SourceFile, ...] = field(default=(), compare=False, repr=False)
