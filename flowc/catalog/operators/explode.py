"""``explode items as item [keep empty]``: one record for each item of a list."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flowc.catalog.shared import NOT_A_FIELD_NAME, both, stage_text, taken, without_key
from flowc.catalog.spec import (
    Arguments,
    Assignment,
    CheckContext,
    ForeignStage,
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
from flowc.model.expr import Path
from flowc.model.graph import Lineage
from flowc.model.plan import Expand
from flowc.model.typed import Typed, columns, errors, is_deterministic
from flowc.model.types import (
    JSON,
    POISON,
    Field,
    ListType,
    MapType,
    Never,
    NullType,
    Origin,
    Poison,
    Record,
    Type,
    nullable,
    strip_null,
)
from flowc.types.show import label

NOT_A_LIST = declare("FC0363", "explode-non-list", "What is exploded is not a list")
ONE_LIST = declare("FC0362", "explode-several", "A stage explodes more than one list")


@dataclass(frozen=True, slots=True)
class Exploded:
    """The list, the name of its item, and whether a record without items stays."""

    items: Typed
    name: str
    keep_empty: bool


def _explode(stage: ForeignStage) -> str | None:
    """``mv-expand item = items to typeof(string)``, ``unnest(items)``, ``explode items``"""
    rest = re.sub(r"\s+to\s+typeof\(\w+\)", "", stage.rest)
    match = re.fullmatch(r"(?:(\w+)\s*=\s*)?([\w.]+)(?:\s+as\s+(\w+))?(\s+keep empty)?", rest)
    if match is None:
        return None
    name = match[1] or match[3] or match[2].rpartition(".")[2]
    return f"explode {match[2]} as {name}{match[4] or ''}"


class Explode(Operator):
    name = "explode"
    kind = "shape"
    summary = "makes one record for each item of a list"
    doc = (
        "The item takes the place of the list where that is a field of the record itself; "
        "the item of any other list comes last. The other fields are repeated. A record "
        "whose list is empty, null or absent is dropped and counted as empty; with "
        "`keep empty` it goes on with null for the item. Keys of the records end here."
    )
    form = "explode items as item [keep empty]"
    parameters = (
        Parameter("items", Form.ASSIGNMENTS, "the list, and the name of its item"),
        Parameter(
            "keep",
            Form.WORD,
            "`empty`: a record without items goes on",
            clause="keep",
            required=False,
            choices=("empty",),
        ),
    )
    corrections = {
        "unnest": _explode,
        "mv-expand": _explode,
        "mvexpand": _explode,
        "mv_expand": _explode,
        "expand": _explode,
        "unwind": _explode,
        "explode": _explode,
    }
    examples = (
        OperatorExample(
            "One record for each item of an order",
            "explode items as item",
            '{"id": 1, "items": ["pen", "ink"], "paid": true}\n'
            '{"id": 2, "items": [], "paid": false}',
            '{"id": 1, "item": "pen", "paid": true}\n{"id": 1, "item": "ink", "paid": true}',
        ),
        OperatorExample(
            "Records without items stay",
            "explode items as item keep empty",
            '{"id": 1, "items": ["pen"]}\n{"id": 2, "items": []}',
            '{"id": 1, "item": "pen"}\n{"id": 2, "item": null}',
        ),
        OperatorExample(
            "A computed list",
            'explode split(tags, ",") as tag',
            '{"tags": "a,b"}',
            '{"tags": "a,b", "tag": "a"}\n{"tags": "a,b", "tag": "b"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Assignment, ...] = arguments.get("items")
        keep_empty = "keep" in arguments
        first = written[0]
        for other in written[1:]:
            check.reporter.error(
                ONE_LIST,
                "`explode` takes one list",
                other.span,
                notes=("a second list is exploded by a second stage: every pair comes out",),
            )
        name = _name(first, check)
        items = check.infer(first.value, row)
        item = _item(items, first, check)
        if name is None:
            return Outcome(ports={"out": row}, facts=facts)
        place = first.value.names if isinstance(first.value, Path) else None
        gone = place[0] if place is not None and len(place) == 1 else None
        made = Field(
            name,
            nullable(item) if keep_empty else item,
            origin=(Origin(f"was made by `{stage_text(arguments.span)}`", arguments.span),),
        )
        others = row.with_fields(tuple(field for field in row.fields if field.name != gone))
        taken(name, others, first.path.span, check, arguments.word.text)
        fields = [made if field.name == gone else field for field in row.fields]
        if row.field(gone or "") is None:
            fields = [*(field for field in fields if field.name != name), made]
        reads = columns(items)
        kept = without_key(facts, frozenset({gone} if gone else ()))
        return Outcome(
            ports={"out": row.with_fields(tuple(fields))},
            facts=replace(
                kept, keys=frozenset(), deterministic=both(facts, is_deterministic(items))
            ),
            lineage=Lineage(reads=reads, computed={(name,): reads}),
            errors=errors(items),
            outcome=Exploded(items, name, keep_empty),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Exploded)
        row = context.ports["out"]
        step = Expand(context.node.id, outcome.items, outcome.name, outcome.keep_empty, row)
        return (step,)


def _name(written: Assignment, check: CheckContext) -> str | None:
    names = written.path.names
    if names is not None and len(names) == 1:
        return names[0]
    check.reporter.error(
        NOT_A_FIELD_NAME,
        "the item of a list gets one name",
        written.path.span,
        notes=("write `explode items as item`",),
    )
    return None


def _item(items: Typed, written: Assignment, check: CheckContext) -> Type:
    """The type of the list's items; reported where it is no list."""
    type = strip_null(items.type)
    match type:
        case ListType(item=item) if not isinstance(item, Never | NullType):
            return item
        case Poison():
            return POISON
    notes: tuple[str, ...] = ()
    if type == JSON and isinstance(written.value, Path) and written.value.names:
        field = ".".join(written.value.names)
        notes = (f"say what the list holds first: `cast {field} as list<json>`",)
    elif isinstance(type, MapType):
        notes = ("a map has keys: its values are no list",)
    check.reporter.error(
        NOT_A_LIST,
        f"`explode` takes a list, and this is {label(type)}",
        written.value.span,
        at=f"this is {label(type)}",
        notes=notes,
    )
    return POISON


OPERATOR = Explode()
