"""A column of the dynamic type json that reaches a sink, under ``--strict``."""

from __future__ import annotations

from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.graph import NodeKind, TypedPipeline
from flowc.model.types import JSON, Field, ListType, MapType, Nullable, Record, Type, Union

DYNAMIC_COLUMN = declare("FC0402", "dynamic-column", "A column of type json reaches a sink")


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """json is allowed, and under --strict never silent."""
    if not context.strict:
        return
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        if node.kind is not NodeKind.SINK or known is None or known.row is None:
            continue
        for field in _fields(known.row):
            if _dynamic(field.type):
                context.reporter.warning(
                    DYNAMIC_COLUMN,
                    f"'{field.name}' reaches '{node.id}' as json: nothing is known of its values",
                    node.span,
                    labels=_origins(field),
                    notes=(
                        "declare its type at the source, or `cast` it; "
                        "--strict reports what it cannot check",
                    ),
                )


def _fields(row: Record) -> tuple[Field, ...]:
    """The fields of a row, those of a union's members included."""
    found = {field.name: field for field in row.fields}
    for variant in row.members.variants if row.members is not None else ():
        for field in variant.type.fields if isinstance(variant.type, Record) else ():
            found.setdefault(field.name, field)
    return tuple(found.values())


def _dynamic(type: Type) -> bool:
    stack = [type]
    while stack:
        here = stack.pop()
        if here == JSON:
            return True
        match here:
            case Nullable(inner=inner) | ListType(item=inner) | MapType(value=inner):
                stack.append(inner)
            case Record(fields=fields):
                stack.extend(field.type for field in fields)
            case Union(variants=variants):
                stack.extend(variant.type for variant in variants)
    return False


def _origins(field: Field) -> tuple[Label, ...]:
    return tuple(
        Label(origin.span, f"'{field.name}' {origin.verb}")
        for origin in field.origin
        if origin.span is not None
    )
