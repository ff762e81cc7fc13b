"""``dedupe by id``: one record of each key."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flowc.catalog.aggregates import is_plain
from flowc.catalog.foreign import listed
from flowc.catalog.grouping import Key, each, kept_until_end, keys_of, not_yet, number_of
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
from flowc.model.effects import Facts, Held, Order, Truth
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime
from flowc.model.tree import Word
from flowc.model.typed import columns, errors, is_deterministic
from flowc.model.types import Openness, Record, strip_null


@dataclass(frozen=True, slots=True)
class Unique:
    """What must be unique, the whole record without keys; and which record of each stays."""

    keys: tuple[Key, ...]
    last: bool


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
        "Without `by` the whole record is the key. The keys are kept in memory."
    )
    form = "dedupe by id [keep first|last]"
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
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        keys = keys_of(arguments.get("by") or (), row, check)
        keep: Word | None = arguments.get("keep")
        last = keep is not None and keep.text == "last"
        if "within" in arguments:
            not_yet("`within`", arguments.word.span, check)
        unique = tuple(key.way[0] for key in keys if key.way is not None and len(key.way) == 1)
        same = both(facts, all(is_deterministic(key.value) for key in keys))
        reads = frozenset[tuple[str, ...]]().union(*(columns(key.value) for key in keys))
        return Outcome(
            ports={"out": row},
            facts=replace(
                facts,
                keys=facts.keys | {unique} if keys and len(unique) == len(keys) else facts.keys,
                deterministic=same if facts.order is Order.SOURCE else Truth.NO,
            ),
            lineage=Lineage(reads=reads or frozenset((name,) for name in row.names)),
            errors=frozenset[str]().union(*(errors(key.value) for key in keys)),
            outcome=Unique(keys, last),
            held=(_held(keys, last, facts),),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Unique)
        row = context.row
        arranged = Arranged.of(row, [key.value for key in outcome.keys])
        names = arranged.names
        if not names and _is_plain(row):
            names = row.names
        state = CallRuntime(
            context.node.id,
            "state.dedupe",
            "LastOfEach" if outcome.last else "FirstOfEach",
            (names,),
            reads=names or row.names,
        )
        return arranged.around(state, context.ports["out"])


def _held(keys: tuple[Key, ...], last: bool, facts: Facts) -> Held:
    grows = number_of(keys) if keys else "the number of different records"
    if last:
        what = f"the last record of each {each(keys)}" if keys else "each different record"
        return kept_until_end(what, facts, grows)
    return Held("the keys seen", grows=grows, ends=facts.bounded)


def _is_plain(row: Record) -> bool:
    """Whether a record is as its fields are, each a plain value that is always there."""
    return row.openness is not Openness.REST and all(
        is_plain(strip_null(field.type)) and not field.optional for field in row.fields
    )


OPERATOR = Dedupe()
