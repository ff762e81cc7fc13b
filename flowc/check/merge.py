"""Several edges into one node: their rows must agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.effects import Changes, Clock, Facts, Order, Truth
from flowc.model.graph import Node
from flowc.model.types import Field, Poison, Record, Type
from flowc.types.members import joined, row_of
from flowc.types.relate import explain, join
from flowc.types.resolve import Env
from flowc.types.show import label as record_label

ROWS_DISAGREE = declare(
    "FC0341", "merged-rows-disagree", "Streams that are merged have different record types"
)


def merge_rows(
    rows: Sequence[tuple[Node, Record]], at: Node, env: Env, reporter: Reporter
) -> Record:
    """The record type of several streams together: each field as wide as all of them need.

    Fields come in the order of the first stream. A field that one stream lacks, or has
    as another kind, is an error that names both streams.
    """
    first_node, merged = rows[0]
    for node, row in rows[1:]:
        together = _together(merged, row, env)
        if together is not None:
            merged = together
            continue
        difference = _difference(merged, row)
        if merged.members != row.members:
            difference = difference or "they are not members of one union"
        fields: list[Field] = []
        for field in merged.fields:
            other = row.field(field.name)
            if other is None:
                continue
            type = _joined(field.type, other.type, env)
            if type is None:
                difference = difference or f"'{field.name}' differs"
                continue
            fields.append(replace(field, type=type, optional=field.optional or other.optional))
        poisoned = any(isinstance(f.type, Poison) for f in (*merged.fields, *row.fields))
        if difference and not poisoned:
            mismatch = explain(row, merged, env) or explain(merged, row, env)
            reporter.error(
                ROWS_DISAGREE,
                f"the records of '{first_node.id}' and '{node.id}' differ: {difference}",
                at.span,
                at="both arrive here",
                labels=(
                    Label(first_node.span, f"gives {record_label(rows[0][1])}"),
                    Label(node.span, f"gives {record_label(row)}"),
                ),
                notes=(
                    *((mismatch.why,) if mismatch else ()),
                    "make the streams alike first: `select` the common fields, `cast` what differs",
                ),
            )
        if tuple(fields) != merged.fields:
            merged = merged.with_fields(tuple(fields))
    return merged


def _together(one: Record, other: Record, env: Env) -> Record | None:
    """The row of two streams whose records are members of unions; None for any others."""
    if one.members is None or other.members is None:
        return None
    union = joined(one.members, other.members, env)
    return None if union is None else row_of(union, env, one.span)


def _difference(one: Record, other: Record) -> str:
    missing = [name for name in one.names if name not in other.names]
    surplus = [name for name in other.names if name not in one.names]
    parts = []
    if missing:
        parts.append("the second lacks " + ", ".join(f"'{name}'" for name in missing[:4]))
    if surplus:
        parts.append("the first lacks " + ", ".join(f"'{name}'" for name in surplus[:4]))
    return " and ".join(parts)


def _joined(one: Type, other: Type, env: Env) -> Type | None:
    if isinstance(one, Poison) or isinstance(other, Poison):
        return one if isinstance(other, Poison) else other
    return join(one, other, env)


def merge_facts(facts: Sequence[Facts]) -> Facts:
    """What is known of several streams together."""
    if len(facts) == 1:
        return facts[0]
    bounded = _all(fact.bounded for fact in facts)
    changes = {fact.changes for fact in facts}
    clocks = {fact.time for fact in facts}
    return Facts(
        bounded=bounded,
        changes=changes.pop() if len(changes) == 1 else Changes.UNKNOWN,
        keys=frozenset(),
        time=_clock(clocks, bounded),
        order=Order.SOURCE if bounded is Truth.YES else Order.ARRIVAL,
        deterministic=_all(fact.deterministic for fact in facts)
        if bounded is Truth.YES
        else Truth.NO,
    )


def _clock(clocks: set[Clock | None], bounded: Truth) -> Clock | None:
    """The clock of merged streams: how far it is depends on the one that is furthest behind,
    so it is none where anything may come too late for it."""
    clock = clocks.pop() if len(clocks) == 1 else None
    return clock if clock is not None and bounded is Truth.YES and not clock.lag else None


def _all(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    if Truth.NO in found:
        return Truth.NO
    return Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.YES
