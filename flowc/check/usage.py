"""Which fields the unoptimised graph uses: backward over the edges.

What is used is what the boundary enforces, so it must not depend on optimiser passes: a
field that an expression reads counts as used even where its result is dropped later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowc.model.graph import Lineage, NodeKind, NodeTypes, Pipeline
from flowc.model.types import Nullable, Openness, Record

Paths = frozenset[tuple[str, ...]]


def with_usage(pipeline: Pipeline, types: Mapping[str, NodeTypes]) -> dict[str, NodeTypes]:
    """The node types with ``used`` filled in: paths of the incoming row (of a source: of
    its own record) that this node or one behind it uses."""
    found: dict[str, NodeTypes] = {}
    for node in reversed(pipeline.order()):
        known = types.get(node.id)
        if known is None:
            continue
        if node.kind is NodeKind.SINK:
            assert known.row is not None
            found[node.id] = replace(known, used=whole(known.row))
            continue
        wanted: Paths = frozenset()
        for edge in pipeline.out_of(node.id):
            behind = found.get(edge.target)
            wanted |= behind.used_of(edge.input) if behind else frozenset()
        row = known.row or known.ports["out"]
        found[node.id] = replace(
            known,
            used=_before(known.lineage, wanted, row),
            others_used={
                input: _before(known.lineage.of(input), wanted, row)
                for input, row in known.others.items()
            },
        )
    return {id: found[id] for id in types if id in found}


def _before(lineage: Lineage, wanted: Paths, row: Record) -> Paths:
    """The paths of an incoming row that are used where ``wanted`` of what leaves is."""
    origins = {lineage.back(path) for path in wanted}
    used = lineage.reads | frozenset(origin for origin in origins if origin is not None)
    return minimal(whole(row) | used if () in used else used)


def whole(row: Record) -> Paths:
    """All fields of a row."""
    return frozenset((name,) for name in row.names)


def minimal(paths: Paths) -> Paths:
    """The paths without those that lie inside another one."""
    return frozenset(
        path for path in paths if path and not any(path[:n] in paths for n in range(1, len(path)))
    )


def restrict(row: Record, paths: Paths) -> Record:
    """The record with only what the paths name, in the order of the record.

    A record that keeps what it does not name goes on whole: what is dropped from it must be
    known by name. So does a member of a union, which is known by its tag.
    """
    if row.openness is Openness.REST or row.members is not None:
        return row
    whole = {path[0] for path in paths if len(path) == 1}
    inside: dict[str, set[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) > 1:
            inside.setdefault(path[0], set()).add(path[1:])
    fields = []
    for field in row.fields:
        if field.name in whole:
            fields.append(field)
        elif field.name in inside:
            inner = field.type.inner if isinstance(field.type, Nullable) else field.type
            if not isinstance(inner, Record):
                fields.append(field)
                continue
            part = restrict(inner, frozenset(inside[field.name]))
            fields.append(
                replace(field, type=Nullable(part) if isinstance(field.type, Nullable) else part)
            )
    if len(fields) == len(row.fields) and tuple(fields) == row.fields:
        return row
    return row.with_fields(tuple(fields))
