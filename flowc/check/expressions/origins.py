"""How the columns in an expression came to their types."""

from __future__ import annotations

from flowc.model.diagnostic import Label
from flowc.model.typed import Column, Typed
from flowc.model.types import Field, Record, Type, strip_null


def origins(row: Record, *values: Typed) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    """The origin chains of the columns among the values: labels where a step has a place,
    notes where it has none."""
    labels: list[Label] = []
    notes: list[str] = []
    for value in values:
        field = _field_of(value, row)
        if field is None:
            continue
        for step in field.origin:
            text = f"`{field.name}` {step.verb}"
            if step.span is None:
                notes.append(text)
            elif step.span != value.span:
                labels.append(Label(step.span, text))
    return tuple(dict.fromkeys(labels)), tuple(dict.fromkeys(notes))


def _field_of(value: Typed, row: Record) -> Field | None:
    """The field behind a column: the innermost that says how it came about."""
    if not isinstance(value, Column):
        return None
    found: Field | None = None
    here: Type = row
    for name in value.path:
        record = strip_null(here)
        inner = record.field(name) if isinstance(record, Record) else None
        if inner is None:
            return found
        found = inner if inner.origin or found is None else found
        here = inner.type
    return found
