"""Whether the names in a written type exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import assert_never

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.source import Span
from flowc.model.types import (
    POISON,
    DecimalType,
    EnumType,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
    nullable,
)
from flowc.types.show import show
from flowc.types.words import CONSTRUCTORS, SCALARS, meant_by

UNKNOWN = declare("FC0351", "unknown-type", "A type has a name that nothing defines")


def names_in(type: Type) -> Iterator[str]:
    """The names that a type refers to, as often as it does."""
    match type:
        case Ref(name):
            yield name
        case ListType(inner) | MapType(inner) | Nullable(inner):
            yield from names_in(inner)
        case Record(fields):
            for field in fields:
                yield from names_in(field.type)
        case Union(_, variants):
            for variant in variants:
                yield from names_in(variant.type)
        case Scalar() | DecimalType() | EnumType() | NullType() | Never() | Poison():
            return
        case _:
            assert_never(type)


def check_names(
    type: Type, known: Collection[str], reporter: Reporter, span: Span | None = None
) -> Type:
    """The type with each name outside ``known`` reported and replaced by `POISON`.

    ``span`` is where the error goes for a name that carries no place of its own.
    """
    match type:
        case Ref(name):
            if name in known:
                return type
            return _unknown(type, known, reporter, span)
        case ListType(item):
            return ListType(check_names(item, known, reporter, span))
        case MapType(value):
            return MapType(check_names(value, known, reporter, span))
        case Nullable(inner):
            return nullable(check_names(inner, known, reporter, span))
        case Record(fields):
            checked = tuple(
                replace(field, type=check_names(field.type, known, reporter, span))
                for field in fields
            )
            return replace(type, fields=checked)
        case Union(_, variants):
            return replace(
                type,
                variants=tuple(
                    replace(variant, type=check_names(variant.type, known, reporter, span))
                    for variant in variants
                ),
            )
        case Scalar() | DecimalType() | EnumType() | NullType() | Never() | Poison():
            return type
        case _:
            assert_never(type)


def is_strange(name: str, known: Collection[str]) -> bool:
    """Whether a name is neither near a known one nor another language's word for a type."""
    return (
        name not in CONSTRUCTORS
        and meant_by(name) is None
        and not nearest(name, [*known, *SCALARS], 1)
    )


def _unknown(ref: Ref, known: Collection[str], reporter: Reporter, span: Span | None) -> Type:
    place = ref.span or span
    if ref.name in CONSTRUCTORS:
        reporter.error(
            UNKNOWN,
            f"`{ref.name}` is not complete",
            place,
            notes=(f"write what it holds: `{CONSTRUCTORS[ref.name]}`",),
            fixes=_fixes(place, f"{ref.name}<json>") if ref.name in ("list", "map") else (),
        )
        return POISON
    meant = meant_by(ref.name)
    if meant is not None and not any(name.casefold() == ref.name.casefold() for name in known):
        reporter.error(
            UNKNOWN,
            f"unknown type `{ref.name}`; it is called `{show(meant)}` here",
            place,
            fixes=_fixes(place, show(meant)),
        )
        return meant
    near = nearest(ref.name, [*known, *SCALARS])
    notes = [f"types of the project: {_listed(known)}"] if known else []
    if not near:
        notes.append(
            "define it under `types:` in a file `schemas/NAME.schema.yaml`, or write the"
            " record itself: `{id: int, name: string}`"
        )
    reporter.error(
        UNKNOWN,
        f"unknown type `{ref.name}`",
        place,
        at=f"did you mean `{near[0]}`?" if near else "",
        notes=notes,
        fixes=_fixes(place, near[0], Safety.UNSAFE) if near else (),
    )
    return POISON


def _listed(names: Collection[str], most: int = 8) -> str:
    shown = [f"`{name}`" for name in sorted(names)[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _fixes(place: Span | None, text: str, safety: Safety = Safety.SAFE) -> tuple[Fix, ...]:
    if place is None:
        return ()
    return (Fix(f"write `{text}`", (Edit(place, text),), safety),)
