"""Which records of a table belong to a record: the conditions behind ``on``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowc.catalog.conditions import ConditionReader
from flowc.catalog.grouping import not_yet
from flowc.catalog.inputs import Arriving, Finding, Stream, Table
from flowc.catalog.ordering import Arranged, By, carried_columns
from flowc.catalog.shared import names_of, stage_text, taken
from flowc.catalog.spec import Arguments, CheckContext, Form, LowerContext, Outcome, Parameter
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.effects import Facts, Held, Order, Truth
from flowc.model.expr import Path
from flowc.model.graph import EndpointBinding, Lineage, NodeKind
from flowc.model.plan import Find, Project, Step, Tabulate
from flowc.model.source import Span
from flowc.model.typed import Column, Typed, columns, errors, is_deterministic
from flowc.model.types import POISON, Field, Openness, Origin, Record, nullable
from flowc.types.show import show_name

SEVERAL_MATCHES = declare(
    "FC0415", "several-matches", "A record may have several matches, and nothing says which one"
)
ONE_OR_ALL = declare("FC0416", "first-and-all", "A match is the first one or each of them")

UNNAMED_MATCH = declare("FC0417", "unnamed-match", "What was found has no name")
CLASH = declare(
    "FC0418", "enriched-field-exists", "A table has a field that the record already has"
)

Paths = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Match:
    """How records of a table are found, typed.

    ``name`` is the field of the row in which a match stands, ``table`` its record. ``left`` reads
    the row, ``right`` and ``orders`` the table, ``condition`` the row with the match in it.
    ``called`` is the table's name in code, ``shown`` in messages. ``unique``: a key has one record
    at most. ``many``: one record for each match.
    """

    name: str
    called: str
    shown: str
    table: Record
    left: tuple[Typed, ...]
    right: tuple[Typed, ...]
    condition: Typed | None
    orders: tuple[By, ...]
    unique: bool
    many: bool

    @property
    def several(self) -> bool:
        """Whether the table keeps a list of records for each key."""
        return self.many or (not self.unique and self.condition is not None)

    @property
    def reads(self) -> Paths:
        """What is read of the row."""
        asked = frozenset[tuple[str, ...]]() if self.condition is None else columns(self.condition)
        others = frozenset(path for path in asked if path[0] != self.name)
        return others.union(*map(columns, self.left))

    @property
    def table_reads(self) -> Paths:
        """What is read of the table."""
        asked = frozenset[tuple[str, ...]]() if self.condition is None else columns(self.condition)
        inside = frozenset(path[1:] for path in asked if path[0] == self.name)
        return inside.union(*map(columns, (*self.right, *(order.value for order in self.orders))))

    @property
    def errors(self) -> frozenset[str]:
        """What finding can raise."""
        return frozenset[str]().union(*map(errors, self._values))

    @property
    def _values(self) -> tuple[Typed, ...]:
        condition = () if self.condition is None else (self.condition,)
        return (*self.left, *self.right, *condition, *(order.value for order in self.orders))

    def facts(self, facts: Facts, table: Facts) -> Facts:
        """What is known of the records that leave: ``facts`` is known of those that come in."""
        same = all(map(is_deterministic, self._values))
        # Which of several is found, or their order, depends on that of the table.
        ordered = self.unique or table.order is Order.SOURCE
        known = {facts.deterministic, table.deterministic, Truth.YES if same else Truth.NO}
        known.add(Truth.YES if ordered else Truth.NO)
        deterministic = Truth.YES
        if len(known) > 1:
            deterministic = Truth.NO if Truth.NO in known else Truth.UNKNOWN
        keys = frozenset[tuple[str, ...]]() if self.many else facts.keys
        return replace(facts, keys=keys, deterministic=deterministic)

    def held(self, table: Facts) -> Held:
        """The table, as what is kept."""
        if self.unique or self.several:
            return Held(f"as many records as {self.shown} has", ends=table.bounded)
        return Held(f"one record of {self.shown} for each key", ends=table.bounded)

    def lower(self, context: LowerContext, *, keep: bool, steps: Sequence[Step] = ()) -> Finding:
        """The table, and the step that finds records in it, with ``steps`` behind it.

        ``keep``: a record without a match goes on.
        """
        node = context.node.id
        values = [*self.right, *(order.value for order in self.orders)]
        arranged = Arranged.of(self.table, values)
        keys = arranged.names[: len(self.right)]
        ordered = arranged.names[len(self.right) :]
        orders = tuple(
            (name, order.descending, order.nulls_first)
            for name, order in zip(ordered, self.orders, strict=True)
        )
        arguments: dict[str, object] = {"label": self.shown}
        if orders:
            arguments["orders"] = orders
        made = tuple(Field(name, value.type) for name, value in arranged.made)
        takes = self.table.with_fields((*self.table.fields, *made)) if made else self.table
        before: tuple[Step, ...] = ()
        if made or context.inputs["table"].openness is Openness.REST:
            before = (Project(node, (*carried_columns(self.table), *arranged.made), takes),)
        kind = "FirstTable"
        if self.several:
            kind = "ListTable"
        elif self.unique:
            kind = "UniqueTable"
        state = Tabulate(
            node,
            "state.tables",
            kind,
            keys,
            self.called,
            arguments,
            reads=ordered,
            converts=bool(made),
        )
        found = Field(self.name, nullable(self.table) if keep else self.table)
        find = Find(
            node,
            "table",
            self.left,
            self.name,
            self.condition,
            self.many,
            self.several,
            keep,
            context.row.with_fields((*context.row.fields, found)),
        )
        return Finding({"table": Table(state, takes, self.table, before)}, (find, *steps))


def match_of(
    arguments: Arguments, name: str, row: Record, check: CheckContext, *, inside: bool
) -> Match | None:
    """What is written behind ``on``, with ``first`` and ``all``; None after a report.

    Args:
        name: the field of the row in which the match stands.
        inside: the fields of the table are read as ``name.field``; else by their own names.
    """
    arriving = check.inputs["table"]
    stream: Stream = arguments.get("table")
    if arriving.facts.bounded is Truth.NO:
        not_yet(
            f"`{arguments.word.text}` with a stream that does not end",
            stream.span,
            check,
            "a table is read whole before anything is looked up in it",
        )
        return None
    if arriving.row.members is not None:
        not_yet(
            "a table whose records are of several kinds",
            stream.span,
            check,
            "`select` what all of them have, or keep those of one kind",
        )
        return None
    table = replace(arriving.row, openness=Openness.CLOSED)
    reader = ConditionReader(arguments, name, stream, row, table, check, inside)
    conditions = reader.conditions(arguments.get("on"))
    both = {"first", "all"} <= arguments.values.keys()
    if both:
        check.reporter.error(
            ONE_OR_ALL,
            f"`{arguments.word.text}` takes `first` or `all`, not both",
            arguments.span,
            notes=("`first` finds one match; `all` gives a record for each match",),
        )
    orders = reader.orders(arguments.get("first") or ())
    if conditions is None or orders is None or both:
        return None
    many, first = "all" in arguments, "first" in arguments
    match = Match(
        name,
        stream.name or name,
        arriving.shown,
        table,
        tuple(pair.left for pair in conditions.pairs),
        tuple(pair.right for pair in conditions.pairs),
        conditions.rest,
        orders,
        unique=not first and not many,
        many=many,
    )
    if match.unique and not _is_proven(match.right, arriving.facts):
        _several(arguments, match, arriving, check)
        return None
    return match


def _is_proven(right: Sequence[Typed], facts: Facts) -> bool:
    """Whether no two records of the table have one key."""
    names = {value.path[0] for value in right if isinstance(value, Column) and len(value.path) == 1}
    return any(names.issuperset(key) for key in facts.keys)


def _said_of(source: Span, text: str, stage: Span) -> Edit:
    """What puts a text behind a source, in its quotes where it stands in a stage."""
    inside = stage.source is source.source and stage.start <= source.start <= stage.end
    if inside and source.source.text[source.start - 1] not in "\"'":
        return Edit(source, f'"{source.text}{text}"')
    return Edit(source.at_end(), text)


def _several(arguments: Arguments, match: Match, arriving: Arriving, check: CheckContext) -> None:
    names = [value.path[-1] if isinstance(value, Column) else "" for value in match.right]
    plain = all(isinstance(value, Column) and len(value.path) == 1 for value in match.right)
    key = ", ".join(map(show_name, names))
    others = (name for name in match.table.names if name not in names)
    order = show_name(next(others, match.table.names[0]))
    span = arguments.span
    fixes: list[Fix] = []
    source = arriving.source
    notes = [
        "a second match would be lost, or would double the record: say which it is",
        f"`first` finds the first match, `first {order} desc` that of an order, "
        "`all` gives a record for each match",
    ]
    if plain:
        notes.insert(1, f"`key {key}` behind the source says that it is unique; the run checks it")
    if plain and source is not None and source.kind is NodeKind.SOURCE:
        binding = source.binding
        if isinstance(binding, EndpointBinding) and not binding.keys and binding.clock is None:
            edit = _said_of(source.span, f" key {key}", span)
            fixes.append(Fix(f"say that {key} is unique: `key {key}`", (edit,), Safety.UNSAFE))
    one_line = re.match(rf"{re.escape(arguments.word.text)}[ \t]+\S", span.text)
    if one_line and "\n" not in span.text:
        fixes += [
            Fix(f"{what}: `{word}`", (Edit(span.at_end(), f" {word}"),), Safety.UNSAFE)
            for word, what in (("first", "take the first match"), ("all", "take every match"))
        ]
    known = sorted(arriving.facts.keys)
    if known:
        more = [name for name in known[0] if name not in names]
        notes.append(
            f"{match.shown} is unique by {', '.join(known[0])}: "
            + (f"compare {', '.join(more)}, too" if plain and more else "compare that")
        )
    what = key if plain else "key"
    check.reporter.error(
        SEVERAL_MATCHES,
        f"{match.shown} may have several records of one {what}",
        arguments.word.span,
        at="which of them?",
        notes=notes,
        fixes=fixes,
    )


def lineage(match: Match, carried: dict[tuple[str, ...], tuple[str, ...]]) -> Lineage:
    """Where fields come from: those that ``carried`` names, of the table; the rest, of the row."""
    return Lineage(
        reads=match.reads,
        computed=dict.fromkeys(carried, match.reads),
        others={"table": Lineage(reads=match.table_reads, carried=carried, rest=False)},
    )


def parameters(*, required: bool = True, bare: bool = True) -> tuple[Parameter, ...]:
    """What the operators that find records in a table take.

    ``bare``: the table's name may stand without ``from``.
    """
    return (
        Parameter(
            "table",
            Form.STREAM,
            "a stream with an end: a name, or a file or URI in quotes",
            clause="from",
            required=required,
            bare=bare,
        ),
        Parameter("as", Form.ALIAS, "what a match is called", required=False),
        Parameter(
            "on",
            Form.CONDITIONS,
            "what must be true of a match: at least one equality",
            clause="on",
            required=required,
        ),
        Parameter(
            "first",
            Form.ORDER,
            "that the first match is enough, in an order or as they come",
            clause="first",
            required=False,
            empty=True,
        ),
        Parameter(
            "all", Form.FLAG, "that there is a record for each match", clause="all", required=False
        ),
    )


def infer_nested(
    arguments: Arguments, row: Record, facts: Facts, check: CheckContext, *, keep: bool
) -> Outcome:
    """The type rule of ``lookup`` and ``join``: the match as a field of the record."""
    name, span = _name(arguments, row, check)
    match = None
    if name is not None:
        match = match_of(arguments, name, row, check, inside=True)
        if taken(name, row, span, check, arguments.word.text):
            match = None
    if match is None or name is None:
        unknown = Field(name or "match", POISON)
        return Outcome(ports={"out": row.with_fields((*row.fields, unknown))}, facts=facts)
    arriving = check.inputs["table"]
    text = stage_text(arguments.span)
    field = Field(
        name,
        nullable(match.table) if keep else match.table,
        origin=(Origin(f"was made by `{text}`", arguments.span),),
    )
    return Outcome(
        ports={"out": row.with_fields((*row.fields, field))},
        facts=match.facts(facts, arriving.facts),
        lineage=lineage(match, {(name,): ()}),
        errors=match.errors,
        outcome=match,
        held=(match.held(arriving.facts),),
    )


def _name(arguments: Arguments, row: Record, check: CheckContext) -> tuple[str | None, Span]:
    """The field of a match: the name behind ``as``, else that of the stream."""
    written: Path | None = arguments.get("as")
    stream: Stream = arguments.get("table")
    if written is not None:
        names = names_of(written, check)
        return (names[-1] if names else None), written.span
    if stream.name:
        return stream.name, stream.span
    check.reporter.error(
        UNNAMED_MATCH,
        f"`{arguments.word.text}` needs a name for what it finds",
        stream.span,
        notes=(f"write it behind `as`: form: `{arguments.word.text} TABLE as a on b == a.c`",),
    )
    return None, stream.span


@dataclass(frozen=True, slots=True)
class Enriched:
    """A match whose fields, ``added``, become fields of the record."""

    match: Match
    added: tuple[Field, ...]

    def lower(self, context: LowerContext) -> Finding:
        """The table, the step that finds records in it, and the one that takes them apart."""
        columns = (
            *carried_columns(context.row),
            *(
                (field.name, Column((self.match.name, field.name), nullable(field.type), False))
                for field in self.added
            ),
        )
        project = Project(context.node.id, columns, context.ports["out"])
        return self.match.lower(context, keep=True, steps=(project,))


def infer_fields(arguments: Arguments, row: Record, facts: Facts, check: CheckContext) -> Outcome:
    """The type rule of ``enrich from``: the fields of the match as fields of the record."""
    written: Path | None = arguments.get("as")
    names = names_of(written, check) if written is not None else None
    if names is not None and written is not None:
        name, inside = names[-1], True
        unfit = taken(name, row, written.span, check, arguments.word.text)
    else:
        name, inside, unfit = "match", False, False
        while row.field(name) is not None:
            name += "_"
    match = match_of(arguments, name, row, check, inside=inside)
    if match is None or unfit:
        unknown = tuple(
            Field(field.name, POISON)
            for field in check.inputs["table"].row.fields
            if row.field(field.name) is None
        )
        return Outcome(ports={"out": row.with_fields((*row.fields, *unknown))}, facts=facts)
    arriving = check.inputs["table"]
    same = {
        left.path[0]
        for left, right in zip(match.left, match.right, strict=True)
        if isinstance(left, Column) and isinstance(right, Column) and left.path == right.path
    }
    added = tuple(field for field in match.table.fields if field.name not in same)
    if not _are_free(added, row, arguments, check):
        added = tuple(field for field in added if row.field(field.name) is None)
    made = tuple(replace(field, type=nullable(field.type), optional=False) for field in added)
    return Outcome(
        ports={"out": row.with_fields((*row.fields, *made))},
        facts=match.facts(facts, arriving.facts),
        lineage=lineage(match, {(field.name,): (field.name,) for field in added}),
        errors=match.errors,
        outcome=Enriched(match, added),
        held=(match.held(arriving.facts),),
    )


def _are_free(
    added: tuple[Field, ...], row: Record, arguments: Arguments, check: CheckContext
) -> bool:
    """Whether the record has none of these fields; reported where it has."""
    clashes = [field.name for field in added if row.field(field.name) is not None]
    if not clashes:
        return True
    stream: Stream = arguments.get("table")
    called = ", ".join(f"'{name}'" for name in clashes)
    prefix = stream.name or "table"
    renamed = ", ".join(f"{prefix}_{name} = {name}" for name in clashes)
    check.reporter.error(
        CLASH,
        f"the record and {check.inputs['table'].shown} both have {called}",
        stream.span,
        notes=(
            "rename it in the table: "
            f"`let {prefix} = {stream.endpoint.span.text} | rename {renamed}`",
            f"or keep the match apart: `lookup … as {prefix} on …` reads `{prefix}.{clashes[0]}`",
        ),
    )
    return False
