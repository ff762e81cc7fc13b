"""``cast a as int``: convert fields, failing record by record."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.shared import carried_column, names_of, stage_text, unique_names, without_key
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
from flowc.catalog.spec import Cast as CastItem
from flowc.diagnostics.codes import declare
from flowc.model.effects import NO_ERRORS, ErrorSet, Facts
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.typed import Typed, errors
from flowc.model.types import Origin, Record

NESTED_CAST = declare("FC0340", "nested-cast", "`cast` is for the fields of the record itself")


class Cast(Operator):
    name = "cast"
    kind = "shape"
    summary = "converts fields to other types"
    doc = (
        "A value that cannot be converted makes the record a ConversionError, which goes to "
        "the dead letter; `set a = try(int(a))` gives null instead. Null stays null. A json value "
        "becomes a list, a map or a record as if it were read from a JSON text of that type; a text "
        "that holds JSON is read by `parse`."
    )
    form = "cast a as int, b as timestamp"
    parameters = (Parameter("columns", Form.CASTS, "fields and the types they become"),)
    corrections = {"convert": "cast", "astype": "cast", "to_type": "cast"}
    examples = (
        OperatorExample(
            "Text to a number",
            "cast amount as float",
            '{"id": 1, "amount": "2.5"}\n{"id": 2, "amount": "much"}',
            '{"id": 1, "amount": 2.5}',
            dead=1,
        ),
        OperatorExample(
            "Json to a record and to a list",
            "cast who as {name: string, age?: int}, tags as list<string>",
            '{"who": {"name": "ada", "age": 36, "x": 0}, "tags": ["a", "b"]}\n'
            '{"who": {"name": "bob"}, "tags": null}\n{"who": {"name": 7}, "tags": []}',
            '{"who": {"name": "ada", "age": 36}, "tags": ["a", "b"]}\n'
            '{"who": {"name": "bob"}, "tags": null}',
            type="{who: json, tags: json}",
            dead=1,
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        items: tuple[CastItem, ...] = arguments.get("columns")
        made: dict[str, Typed] = {}
        raised: ErrorSet = NO_ERRORS
        fields = {field.name: field for field in row.fields}
        unique_names(
            [(".".join(item.path.names or ()), item.span) for item in items],
            check,
            arguments.word.text,
        )
        for item in items:
            names = names_of(item.path, check)
            if names is None:
                continue
            if len(names) > 1:
                check.reporter.error(
                    NESTED_CAST,
                    "a nested field cannot be cast in place",
                    item.path.span,
                    notes=("`set a.b = int(a.b)` converts a nested field",),
                )
                continue
            found = check.field(item.path, row)
            target = check.resolve_type(item.type)
            if found is None:
                continue
            value = check.convert(carried_column(names, found, item.path.span), target, item.span)
            origin = Origin(f"was converted by `cast {stage_text(item.span)}`", item.span)
            fields[names[0]] = replace(
                found,
                type=value.type,
                optional=False,
                origin=(*found.origin, origin),
            )
            made[names[0]] = value
            raised |= errors(value)
        return Outcome(
            ports={"out": row.with_fields(tuple(fields.values()))},
            facts=without_key(facts, frozenset(made)),
            lineage=Lineage(
                reads=frozenset((name,) for name in made),
                computed={(name,): frozenset({(name,)}) for name in made},
            ),
            errors=raised,
            outcome=made,
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        made: dict[str, Typed] = outcome  # type: ignore[assignment]
        row = context.ports["out"]
        columns = tuple(
            (
                field.name,
                made.get(field.name) or carried_column((field.name,), field),
            )
            for field in row.fields
        )
        return (Project(context.node.id, columns, row),)


OPERATOR = Cast()
