"""What operators with memory have in common: keys, and states that must not grow for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowc.catalog.aggregates import is_plain
from flowc.catalog.shared import carried_column, names_of, stage_text
from flowc.catalog.spec import Assignment, CheckContext
from flowc.diagnostics.codes import declare
from flowc.model.effects import Clock, Facts, Held
from flowc.model.source import Span
from flowc.model.typed import Typed
from flowc.model.types import (
    BOOL,
    POISON,
    EnumType,
    Field,
    Origin,
    Poison,
    Record,
    Type,
    strip_null,
)
from flowc.types.show import label

UNFIT_KEY = declare("FC0382", "unfit-key", "Records cannot be grouped by values of this type")
NOT_YET = declare("FC0399", "not-supported-yet", "A form of the language that is not there yet")


#: What lets results leave before the end of the input.
ADVICE = "windows of time end: `over tumbling 1h`"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that records are grouped by. ``way`` is the field it is, where it is one."""

    field: Field
    value: Typed
    way: tuple[str, ...] | None
    span: Span


def keys_of(written: Sequence[Assignment], row: Record, check: CheckContext) -> tuple[Key, ...]:
    """What stands behind ``by``, typed; null is a key like any other."""
    found: list[Key] = []
    for item in written:
        names = names_of(item.path, check)
        if names is None:
            continue
        way = item.value.names if item.carried else None  # type: ignore[union-attr]
        if way is not None:
            known = check.field(item.value, row)  # type: ignore[arg-type]
            known = known or Field(way[-1], POISON)
            value: Typed = carried_column(way, known, item.span)
            field = replace(known, name=names[-1], type=value.type, optional=False)
        else:
            value = check.infer(item.value, row)
            origin = Origin(f"was made by `{stage_text(item.span)}`", item.span)
            field = Field(names[-1], value.type, origin=(origin,))
        groupable(value.type, item.span, check)
        found.append(Key(field, value, way, item.span))
    return tuple(found)


def groupable(type: Type, span: Span, check: CheckContext) -> bool:
    """Whether records can be grouped by values of a type; reported where they cannot."""
    kind = strip_null(type)
    if is_plain(kind) or isinstance(kind, Poison):
        return True
    check.reporter.error(
        UNFIT_KEY,
        f"records cannot be grouped by {label(kind)}",
        span,
        at=f"this is {label(kind)}",
        notes=("group by a field inside it, or by a text: `string(x)`",),
    )
    return False


def kept_until_end(what: str, facts: Facts, grows: str, *advice: str) -> Held:
    """A state out of which nothing comes before the end of the input."""
    return Held(what, grows=grows, ends=facts.bounded, waits=True, advice=advice)


def waited(time: Clock | None) -> Clock | None:
    """The clock of what waited for the end of its input: nothing can be late any more."""
    return None if time is None else replace(time, lag=0, idle=None)


def each(keys: Sequence[Key], *more: str) -> str:
    """What there is one of for each value of the keys: "`carrier`", "(`carrier`, `window`)"."""
    names = [f"`{name}`" for name in (*(key.field.name for key in keys), *more)]
    return f"({', '.join(names)})" if len(names) > 1 else "".join(names)


def number_of(keys: Sequence[Key]) -> str:
    """What grows with the values of keys; empty where a key can have but a few."""
    open = [key for key in keys if not _is_finite(key.value.type)]
    return f"the number of different {each(open)}" if open else ""


def _is_finite(type: Type) -> bool:
    kind = strip_null(type)
    return kind == BOOL or isinstance(kind, EnumType | Poison)


def not_yet(what: str, span: Span, check: CheckContext, *notes: str) -> None:
    """Report a form that parses and is not built."""
    check.reporter.error(NOT_YET, f"{what} is not supported yet", span, notes=notes)
