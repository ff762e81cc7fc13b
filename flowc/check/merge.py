"""Several edges into one node: their rows must agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from flowc.catalog.windows import sorts_out
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.effects import LATE_ERROR, Changes, Clock, Facts, Held, Order, Truth
from flowc.model.graph import Node, NodeTypes, Pipeline
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
    return Facts(
        bounded=bounded,
        changes=changes.pop() if len(changes) == 1 else Changes.UNKNOWN,
        keys=frozenset(),
        time=_clock(facts),
        order=Order.SOURCE if bounded is Truth.YES else Order.ARRIVAL,
        deterministic=_all(fact.deterministic for fact in facts)
        if bounded is Truth.YES
        else Truth.NO,
    )


def _clock(facts: Sequence[Facts]) -> Clock | None:
    """The clock of merged streams: one field, and the longest lag. Silence counts where each
    stream that may go on for ever says so."""
    clocks = [fact.time for fact in facts if fact.time is not None]
    if not clocks:
        return None
    first = clocks[0]
    apart = tuple(fact.time.field if fact.time is not None else None for fact in facts)
    if len(set(apart)) > 1:
        return Clock(first.field, kept=False, apart=tuple(dict.fromkeys(apart)))
    going = [fact.time for fact in facts if fact.bounded is not Truth.YES] or clocks
    idles = [None if clock is None else clock.idle for clock in going]
    known = [idle for idle in idles if idle is not None]
    return Clock(
        first.field,
        max(clock.lag for clock in clocks),
        max(known) if len(known) == len(idles) else None,
        all(clock.kept for clock in clocks),
        next((clock.apart for clock in clocks if clock.apart), ()),
    )


def merged_clocks(
    pipeline: Pipeline, types: Mapping[str, NodeTypes], node: Node
) -> tuple[Clock, ...]:
    """The clocks of the streams that come together before a node, in their order, where they are
    merged by them: a node behind tells by the clock which records are late. Else none."""
    edges = pipeline.arriving(node.id, "")
    if len(edges) < 2 or any(edge.source not in types for edge in edges):
        return ()
    facts = [types[edge.source].facts for edge in edges]
    merged = merge_facts(facts)
    if merged.time is None or not merged.time.kept or not sorts_out(merged):
        return ()
    if not _finds_late(pipeline, types, node.id):
        return ()
    return tuple(fact.time for fact in facts if fact.time is not None)


def _finds_late(pipeline: Pipeline, types: Mapping[str, NodeTypes], start: str) -> bool:
    """Whether a node, or one that its records come to, can find a record late."""
    waiting, seen = [start], {start}
    while waiting:
        here = waiting.pop()
        if here in types and LATE_ERROR in types[here].errors:
            return True
        for edge in pipeline.out_of(here):
            if not edge.input and edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return False


def with_waiting(pipeline: Pipeline, types: Mapping[str, NodeTypes]) -> dict[str, NodeTypes]:
    """The types with what waits in merges by clocks."""
    waits = Held("the records that are ahead of another stream", until="let go once that is as far")
    return {
        id: replace(known, held=(waits, *known.held))
        if merged_clocks(pipeline, types, pipeline.node(id))
        else known
        for id, known in types.items()
    }


def _all(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    if Truth.NO in found:
        return Truth.NO
    return Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.YES
