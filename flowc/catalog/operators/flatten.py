"""``flatten address [with "_"]``: the fields of a nested record at the top."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.shared import names_of, stage_text, taken, without_key
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
from flowc.model.expr import Literal, Path, Template
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.typed import Column, Typed
from flowc.model.types import JSON, Field, Poison, Record, may_be_null, nullable, strip_null
from flowc.types.show import label

NOT_A_RECORD = declare("FC0365", "flatten-non-record", "What is flattened is not a record")
NESTED_FLATTEN = declare(
    "FC0366", "nested-flatten", "`flatten` is for the fields of the record itself"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A field that comes to the top, and the path it is carried from."""

    field: Field
    way: tuple[str, ...]


class Flatten(Operator):
    name = "flatten"
    kind = "shape"
    summary = "brings the fields of a nested record to the top"
    doc = (
        "The fields take the place of the record, each called by the record's name, the "
        'separator (`"_"` unless `with` says another) and its own name. A record that may be '
        "null or absent gives fields that are null then. One level is flattened: a record "
        'inside it stays one, and can be flattened by another stage. `with ""` joins the '
        "names without a separator."
    )
    form = 'flatten a, b [with "_"]'
    parameters = (
        Parameter("fields", Form.PATHS, "the nested records"),
        Parameter(
            "with", Form.TEXT, "what stands between the names", clause="with", required=False
        ),
    )
    corrections = {"spread": "flatten", "unwrap": "flatten", "unpack": "flatten"}
    examples = (
        OperatorExample(
            "An address at the top",
            "flatten address",
            '{"id": 1, "address": {"city": "Bonn", "zip": "53111"}, "paid": true}',
            '{"id": 1, "address_city": "Bonn", "address_zip": "53111", "paid": true}',
        ),
        OperatorExample(
            "Another separator; a record that is null",
            'flatten geo with "."',
            '{"geo": {"lat": 50.7, "lon": 7.1}}\n{"geo": null}',
            '{"geo.lat": 50.7, "geo.lon": 7.1}\n{"geo.lat": null, "geo.lon": null}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        paths: tuple[Path, ...] = arguments.get("fields")
        separator = _separator(arguments.get("with"))
        flat: dict[str, list[Part]] = {}
        for path in paths:
            found = _record(path, row, check)
            if found is not None:
                outer, inner = found
                flat[outer.name] = [
                    _part(outer, field, separator, arguments) for field in inner.fields
                ]
        rest = tuple(field for field in row.fields if field.name not in flat)
        others = row.with_fields(rest)
        carried: dict[tuple[str, ...], tuple[str, ...]] = {}
        for path in paths:
            for part in flat.get((path.names or ("",))[0], []):
                name = part.field.name
                if (name,) in carried and carried[(name,)] != part.way:
                    taken(name, Record((part.field,)), path.span, check, arguments.word.text)
                else:
                    taken(name, others, path.span, check, arguments.word.text)
                carried[(name,)] = part.way
        parts: list[Part] = []
        for field in row.fields:
            parts += flat.get(field.name, [Part(field, (field.name,))])
        return Outcome(
            ports={"out": row.with_fields(tuple(part.field for part in parts))},
            facts=_facts(facts, flat),
            lineage=Lineage(carried=carried),
            outcome=tuple(parts),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        parts: tuple[Part, ...] = outcome  # type: ignore[assignment]
        made = tuple((part.field.name, _value(part, context.row)) for part in parts)
        return (Project(context.node.id, made, context.ports["out"]),)


def _separator(written: Template | Literal | None) -> str:
    if isinstance(written, Literal):
        return written.text
    return "_" if written is None or written.plain is None else written.plain


def _record(path: Path, row: Record, check: CheckContext) -> tuple[Field, Record] | None:
    """The field and the record in it; None where it was reported that there is none."""
    names = names_of(path, check)
    if names is None:
        return None
    field = check.field(path, row)
    if field is None or isinstance(field.type, Poison):
        return None
    if len(names) > 1:
        check.reporter.error(
            NESTED_FLATTEN,
            "a record inside another one cannot be flattened in place",
            path.span,
            notes=(f"flatten from outside: `flatten {names[0]}` first",),
        )
        return None
    inner = strip_null(field.type)
    if isinstance(inner, Record):
        return field, inner
    notes: tuple[str, ...] = ()
    if inner == JSON:
        notes = ("its fields are not known: `set` takes out one by one, as in `x = a.x`",)
    check.reporter.error(
        NOT_A_RECORD,
        f"'{names[0]}' is {label(field.type)}, not a record",
        path.span,
        at=f"this is {label(field.type)}",
        notes=notes,
    )
    return None


def _part(outer: Field, field: Field, separator: str, arguments: Arguments) -> Part:
    """A field under its new name; null where the record around it is."""
    made = replace(field, name=f"{outer.name}{separator}{field.name}")
    if outer.optional or may_be_null(outer.type):
        made = replace(made, type=nullable(field.type), optional=False)
    verb = f"was brought to the top by `{stage_text(arguments.span)}`"
    return Part(made.because(verb, arguments.span), (outer.name, field.name))


def _value(part: Part, row: Record) -> Typed:
    """The column a part is carried from; absent where a step of its way may be."""
    field = part.field
    outer = row.field(part.way[0])
    inner = strip_null(outer.type) if outer is not None else None
    last = inner.field(part.way[1]) if isinstance(inner, Record) and len(part.way) > 1 else None
    absent = any(step is not None and step.optional for step in (outer, last))
    return Column(part.way, nullable(field.type) if absent else field.type, present=not absent)


def _facts(facts: Facts, flat: dict[str, list[Part]]) -> Facts:
    """Keys inside a flattened record end; its clock goes on where it is one of the fields."""
    made = without_key(facts, frozenset(flat))
    time = facts.time
    if time is not None and time.field[0] in flat:
        names = {part.way: part.field.name for part in flat[time.field[0]]}
        new = names.get(time.field[:2])
        if new is not None:
            made = replace(made, time=replace(time, field=(new, *time.field[2:])))
    return made


OPERATOR = Flatten()
