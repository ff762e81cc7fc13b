"""``dedupe by id``: one record of each key."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from flowc.catalog.aggregates import is_plain
from flowc.catalog.foreign import listed
from flowc.catalog.grouping import Key, each, kept_until_end, keys_of, number_of, waited
from flowc.catalog.ordering import Arranged
from flowc.catalog.shared import both
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    ForeignStage,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.catalog.windows import NO_LENGTH, clock_of, micros_of, shown_duration, sorts_out
from flowc.model.effects import LATE_ERROR, NO_ERRORS, Facts, Held, Order, Truth
from flowc.model.expr import Literal
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime
from flowc.model.tree import Word
from flowc.model.typed import Typed, columns, errors, is_deterministic
from flowc.model.types import Openness, Record, strip_null

_ADVICE = "keys of a time only: `within 1h`, by the clock of the stream"


@dataclass(frozen=True, slots=True)
class Within:
    """How long keys are remembered, by a record's time: in microseconds, with the lag and idle of
    the clock (no lag: to the end of the input)."""

    time: Typed
    length: int
    lag: int | None
    idle: int | None

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """What the runtime is told."""
        return (self.length, self.lag, *((self.idle,) if self.idle is not None else ()))


@dataclass(frozen=True, slots=True)
class Unique:
    """What must be unique, the whole record without keys; and which record of each stays."""

    keys: tuple[Key, ...]
    last: bool
    within: Within | None = None


def _by(stage: ForeignStage) -> str | None:
    """``dedup a, b``, ``uniq -g a``, ``unique_by(.a)``, ``uniq``"""
    rest = re.sub(r"^(?:-g|by|1)\s+", "", stage.rest)
    return listed("dedupe by", rest) if rest and rest != "*" else "dedupe"


class Dedupe(Operator):
    name = "dedupe"
    kind = "state"
    summary = "passes one record of each key"
    doc = (
        "Of the records that are equal in what stands behind `by` the first passes, at once; "
        "with `keep last` the last one, at the end of the input. Null is a key like any other. "
        "Without `by` the whole record is the key. The keys are kept in memory. With `within D` "
        "only records are duplicates whose times, by the clock of the stream, are less than D from "
        "that of a first one: it is forgotten once the clock less its lag is D past it, and then "
        "the last one leaves where that is asked for. A record still further behind is a LateError."
    )
    form = "dedupe by id [within D] [keep first|last]"
    parameters = (
        Parameter("by", Form.COLUMNS, "what is to be unique", clause="by", required=False),
        Parameter(
            "keep",
            Form.WORD,
            "which record stays",
            clause="keep",
            required=False,
            choices=("first", "last"),
        ),
        Parameter("within", Form.DURATION, "for how long", clause="within", required=False),
    )
    spellings = ("dedup",)
    corrections = {
        "dedup": _by,
        "dedupe": _by,
        "uniq": _by,
        "unique": _by,
        "deduplicate": _by,
        "drop_duplicates": _by,
        "unique_by": _by,
        "uniq-by": _by,
    }
    alone = True
    examples = (
        OperatorExample(
            "The first of each id",
            "dedupe by id",
            '{"id": 1, "n": 1}\n{"id": 2, "n": 2}\n{"id": 1, "n": 3}',
            '{"id": 1, "n": 1}\n{"id": 2, "n": 2}',
        ),
        OperatorExample(
            "The last of each id",
            "dedupe by id keep last",
            '{"id": 1, "n": 1}\n{"id": 2, "n": 2}\n{"id": 1, "n": 3}',
            '{"id": 2, "n": 2}\n{"id": 1, "n": 3}',
        ),
        OperatorExample(
            "Whole records, lists in them included",
            "dedupe",
            '{"id": 1, "tags": ["a"]}\n{"id": 1, "tags": []}\n{"id": 1, "tags": ["a"]}',
            '{"id": 1, "tags": ["a"]}\n{"id": 1, "tags": []}',
        ),
        OperatorExample(
            "Again after an hour",
            "dedupe by id within 1h",
            '{"id": 1, "t": "2024-01-01T10:00:00Z"}\n{"id": 1, "t": "2024-01-01T10:59:00Z"}\n'
            '{"id": 1, "t": "2024-01-01T11:00:00Z"}',
            '{"id": 1, "t": "2024-01-01T10:00:00Z"}\n{"id": 1, "t": "2024-01-01T11:00:00Z"}',
            type="{id: int, t: timestamp} time t",
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        keys = keys_of(arguments.get("by") or (), row, check)
        keep: Word | None = arguments.get("keep")
        last = keep is not None and keep.text == "last"
        within = _within(arguments, row, facts, check)
        unique = tuple(key.way[0] for key in keys if key.way is not None and len(key.way) == 1)
        same = both(facts, all(is_deterministic(key.value) for key in keys))
        reads = frozenset[tuple[str, ...]]().union(*(columns(key.value) for key in keys))
        reads = reads or frozenset((name,) for name in row.names)
        raised = frozenset[str]().union(*(errors(key.value) for key in keys))
        if within is not None:
            reads |= columns(within.time)
            raised |= {LATE_ERROR} if within.lag is not None else NO_ERRORS
        proven = keys and len(unique) == len(keys) and "within" not in arguments
        return Outcome(
            ports={"out": row},
            facts=replace(
                facts,
                keys=facts.keys | {unique} if proven else facts.keys,
                time=waited(facts.time) if last and within is None else facts.time,
                deterministic=same if facts.order is Order.SOURCE else Truth.NO,
            ),
            lineage=Lineage(reads=reads),
            errors=raised,
            outcome=Unique(keys, last, within),
            held=(_held(keys, last, within, facts),),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Unique)
        row = context.row
        within = outcome.within
        values = [key.value for key in outcome.keys]
        arranged = Arranged.of(row, [*values, within.time] if within is not None else values)
        names = arranged.names[: len(values)]
        if not names and _is_plain(row):
            names = row.names
        which = "Last" if outcome.last else "First"
        state = CallRuntime(
            context.node.id,
            "state.dedupe",
            f"{which}OfEach",
            (names,),
            reads=names or row.names,
        )
        if within is not None:
            time = arranged.names[-1]
            sizes = [
                None if size is None else timedelta(microseconds=size) for size in within.sizes
            ]
            state = replace(
                state,
                name=f"{which}Within",
                arguments=(names, time, *sizes),
                reads=(*state.reads, *((time,) if time not in state.reads else ())),
                timed=within.idle is not None,
            )
        return arranged.around(state, context.ports["out"])


def _within(arguments: Arguments, row: Record, facts: Facts, check: CheckContext) -> Within | None:
    """For how long a key is remembered; None where it is for ever or it was reported."""
    written: Literal | None = arguments.get("within")
    if written is None:
        return None
    length = micros_of(written, row, check)
    if length <= 0:
        check.reporter.error(NO_LENGTH, "a key is remembered longer than nothing", written.span)
        return None
    time = clock_of("`within`", written.span, row, facts, check)
    if time is None or facts.time is None:
        return None
    closes = sorts_out(facts)
    return Within(
        time, length, facts.time.lag if closes else None, facts.time.idle if closes else None
    )


def _held(keys: tuple[Key, ...], last: bool, within: Within | None, facts: Facts) -> Held:
    grows = number_of(keys) if keys else "the number of different records"
    which = f"the last record of each {each(keys)}" if keys else "each different record"
    if within is not None and within.lag is not None:
        what = which if last else "the keys seen"
        lag = f" + lag {shown_duration(within.lag)}" if within.lag else ""
        return Held(what, until=f"let go {shown_duration(within.length)}{lag} behind the clock")
    if last:
        return kept_until_end(which, facts, grows, _ADVICE)
    return Held("the keys seen", grows=grows, ends=facts.bounded, advice=(_ADVICE,))


def _is_plain(row: Record) -> bool:
    """Whether a record is as its fields are, each a plain value that is always there."""
    return row.openness is not Openness.REST and all(
        is_plain(strip_null(field.type)) and not field.optional for field in row.fields
    )


OPERATOR = Dedupe()
