"""The narrow waist: what operators lower themselves to, and all that a target prints.

A plan is a graph of blocks. The planner makes one block for each node; fusion joins runs
of pure ones. Expressions in steps are typed and read the row that comes into their block:
inside a fused block a later step reads the columns that earlier steps made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from flowc.model.effects import ErrorSet
from flowc.model.expr import Template
from flowc.model.project import ProcessorCode
from flowc.model.source import Span
from flowc.model.typed import Typed
from flowc.model.types import Record, Type

# --- steps of a pure block ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the record where the condition is true.

    ``message`` None: a record that is not kept is dropped, counted under ``reason``.
    Otherwise it fails with a ValidationError of that message.
    """

    node: str
    condition: Typed
    reason: str = "filtered"
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """Make a new record. ``columns`` are all its fields, in order; those carried unchanged
    are plain ``Column`` expressions. ``row`` is the record type made."""

    node: str
    columns: tuple[tuple[str, Typed], ...]
    row: Record


@dataclass(frozen=True, slots=True)
class Expand:
    """One record for each item of a list; ``keep_empty`` gives one with null for none."""

    node: str
    items: Typed
    name: str
    keep_empty: bool
    row: Record


@dataclass(frozen=True, slots=True)
class Find:
    """Put what a table holds under a key into the record, as the field ``name``.

    ``table`` is the block that fills it; by the time a record comes it is whole. ``condition``
    reads the record with what was found in it, and must be true of a match. ``many``: one record
    for each match, else at most one match. ``several``: the table is a list of
    records for each key. ``keep``: a record without a match goes on with null, else it is
    dropped.
    """

    node: str
    table: str
    keys: tuple[Typed, ...]
    name: str
    condition: Typed | None
    many: bool
    several: bool
    keep: bool
    row: Record


Step: TypeAlias = Keep | Project | Expand | Find

# --- bodies of blocks -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decode:
    """How a source's bytes or rows become records: the connector's runtime names it.

    ``format`` is the codec (``jsonlines``, ``csv``, ``rows``). ``record`` has only the
    fields that are enforced. ``whole`` says that the record reaches a sink as it came, so
    that an unseen field is an error; ``inside`` are the fields of which the same is true.
    ``codec`` are the codec's own options (``null_text``).
    """

    format: str
    record: Record
    whole: bool = False
    codec: Mapping[str, object] = field(default_factory=dict)
    inside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """A source: ``module`` is the runtime's connector module; ``options`` an instance of
    its SourceOptions; ``symbolic`` the options a setting fills at start."""

    node: str
    module: str
    options: object
    symbolic: Mapping[str, Template]
    decode: Decode


@dataclass(frozen=True, slots=True)
class Write:
    """A sink, likewise; ``format`` is the codec that encodes ``record``, ``codec`` its
    options."""

    node: str
    module: str
    options: object
    symbolic: Mapping[str, Template]
    format: str
    record: Record
    codec: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pure:
    """Steps without state or effect: one generated function over a batch."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A value that the runtime makes: one of its classes, and what it is called with by name."""

    module: str
    name: str
    arguments: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """What a state finds at the end of its input, and the conditions over it, in order: each
    becomes a function that the state is given. ``whole``: of all records; else of windows."""

    record: Record
    conditions: tuple[Typed, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class CallRuntime:
    """An operator with state: a class of the runtime and its arguments, plain values or `Made`.

    A class that gathers records ``reads`` fields of the incoming row by name, or ``makes``
    records of its own: it is given the class of that row before its arguments, and behind it
    that of the records it makes. ``judge``: it passes its records on and judges the whole of
    them; it is given the class of what it finds, and the conditions as functions. ``holds``: it
    keeps whole records, and is given their class. ``timed``: it reads a clock, a seed or waits,
    and is given the environment behind its arguments. ``prepared``: a pure block before it does a
    part of its node's work. ``segment`` is the runtime's kind of segment, where it is of neither of
    the two common ones.
    """

    node: str
    module: str
    name: str
    arguments: tuple[object, ...]
    reads: tuple[str, ...] = ()
    makes: bool = False
    prepared: bool = False
    timed: bool = False
    judge: Judge | None = None
    holds: bool = False
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Tabulate:
    """A table that is filled from one input of a node before its own records come.

    ``name`` is a class of the runtime. Records are found by the columns ``keys`` of the incoming
    row; ``converts``: what is kept is another record, with fewer columns. ``arguments`` are plain
    values, by name; ``reads`` the columns they name. ``called`` is what code calls the table.
    ``prepared`` as in `CallRuntime`.
    """

    node: str
    module: str
    name: str
    keys: tuple[str, ...]
    called: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    converts: bool = False
    prepared: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps records until a table is whole: they come from a source that fills it."""

    node: str
    table: str


@dataclass(frozen=True, slots=True)
class CallUser:
    """The user's code, once a record."""

    node: str
    processor: ProcessorCode


@dataclass(frozen=True, slots=True)
class CallProgram:
    """A program that records stream through, JSON lines in and out; ``command`` are its words.

    ``live``: the stream may have no end, so that what the program makes is awaited at once.
    """

    node: str
    command: tuple[Template, ...]
    takes: Record
    gives: Record
    live: bool


@dataclass(frozen=True, slots=True)
class Fork:
    """Every record to every port (tee)."""

    node: str
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Each record to the port of the first condition that is true. ``otherwise`` is the
    port of the rest, or None: dropped, counted as "no branch"."""

    node: str
    branches: tuple[tuple[str, Typed], ...]
    otherwise: str | None


@dataclass(frozen=True, slots=True)
class Align:
    """One of the streams that are merged by their clocks, before ``node``: the records of those
    that are ahead wait. ``merge`` is the block that brings them together, ``number`` tells which
    of them it is."""

    node: str
    merge: str
    number: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Several inputs become one, in the order declared where they are bounded.

    By their ``clock``, a path, where one is given; then ``lanes`` say of each input how it is read,
    and each comes through an ``Align``.
    """

    clock: tuple[str, ...] = ()
    lanes: tuple[Made, ...] = ()


Body: TypeAlias = (
    Read
    | Write
    | Pure
    | CallRuntime
    | Tabulate
    | Hold
    | Align
    | CallUser
    | CallProgram
    | Fork
    | Route
    | Merge
)


@dataclass(frozen=True, slots=True)
class Block:
    """``nodes`` are the graph nodes it stands for. ``row`` comes in (None for a source);
    ``rows`` leaves, by port: after push-down only the fields somebody uses."""

    id: str
    body: Body
    nodes: tuple[str, ...]
    row: Record | None
    rows: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Link:
    """``input`` is set where a table, the source, is read by the target: no record goes there."""

    source: str
    port: str
    target: str
    input: str = ""


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What accounting, dead letters and comments say of a node."""

    id: str
    kind: str
    place: str
    text: str
    errors: ErrorSet = frozenset()


@dataclass(frozen=True, slots=True)
class SettingDecl:
    """A variable that the running project reads once at start."""

    name: str
    variable: str
    type: Type
    default: str | None
    message: str | None
    secret: bool
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PassNote:
    """What an optimiser pass did, for ``build --explain``."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A pipeline ready to be printed.

    ``digest`` is a sha256 of what it was made from; ``packages`` are requirements beside
    msgspec; ``types`` are the user's named types, for the ``Ref`` of those that hold themselves;
    ``version`` is what the pipeline says, else empty.
    """

    name: str
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    nodes: tuple[NodeInfo, ...]
    settings: tuple[SettingDecl, ...]
    packages: tuple[str, ...]
    processors: tuple[ProcessorCode, ...]
    source_name: str
    digest: str
    notes: tuple[PassNote, ...] = ()
    types: Mapping[str, Type] = field(default_factory=dict)
    version: str = ""

    def block(self, id: str) -> Block:
        for block in self.blocks:
            if block.id == id:
                return block
        raise KeyError(id)
