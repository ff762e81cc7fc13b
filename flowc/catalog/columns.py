"""The columns of a new record: what ``select`` and ``map`` share."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.shared import (
    both,
    carried_column,
    is_reached,
    names_of,
    refuse_secrets,
    renamed_facts,
    stage_text,
    unique_names,
)
from flowc.catalog.spec import Assignment, CheckContext, LowerContext, Outcome
from flowc.diagnostics.codes import declare
from flowc.model.effects import NO_ERRORS, ErrorSet, Facts
from flowc.model.expr import Path
from flowc.model.graph import Lineage
from flowc.model.plan import Project, Step
from flowc.model.source import Span
from flowc.model.typed import Typed, columns, errors, is_deterministic
from flowc.model.types import POISON, Field, Openness, Origin, Record

NESTED_COLUMN = declare(
    "FC0361", "nested-column", "A column of a new record is named by a path into it"
)


def new_record(
    written: tuple[Assignment, ...], row: Record, facts: Facts, check: CheckContext, what: str
) -> Outcome:
    """A record of the columns written, in their order; every item sees the incoming row.

    A carried path keeps its presence. ``what`` is the stage's word, for messages.
    """
    fields: list[Field] = []
    values: list[tuple[str, Typed]] = []
    carried: dict[tuple[str, ...], tuple[str, ...]] = {}
    computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {}
    raised: ErrorSet = NO_ERRORS
    named: list[tuple[str, Span]] = []
    for item in written:
        name = _name(item, check)
        if name is None:
            continue
        named.append((name, item.span))
        path = item.value if item.carried and isinstance(item.value, Path) else None
        if path is not None and path.names is not None:
            found = check.field(path, row)
            field = replace(found, name=name) if found else Field(name, POISON)
            way = is_reached(path.names, row, check.types)
            value: Typed = replace(carried_column(path.names, field, item.span), reached=way)
            carried[(name,)] = path.names
        else:
            value = check.infer(item.value, row)
            refuse_secrets(value, check)
            origin = Origin(f"was made by `{stage_text(item.span)}`", item.span)
            field = Field(name, value.type, origin=(origin,))
            computed[(name,)] = columns(value)
            raised |= errors(value)
        fields.append(field)
        values.append((name, value))
    if not unique_names(named, check, what):
        first = {name: i for i, (name, _) in reversed(list(enumerate(values)))}
        keep = sorted(first.values())
        fields, values = [fields[i] for i in keep], [values[i] for i in keep]
    reads = frozenset[tuple[str, ...]]().union(*computed.values())
    kept = {way[0]: name[0] for name, way in carried.items() if len(way) == 1}
    random = frozenset((name,) for name, value in values if not is_deterministic(value))
    return Outcome(
        ports={"out": Record(tuple(fields), Openness.CLOSED)},
        facts=replace(renamed_facts(facts, kept), deterministic=both(facts, not random)),
        lineage=Lineage(reads=reads, carried=carried, computed=computed, rest=False, random=random),
        errors=raised,
        outcome=tuple(values),
    )


def lower_new_record(outcome: object, context: LowerContext) -> tuple[Step, ...]:
    """One projection onto the columns."""
    values: tuple[tuple[str, Typed], ...] = outcome  # type: ignore[assignment]
    return (Project(context.node.id, values, context.ports["out"]),)


def _name(item: Assignment, check: CheckContext) -> str | None:
    """The name of the column an item makes; reported where it is not one name."""
    names = names_of(item.path, check)
    if names is None or len(names) == 1:
        return None if names is None else names[0]
    inner = ".".join(names)
    check.reporter.error(
        NESTED_COLUMN,
        f"'{inner}' is no column of the new record: it would lie inside '{names[0]}'",
        item.path.span,
        notes=(f"make the record whole: `{names[0]} = {{{names[-1]}: …}}`",),
    )
    return None
