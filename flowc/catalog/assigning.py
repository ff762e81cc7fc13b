"""Assignments over a row: what ``set`` and ``enrich`` share."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.shared import (
    NESTED_IN_NON_RECORD,
    both,
    carried_column,
    names_of,
    refuse_secrets,
    stage_text,
    without_key,
)
from flowc.catalog.spec import Assignment, CheckContext, LowerContext, Outcome
from flowc.model.effects import NO_ERRORS, ErrorSet, Facts
from flowc.model.graph import Lineage
from flowc.model.plan import Project, Step
from flowc.model.source import Span
from flowc.model.typed import Column, MakeRecord, Typed, columns, errors, is_deterministic
from flowc.model.types import POISON, Field, Origin, Poison, Record, Type


@dataclass(frozen=True, slots=True)
class Assigned:
    """One assignment, typed: the top-level column it makes and the row behind it."""

    name: str
    value: Typed
    row: Record


def assign(
    assignments: tuple[Assignment, ...], row: Record, facts: Facts, check: CheckContext
) -> Outcome:
    """Left to right, later see earlier. New fields come last, replaced keep their place."""
    made: list[Assigned] = []
    reads: set[tuple[str, ...]] = set()
    computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {}
    raised: ErrorSet = NO_ERRORS
    random: set[tuple[str, ...]] = set()
    now = row
    for assignment in assignments:
        names = names_of(assignment.path, check)
        if names is None:
            continue
        value = check.infer(assignment.value, now)
        refuse_secrets(value, check)
        field = _made_field(names[-1], value.type, assignment.span)
        sources = _incoming(columns(value), computed)
        top, whole = place(names, field, value, now, assignment.path.span, check)
        # The other fields of a record that is made anew are read, too.
        reads |= sources | _incoming(columns(whole), computed)
        computed[names] = sources
        raised |= errors(value)
        if not is_deterministic(value):
            random.add(names)
        now = with_field(now, top)
        made.append(Assigned(names[0], whole, now))
    changed = frozenset(assigned.name for assigned in made)
    return Outcome(
        ports={"out": now},
        facts=replace(without_key(facts, changed), deterministic=both(facts, not random)),
        lineage=Lineage(reads=frozenset(reads), computed=computed, random=frozenset(random)),
        errors=raised,
        outcome=tuple(made),
    )


def lower_assigned(outcome: object, context: LowerContext) -> tuple[Step, ...]:
    """One projection an assignment, each over the columns that the one before made."""
    made: tuple[Assigned, ...] = outcome  # type: ignore[assignment]
    steps: list[Step] = []
    for assigned in made:
        fields = tuple(
            (
                field.name,
                assigned.value
                if field.name == assigned.name
                else Column((field.name,), field.type, present=not field.optional),
            )
            for field in assigned.row.fields
        )
        steps.append(Project(context.node.id, fields, assigned.row))
    return tuple(steps)


def _made_field(name: str, type: Type, span: Span) -> Field:
    return Field(name, type, origin=(Origin(f"was made by `{stage_text(span)}`", span),))


def _incoming(
    paths: frozenset[tuple[str, ...]],
    computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]],
) -> frozenset[tuple[str, ...]]:
    """The paths of the incoming row behind paths of the row as it is now."""
    found: set[tuple[str, ...]] = set()
    for path in paths:
        behind = next(
            (computed[path[:n]] for n in range(len(path), 0, -1) if path[:n] in computed), None
        )
        if behind is None:
            found.add(path)
        else:
            found |= behind
    return frozenset(found)


def with_field(row: Record, field: Field) -> Record:
    """The record with a field in the place of that name, or last."""
    fields = tuple(field if old.name == field.name else old for old in row.fields)
    if row.field(field.name) is None:
        fields = (*fields, field)
    return row.with_fields(fields)


def place(
    names: tuple[str, ...],
    field: Field,
    value: Typed,
    row: Record,
    span: Span,
    check: CheckContext,
) -> tuple[Field, Typed]:
    """The top-level field that an assignment to ``names`` makes, and its value.

    ``a.b = e`` makes ``a`` anew with ``b`` in it; an ``a`` that does not exist is made.
    """
    return _nest(names, 0, field, value, row.field(names[0]), span, check)


def _nest(
    names: tuple[str, ...],
    depth: int,
    field: Field,
    value: Typed,
    here: Field | None,
    span: Span,
    check: CheckContext,
) -> tuple[Field, Typed]:
    if depth == len(names) - 1:
        return field, value
    if here is None:
        inner: Record = Record(())
    elif isinstance(here.type, Record) and not here.optional:
        inner = here.type
    elif isinstance(here.type, Poison):
        return replace(here, optional=False), value
    else:
        check.reporter.error(
            NESTED_IN_NON_RECORD,
            f"'{'.'.join(names[: depth + 1])}' is not always a record, so nothing can be set "
            "inside it",
            span,
            notes=("set the whole field, or keep only the records that have it first",),
        )
        return Field(names[depth], POISON), value
    child, made = _nest(names, depth + 1, field, value, inner.field(names[depth + 1]), span, check)
    record = with_field(inner, child)
    way = names[: depth + 1]
    parts: list[tuple[str, Typed]] = []
    for part in record.fields:
        if part.name == child.name:
            parts.append((part.name, made))
        else:
            parts.append(
                (part.name, replace(carried_column((*way, part.name), part), reached=True))
            )
    return (
        Field(names[depth], record, origin=field.origin),
        MakeRecord(tuple(parts), record, span),
    )
