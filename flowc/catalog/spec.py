"""What an entry of the catalogue must say, and what it is given.

An operator, a function, a connector is one file; the registry finds it by its name. An
entry never imports the checker or the planner: it is handed a context whose protocol
stands here, and calls inward.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path as FilePath
from typing import Any, ClassVar, Protocol

from flowc.catalog.inputs import Arriving, Finding
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Safety
from flowc.model.effects import NO_ERRORS, Capabilities, ErrorSet, Facts, Held
from flowc.model.expect import Expectation
from flowc.model.expr import Call, Expr, Path, Template
from flowc.model.graph import EndpointBinding, Lineage, Node
from flowc.model.plan import CallProgram, CallRuntime, CallUser, Fork, Route, Step
from flowc.model.project import NamedType, ProcessorCode, ProcessorDecl
from flowc.model.source import Span
from flowc.model.tree import Option, TypeExpr, Word
from flowc.model.typed import PythonForm, Typed
from flowc.model.types import Field, Record, Type

# --- arguments ------------------------------------------------------------------------


class Form(Enum):
    """The closed forms a parameter is written in; the comment is what `bind` hands over."""

    CONDITION = "condition"  # Expr; a leading `path = e` is read as ==
    EXPRESSION = "expression"  # Expr
    ASSIGNMENTS = "assignments"  # tuple[Assignment, ...]: a = e, e as a
    PATHS = "paths"  # tuple[Path, ...]
    COLUMNS = "columns"  # tuple[Assignment, ...]: a, b.c, n = e, e as n
    RENAMES = "renames"  # tuple[Renaming, ...]: new = old, old as new
    CASTS = "casts"  # tuple[Cast, ...]: path as type
    NUMBER = "number"  # Literal of kind INT
    FORMATS = "formats"  # tuple[Formatting, ...]: path as format, path as format argument
    SHARE = "share"  # Literal of kind PERCENT, FLOAT or INT
    RATE = "rate"  # Rate: 100/s
    TEXT = "text"  # Template or string Literal
    DURATION = "duration"  # Literal of kind DURATION
    WORD = "word"  # Word, one of `choices`
    ORDER = "order"  # tuple[Item, ...] with descending and nulls_first
    REFERENCE = "reference"  # Word: the name of a processor
    CONDITIONS = "conditions"  # tuple[Expr, ...]: all of them must be true
    STREAM = "stream"  # Stream: a name, or an endpoint in quotes; it becomes an input of the node
    FILE = "file"  # Word: the path of a file from the project's root
    BRANCHES = "branches"  # tuple[Port, ...]
    AGGREGATES = "aggregates"  # tuple[Aggregate, ...]: n = f(e) where c, f(e) as n
    EXPECTATIONS = "expectations"  # tuple[Expected, ...]: count() > 0 where c
    WINDOW = "window"  # Window: tumbling 1h, sliding 1h every 5m
    FLAG = "flag"  # Word: it was written
    TYPE = "type"  # TypeExpr: what stands behind `as`, which ends the stage
    ALIAS = "alias"  # Path: the name behind `as`, which ends the stage


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operator. ``clause`` None: the items behind the stage's word;
    otherwise those behind that clause word. The YAML key is ``name``. ``bare``: the clause word
    may be left out. ``empty``: it may stand with nothing behind it."""

    name: str
    form: Form
    doc: str
    clause: str | None = None
    required: bool = True
    choices: tuple[str, ...] = ()
    bare: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """``path = value``. ``carried`` is set where the value is a bare path that keeps its
    presence: ``select a, b.c``. ``path`` for ``b.c`` alone is its last name."""

    path: Path
    value: Expr
    span: Span
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Renaming:
    """``swapped`` says that it was written ``old as new`` rather than ``new = old``."""

    new: Path
    old: Path
    span: Span
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    path: Path
    type: TypeExpr
    span: Span


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``path = value where condition``; ``value`` is to be a call of an aggregate function."""

    path: Path
    value: Expr
    where: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Expected:
    """``condition where where``: a condition in which aggregate functions are called."""

    condition: Expr
    where: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Formatting:
    """``path as format``, with what stands behind the format: a type, or a text."""

    path: Path
    format: Word
    argument: TypeExpr | Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Port:
    """A branch of tee or route: the port its records leave by. ``target`` is false for
    ``else: discard``."""

    name: str
    condition: Expr | None
    otherwise: bool
    discards: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a stage by parameter name. What was not written is not here.

    ``get`` returns None for it; entries state the type they declared by the parameter's
    form. ``name`` is the operator's (or the processor's) word as written.
    """

    word: Word
    values: Mapping[str, Any]
    span: Span

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.values


# --- examples -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OperatorExample:
    """Records in, a stage, records out: run as a test and printed in the docs.

    ``given`` and ``gives`` are JSON lines; ``type`` is the type of the records given, in
    notation (inferred from them when empty). ``dead`` is the number of dead letters. ``tables``
    are the files it reads beside them, by name.
    """

    title: str
    stage: str
    given: str
    gives: str
    type: str = ""
    dead: int = 0
    tables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FunctionExample:
    """``lower("ABC")`` gives ``"abc"``, both as flowc expressions; or the error's name."""

    call: str
    gives: str = ""
    error: str = ""


# --- other languages' words -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ForeignStage:
    """A stage as another language writes it: its word, and what stands behind it, whose signs
    and words are already flowc's where they could be told. ``first``: no source before it.
    ``after`` is the rest of the line as it is written."""

    word: str
    rest: str
    first: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a foreign stage is in flowc.

    ``text`` holds the stages, with ``|`` between them; empty where nothing is left to say.
    ``sources`` are read as well; ``clock`` is the field that is to be the clock of the stream.
    ``why`` is said beside the fix.
    """

    text: str
    why: str = ""
    safety: Safety = Safety.SAFE
    sources: tuple[str, ...] = ()
    clock: str = ""


#: What to write for another language's word: a word or words that take its place, the rest as
#: it stands; or a function that reads the whole stage, None where it cannot tell.
Correction = str | Callable[[ForeignStage], Meant | str | None]

#: The same for another language's function: a name, an expression with ``{0}``, ``{1}`` for the
#: arguments, or a function of the arguments' texts.
CallCorrection = str | Callable[[Sequence[str]], str | None]


# --- operators ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupedPattern:
    """A pattern and its groups: their names, and of each whether it may take no part in a match.

    ``linear``: Python searches it in linear time, and ``text`` is Python's spelling; else it is
    RE2's, whose engine is needed.
    """

    text: str
    groups: tuple[tuple[str, bool], ...]
    linear: bool


class CheckContext(Protocol):
    """What an operator's type rule may ask of the checker."""

    @property
    def inputs(self) -> Mapping[str, Arriving]:
        """What arrives by other inputs, by the parameter that names the stream."""
        ...

    @property
    def reporter(self) -> Reporter: ...

    @property
    def strict(self) -> bool: ...

    @property
    def types(self) -> Mapping[str, NamedType]: ...

    def infer(
        self,
        expr: Expr,
        row: Record,
        expectation: Expectation | None = None,
        *,
        strict_null: bool = False,
    ) -> Typed:
        """Type an expression over a row. A mismatch is reported; the result is then of the
        expected type or poison. ``strict_null``: null is not acceptable where a plain
        type is expected (reported under ``--strict`` with the ``??`` fix)."""
        ...

    def convert(self, value: Typed, target: Type, span: Span) -> Typed:
        """The value converted to a type, as ``cast`` and the conversion functions do it:
        failure is a ConversionError of the record, null stays null; a conversion that can
        never succeed is reported."""
        ...

    def field(self, path: Path, row: Record) -> Field | None:
        """The field at a path of names; reported with did-you-mean where it is not."""
        ...

    def resolve_type(self, written: TypeExpr) -> Type:
        """A written type with its names resolved; reported and poison where unknown."""
        ...

    def pattern(self, written: str, span: Span) -> GroupedPattern | None:
        """A written pattern; reported, and None, where it is malformed."""
        ...

    def narrow(self, row: Record, condition: Typed, truth: bool) -> Record:
        """The row known after the condition was (or was not) true."""
        ...

    def processor(self, name: str) -> ProcessorCode | None: ...

    def declared_processor(self, name: str) -> ProcessorDecl | None: ...

    def expect_row(self, actual: Record, expectation: Expectation, span: Span, who: str) -> bool:
        """Check a whole record against an expectation; report the first differences."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operator's type rule found.

    ``ports``: the record that leaves by each port (``out`` for most). ``outcome`` is the
    operator's own value, handed back to ``lower``. ``held`` is what it keeps between records: an
    operator with memory says it for each part of it.
    """

    ports: Mapping[str, Record]
    facts: Facts
    lineage: Lineage = field(default_factory=Lineage)
    errors: ErrorSet = NO_ERRORS
    outcome: object = None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class LowerContext:
    """What an operator's lowering may read: its node, the rows in and out, and the rows that come
    in by other inputs."""

    node: Node
    row: Record
    ports: Mapping[str, Record]
    inputs: Mapping[str, Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remembering:
    """An operator with state, and the pure steps that arrange records for it and after it.

    ``takes`` is the row that ``before`` makes, ``gives`` the one that the state gives; without
    such steps they are the node's own. What can fail must stand in ``before``.
    """

    state: CallRuntime
    takes: Record
    gives: Record
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()


#: A run of pure steps, or the one body that is not a run of pure steps.
Lowered = (
    tuple[Step, ...] | CallRuntime | Remembering | Finding | CallUser | CallProgram | Fork | Route
)


class Operator(ABC):
    """An operator of the language: ``OPERATOR`` of ``catalog/operators/NAME.py``.

    ``spellings`` are other languages' words that mean the same and parse to this one.
    ``corrections`` maps words that are errors with a fix to what the fix says; a function may
    stand for the operator's own words too, for arguments in another language's form.
    ``foreign_clauses`` maps clause words likewise. ``alone`` says that the operator means
    something without any argument.
    """

    name: ClassVar[str]
    kind: ClassVar[str]
    summary: ClassVar[str]
    doc: ClassVar[str]
    form: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    spellings: ClassVar[tuple[str, ...]] = ()
    corrections: ClassVar[Mapping[str, Correction]] = {}
    examples: ClassVar[tuple[OperatorExample, ...]] = ()
    alone: ClassVar[bool] = False
    foreign_clauses: ClassVar[Mapping[str, str]] = {}
    #: Whether it is given the records that reach it together at once, as a sink is.
    remote: ClassVar[bool] = False
    #: Whether it hands on together what came together.
    regroups: ClassVar[bool] = False

    @abstractmethod
    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        """The type rule."""

    @abstractmethod
    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        """To plan steps; called only where the pipeline has no error."""


# --- functions ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature. A type variable is a ``Ref`` named ``T`` (``U``): bound by the first
    argument that has it, joined over the others.

    ``variadic``: the last parameter may repeat. ``optional``: how many trailing
    parameters may be left out. ``takes_null``: the overload handles null arguments
    itself; otherwise null in gives null out. ``vector`` names the function of the
    columnar engine, or None where that engine must not lower it.
    """

    parameters: tuple[tuple[str, Type], ...]
    result: Type
    python: PythonForm
    variadic: bool = False
    optional: int = 0
    takes_null: bool = False
    errors: ErrorSet = NO_ERRORS
    checked: str = ""
    vector: str | None = None


class CallContext(Protocol):
    """What a function's own type rule may ask of the checker."""

    @property
    def reporter(self) -> Reporter: ...

    def unify(self, values: Sequence[Typed], what: str) -> tuple[Type, tuple[Typed, ...]] | None:
        """The least type of all the values, null left aside, and the values as that type
        (those that may be null still may); None where it was reported that there is none.
        ``what`` names the values: "the arguments of `least`"."""
        ...


class FunctionRule(Protocol):
    """A type rule of its own, for what signatures cannot say (``try``, ``coalesce``)."""

    def __call__(self, call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed: ...


@dataclass(frozen=True, slots=True)
class Constant:
    """An argument that is read when the pipeline is checked, where it is written.

    ``kind`` is what it must be: a ``pattern``, a ``time zone``, a ``time format``, a ``unit``,
    a ``path``, a ``network``. ``written``: it cannot be computed. ``settles``: nothing but it
    can make the call a ConversionError.
    """

    kind: str
    written: bool = False
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function: an entry of ``FUNCTIONS`` in ``catalog/functions/FAMILY.py``."""

    name: str
    summary: str
    overloads: tuple[Overload, ...]
    examples: tuple[FunctionExample, ...]
    deterministic: bool = True
    rule: FunctionRule | None = None
    spellings: tuple[str, ...] = ()
    corrections: Mapping[str, CallCorrection] = field(default_factory=dict)
    constant: Mapping[int, Constant] = field(default_factory=dict)


# --- connectors -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """An endpoint taken apart by its connector: the options it stands for.

    ``options`` maps an option's name to its written value (still text or templates, with
    spans), ``resource`` is the part that names what is read or written. ``format`` names
    the codec (``jsonlines``, ``csv``, ``rows``; empty where it could not be told, which
    was reported) and ``codec`` its options.
    """

    options: tuple[Option, ...]
    resource: Template | None
    format: str = ""
    codec: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """The record type of a source and how far the reading went.

    ``whole``: every record was seen. ``evidence`` reads "typed from 1,204 of 1,204
    records of orders.jsonl"; notes are proposals ("NA looks like null: …").
    """

    record: Record
    whole: bool
    evidence: str
    notes: tuple[str, ...] = ()
    read: tuple[FilePath, ...] = ()


class SampleContext(Protocol):
    """What a connector may ask while it finds a record type at compile time."""

    @property
    def reporter(self) -> Reporter: ...

    @property
    def folder(self) -> FilePath:
        """The current folder, against which relative endpoints are read."""
        ...

    @property
    def strict(self) -> bool: ...

    @property
    def read_ahead(self) -> bytes | None:
        """What a run has read ahead of standard input, to type and then replay it; None
        where standard input must not be touched (``validate``, ``build``)."""
        ...


class Connector(Protocol):
    """A connector: ``CONNECTOR`` of ``catalog/connectors/NAME.py``.

    ``module`` is the runtime's module (``connectors.files``); ``source_options`` and
    ``sink_options`` are its options classes, the one definition that validation, docs and
    the running code read (None where it cannot be a source, or a sink). ``named_after``
    is the option that defaults to the record type's name (``table``), empty if none does.
    ``exclusive`` says that two sinks cannot write to the same resource. ``corrections`` are
    stages of other languages that name a source or a sink, as those of an operator.
    ``compiled`` are options that decide what the compiled code is: they hold no variables.
    """

    name: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]]
    summary: ClassVar[str]
    doc: ClassVar[str]
    module: ClassVar[str]
    source_options: ClassVar[type[Any] | None]
    sink_options: ClassVar[type[Any] | None]
    capabilities: ClassVar[Capabilities]
    packages: ClassVar[tuple[str, ...]]
    examples: ClassVar[tuple[str, ...]]
    named_after: ClassVar[str]
    exclusive: ClassVar[bool]
    corrections: ClassVar[Mapping[str, Correction]] = {}
    compiled: ClassVar[tuple[str, ...]] = ()

    def requirements(self, binding: EndpointBinding) -> tuple[str, ...]:
        """The packages that a project with this endpoint depends on."""
        return self.packages

    def runtime_module(self, binding: EndpointBinding) -> str:
        """The runtime's module that this endpoint is read or written by."""
        return self.module

    def address(self, text: Template, *, sink: bool, reporter: Reporter) -> Address:
        """The URI or path of an endpoint, taken apart into options."""
        ...

    def from_map(
        self,
        resource: Template | None,
        options: tuple[Option, ...],
        *,
        sink: bool,
        reporter: Reporter,
    ) -> Address:
        """The same for an endpoint written as a map (``postgres: {table: payments}``)."""
        ...

    def record_type(
        self, binding: EndpointBinding, span: Span, context: SampleContext
    ) -> Sampled | None:
        """The type of the records a source gives, from the connector's own knowledge or a
        sample; None where it could not be found, which is reported."""
        ...

    def facts(self, binding: EndpointBinding) -> Facts:
        """What is known of the stream a source gives."""
        ...

    def format(self, binding: EndpointBinding, *, sink: bool) -> str:
        """The codec: ``jsonlines``, ``csv``, ``rows``."""
        ...

    def check_sink(
        self, binding: EndpointBinding, row: Record, span: Span, context: SampleContext
    ) -> None:
        """Report types that the sink cannot keep exactly, and columns that do not fit."""
        ...
