"""Hands on only the fields that somebody behind uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from flowc.check.usage import minimal, restrict
from flowc.model.plan import (
    Align,
    Block,
    CallProgram,
    CallRuntime,
    CallUser,
    Expand,
    Find,
    Fork,
    Hold,
    Keep,
    Merge,
    PassNote,
    Plan,
    Project,
    Pure,
    Read,
    Route,
    Step,
    Tabulate,
    Write,
)
from flowc.model.typed import Column, Typed, columns, errors
from flowc.model.types import Record, strip_null

Paths = frozenset[tuple[str, ...]]


def push_down(plan: Plan) -> Plan:
    """Each row between blocks keeps what is used behind it; columns that nobody uses are
    not made, unless making them can fail: errors do not depend on this pass.

    What a source decodes is left alone: that is what the boundary enforces.
    """
    uses: dict[str, Paths] = {}
    outs: dict[str, dict[str, Paths]] = {}
    # What a block reads of the records that it finds in each table.
    read: dict[str, dict[str, Paths]] = {}
    for block in reversed(plan.blocks):
        behind: dict[str, Paths] = dict.fromkeys(block.rows, frozenset())
        for link in plan.links:
            if link.source == block.id:
                found = read[link.target][block.id] if link.input else uses[link.target]
                behind[link.port] = behind[link.port] | found
        for port, row in block.rows.items():
            if row.members is not None:
                # Each member has a class of its own, with all of its fields.
                behind[port] = behind[port] | _all(row)
        outs[block.id] = behind
        if isinstance(block.body, Pure):
            read[block.id] = _tables(block.body, behind)
        uses[block.id] = minimal(_uses(block, behind))
    notes: list[PassNote] = []
    blocks = tuple(_pruned(block, uses[block.id], outs[block.id], notes) for block in plan.blocks)
    return replace(plan, blocks=blocks, notes=(*plan.notes, *notes))


def _all(row: Record) -> Paths:
    return frozenset((name,) for name in row.names)


def _uses(block: Block, behind: Mapping[str, Paths]) -> Paths:
    """What a block reads of its own row, given what is used of the rows it makes."""
    body = block.body
    everything = frozenset[tuple[str, ...]]().union(*behind.values())
    match body:
        case Read():
            return frozenset()
        case Write(record=record):
            return _all(record)
        case Pure(steps=steps):
            live = everything
            for step in reversed(steps):
                live = _before(step, live)
            return live
        case CallUser(processor=processor):
            return _all(processor.input)
        case CallProgram(takes=takes):
            return _all(takes)
        case Route(branches=branches):
            return everything.union(*(columns(test) for _, test in branches))
        case CallRuntime(reads=reads, makes=makes):
            own = frozenset((name,) for name in reads)
            return own if makes else own | everything
        case Tabulate(keys=keys, reads=reads):
            return everything | {(name,) for name in (*keys, *reads)}
        case Merge(clock=clock):
            return everything | {clock} if clock else everything
        case Fork() | Hold() | Align():
            return everything
        case _:
            assert_never(body)


def _tables(body: Pure, behind: Mapping[str, Paths]) -> dict[str, Paths]:
    """What is used of the records that the steps find, by table."""
    found: dict[str, Paths] = {}
    live = frozenset[tuple[str, ...]]().union(*behind.values())
    for step in reversed(body.steps):
        if isinstance(step, Find):
            asked = live if step.condition is None else live | columns(step.condition)
            rests = frozenset(_rests(step.name, asked))
            field = step.row.field(step.name)
            inner = strip_null(field.type) if field is not None else None
            if () in rests and isinstance(inner, Record):
                rests |= _all(inner)
            found[step.table] = minimal(found.get(step.table, frozenset()) | rests)
        live = _before(step, live)
    return found


def _before(step: Step, live: Paths) -> Paths:
    match step:
        case Keep(condition=condition):
            return live | columns(condition)
        case Project(columns=made):
            found: set[tuple[str, ...]] = set()
            for name, value in made:
                rests = _rests(name, live)
                if isinstance(value, Column):
                    found.update((*value.path, *rest) for rest in rests)
                elif rests or errors(value):
                    found |= columns(value)
            return frozenset(found)
        case Expand(items=items, name=name):
            return frozenset(path for path in live if path[0] != name) | columns(items)
        case Find(keys=keys, name=name, condition=condition):
            asked = live if condition is None else live | columns(condition)
            others = frozenset(path for path in asked if path[0] != name)
            return others.union(*map(columns, keys))
        case _:
            assert_never(step)


def _rests(name: str, live: Paths) -> list[tuple[str, ...]]:
    return [path[1:] for path in live if path[0] == name]


def _pruned(block: Block, used: Paths, behind: Mapping[str, Paths], notes: list[PassNote]) -> Block:
    if isinstance(block.body, Read):
        return block
    row = restrict(block.row, used) if block.row is not None else None
    rows = {port: restrict(made, behind[port]) for port, made in block.rows.items()}
    body = block.body
    if isinstance(body, CallProgram) or (isinstance(body, CallRuntime) and body.makes):
        rows = dict(block.rows)
    if isinstance(body, Tabulate) and not body.converts and row is not None:
        rows = {"out": row}
    if isinstance(body, Pure):
        live = frozenset[tuple[str, ...]]().union(*behind.values())
        kept: list[Step] = []
        for step in reversed(body.steps):
            kept.append(_live_columns(step, live))
            live = _before(step, live)
        body = Pure(tuple(reversed(kept)))
    if block.row is not None and row is not None and len(row.fields) < len(block.row.fields):
        gone = [name for name in block.row.names if name not in row.names]
        notes.append(PassNote("push_down", f"{block.id} does not read {', '.join(gone)}"))
    return replace(block, row=row, rows=rows, body=body)


def _live_columns(step: Step, live: Paths) -> Step:
    if not isinstance(step, Project):
        return step
    names = {path[0] for path in live}

    def stays(name: str, value: Typed) -> bool:
        return name in names or (not isinstance(value, Column) and bool(errors(value)))

    made = tuple((name, value) for name, value in step.columns if stays(name, value))
    if len(made) == len(step.columns):
        return step
    kept = {name for name, _ in made}
    row = step.row.with_fields(tuple(field for field in step.row.fields if field.name in kept))
    return replace(step, columns=made, row=row)
