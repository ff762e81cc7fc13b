"""Records inside records that are to keep what their type does not name."""

from __future__ import annotations

from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.graph import TypedPipeline
from flowc.model.types import ListType, MapType, Nullable, Openness, Record, Type, Union
from flowc.types.show import show_name

OPEN_INSIDE = declare(
    "FC0454", "open-record-inside", "Only a whole record keeps fields that its type does not name"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """``...`` is for the record itself: what lies inside is read by its named fields alone."""
    told: set[str] = set()
    for node in typed.pipeline.order():
        known = typed.types.get(node.id)
        for row in known.ports.values() if known is not None else ():
            inside = [(field.name, field.type) for field in row.fields]
            if row.members is not None:
                inside += [(variant.tag, variant.type) for variant in row.members.variants]
            for name, type in inside:
                if name in told or not _open(type):
                    continue
                told.add(name)
                context.reporter.error(
                    OPEN_INSIDE,
                    f"`...` does not reach into `{show_name(name)}`: only the record itself keeps "
                    "fields that its type does not name",
                    node.span,
                    notes=("name the fields, or let the whole be `json`",),
                )


def _open(type: Type) -> bool:
    stack = [type]
    while stack:
        match stack.pop():
            case Record(openness=Openness.REST):
                return True
            case Record(fields=fields):
                stack.extend(field.type for field in fields)
            case Nullable(inner=inner) | ListType(item=inner) | MapType(value=inner):
                stack.append(inner)
            case Union(variants=variants):
                stack.extend(variant.type for variant in variants)
            case _:
                pass
    return False
