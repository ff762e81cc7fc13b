"""Fields whose names the records of a running pipeline cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.graph import NodeTypes, TypedPipeline
from flowc.model.types import ListType, MapType, Nullable, Record, Type, Union

UNKEEPABLE_NAME = declare(
    "FC0405",
    "unkeepable-field-name",
    "A field's name holds a character that no record can keep",
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """Records are read and written without looking at names again, so a name holds nothing
    that JSON would have to escape."""
    told: set[str] = set()
    for node in typed.pipeline.order():
        known = typed.types.get(node.id)
        if known is None:
            continue
        for name in _used_names(known):
            if name in told or not _is_unkeepable(name):
                continue
            told.add(name)
            context.reporter.error(
                UNKEEPABLE_NAME,
                f"the field {name!r} cannot be kept: its name holds a quote, a backslash or a "
                "control character",
                node.span,
                notes=("give it another name where it is made, or leave it out with `select`",),
            )


def _is_unkeepable(name: str) -> bool:
    return any(c in '"\\' or c < " " or "\ud800" <= c <= "\udfff" for c in name)


def _used_names(known: NodeTypes) -> Iterator[str]:
    """The names of all fields that are used of what comes into a node (of what a source
    gives)."""
    row = known.row if known.row is not None else known.ports.get("out")
    for path in sorted(known.used):
        here: Type | None = row
        for name in path:
            yield name
            field = here.field(name) if isinstance(here, Record) else None
            here = None if field is None else field.type
        if here is not None:
            yield from _names_in(here)


def _names_in(type: Type) -> Iterator[str]:
    match type:
        case Record(fields=fields):
            for field in fields:
                yield field.name
                yield from _names_in(field.type)
        case Nullable(inner=inner) | ListType(item=inner) | MapType(value=inner):
            yield from _names_in(inner)
        case Union(variants=variants):
            for variant in variants:
                yield from _names_in(variant.type)
        case _:
            pass
