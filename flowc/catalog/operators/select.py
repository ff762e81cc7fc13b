"""``select a, b.c, n = e``: choose and compute the columns of the new record."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.shared import (
    both,
    carried_column,
    names_of,
    renamed_facts,
    stage_text,
    unique_names,
)
from flowc.catalog.spec import (
    Arguments,
    Assignment,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.model.effects import NO_ERRORS, ErrorSet, Facts
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.source import Span
from flowc.model.typed import Typed, columns, errors, is_deterministic
from flowc.model.types import POISON, Field, Openness, Origin, Record


class Select(Operator):
    name = "select"
    kind = "shape"
    summary = "chooses the columns of the record, and computes more"
    doc = (
        "The new record has the columns named, in the order written. `b.c` takes a nested "
        "field and calls it `c`; `n = e` and `e as n` compute a column. Every item sees the "
        "incoming record."
    )
    form = "select a, b.c, n = e"
    parameters = (Parameter("columns", Form.COLUMNS, "the columns of the new record"),)
    spellings = ("project",)
    corrections = {"fields": "select", "cut": "select", "keep": "select", "table": "select"}
    examples = (
        OperatorExample(
            "Two of three fields, in another order",
            "select amount, id",
            '{"id": 1, "amount": 2.5, "note": "x"}',
            '{"amount": 2.5, "id": 1}',
        ),
        OperatorExample(
            "Nested and computed",
            "select customer.city, twice = 2 * amount",
            '{"amount": 2, "customer": {"city": "Bonn"}}',
            '{"city": "Bonn", "twice": 4}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Assignment, ...] = arguments.get("columns")
        fields: list[Field] = []
        values: list[tuple[str, Typed]] = []
        carried: dict[tuple[str, ...], tuple[str, ...]] = {}
        computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {}
        raised: ErrorSet = NO_ERRORS
        named: list[tuple[str, Span]] = []
        for item in written:
            names = names_of(item.path, check)
            if names is None:
                continue
            name = names[-1]
            named.append((name, item.span))
            way = item.value.names if item.carried else None  # type: ignore[union-attr]
            if way is not None:
                found = check.field(item.value, row)  # type: ignore[arg-type]
                field = replace(found, name=name) if found else Field(name, POISON)
                value: Typed = carried_column(way, field, item.span)
                carried[(name,)] = way
            else:
                value = check.infer(item.value, row)
                origin = Origin(f"was made by `{stage_text(item.span)}`", item.span)
                field = Field(name, value.type, origin=(origin,))
                computed[(name,)] = columns(value)
                raised |= errors(value)
            fields.append(field)
            values.append((name, value))
        if not unique_names(named, check, arguments.word.text):
            first = {name: i for i, (name, _) in reversed(list(enumerate(values)))}
            keep = sorted(first.values())
            fields, values = [fields[i] for i in keep], [values[i] for i in keep]
        reads = frozenset[tuple[str, ...]]().union(*computed.values())
        names_kept = {way[0]: name[0] for name, way in carried.items() if len(way) == 1}
        deterministic = all(is_deterministic(value) for _, value in values)
        return Outcome(
            ports={"out": Record(tuple(fields), Openness.CLOSED)},
            facts=replace(
                renamed_facts(facts, names_kept), deterministic=both(facts, deterministic)
            ),
            lineage=Lineage(reads=reads, carried=carried, computed=computed, rest=False),
            errors=raised,
            outcome=tuple(values),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        values: tuple[tuple[str, Typed], ...] = outcome  # type: ignore[assignment]
        return (Project(context.node.id, values, context.ports["out"]),)


OPERATOR = Select()
