"""``drop a, b.c``: leave fields out."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.foreign import by_name
from flowc.catalog.shared import names_of, without_key
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts
from flowc.model.expr import Path
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.typed import Column, MakeRecord, Typed
from flowc.model.types import Nullable, Record, Type, nullable

NOTHING_LEFT = declare("FC0334", "empty-record", "A stage leaves a record without fields")
DROP_INSIDE_NULLABLE = declare(
    "FC0335", "drop-inside-non-record", "A field is dropped inside something that is not a record"
)


class Drop(Operator):
    name = "drop"
    kind = "shape"
    summary = "leaves fields out"
    doc = (
        "The other fields stay as they are, in their order. `b.c` leaves a field of the "
        "record `b` out."
    )
    form = "drop a, b.c"
    parameters = (Parameter("fields", Form.PATHS, "the fields to leave out"),)
    spellings = ("project-away", "reject")
    corrections = {
        "remove": by_name("drop"),
        "except": by_name("drop"),
        "exclude": by_name("drop"),
        "del": by_name("drop"),
        "delete": by_name("drop"),
        "drop": by_name("drop"),
    }
    examples = (
        OperatorExample(
            "Two fields less",
            "drop note, customer.phone",
            '{"id": 1, "note": "x", "customer": {"city": "Bonn", "phone": "1"}}',
            '{"id": 1, "customer": {"city": "Bonn"}}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        paths: tuple[Path, ...] = arguments.get("fields")
        now = row
        gone: set[str] = set()
        for path in paths:
            names = names_of(path, check)
            if names is None or check.field(path, now) is None:
                continue
            now = _without(now, names, path, check)
            gone.add(names[0])
        if not now.fields and row.fields:
            check.reporter.error(
                NOTHING_LEFT,
                f"`{arguments.word.text}` leaves no field",
                arguments.span,
                notes=("keep at least one field",),
            )
        return Outcome(
            ports={"out": now},
            facts=without_key(facts, frozenset(gone)),
            lineage=Lineage(),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        row = context.ports["out"]
        columns = tuple(
            (field.name, _kept((field.name,), field.type, before.type, field.optional))
            for field in row.fields
            if (before := context.row.field(field.name)) is not None
        )
        return (Project(context.node.id, columns, row),)


def _without(row: Record, names: tuple[str, ...], path: Path, check: CheckContext) -> Record:
    here = row.field(names[0])
    if here is None:
        return row
    if len(names) == 1:
        return row.with_fields(tuple(f for f in row.fields if f.name != names[0]))
    if not isinstance(here.type, Record) or here.optional:
        check.reporter.error(
            DROP_INSIDE_NULLABLE,
            f"'{names[0]}' is not always a record, so no field of it can be dropped",
            path.span,
            notes=("drop the whole field, or keep only the records that have it first",),
        )
        return row
    inner = _without(here.type, names[1:], path, check)
    return row.with_fields(
        tuple(replace(f, type=inner) if f.name == here.name else f for f in row.fields)
    )


def _kept(way: tuple[str, ...], after: Type, before: Type, optional: bool) -> Typed:
    """The value of a field that stays: as it was, or its record made anew without a field."""
    if after == before or not isinstance(after, Record) or isinstance(before, Nullable):
        kind = nullable(after) if optional else after
        return Column(way, kind, present=not optional, reached=True)
    assert isinstance(before, Record)
    parts = tuple(
        (field.name, _kept((*way, field.name), field.type, old.type, field.optional))
        for field in after.fields
        if (old := before.field(field.name)) is not None
    )
    return MakeRecord(parts, after)


OPERATOR = Drop()
