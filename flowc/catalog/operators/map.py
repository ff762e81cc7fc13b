"""``map a = e, …``: the whole new record."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.columns import lower_new_record, new_record
from flowc.catalog.foreign import assignments, listed
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
from flowc.model.effects import Facts
from flowc.model.expr import Path
from flowc.model.types import Record
from flowc.syntax.foreign import inside, parts


def _map(stage: ForeignStage) -> str | None:
    """jq's ``map(select(.a > 1))``, ``map(.a)``, ``map({a: .b})``"""
    kept = re.fullmatch(r"select\s*(\(.+\))", stage.rest, re.DOTALL)
    if kept:
        return f"filter {inside(kept[1])}"
    if stage.rest.startswith("{"):
        return f"map {assignments(stage.rest)}"
    if all(map(_COLUMN.match, parts(stage.rest))):
        return f"select {assignments(stage.rest, short=True)}"
    return listed("select", stage.rest)


_COLUMN = re.compile(r"\.?[\w.]+\Z|\w+\s*=(?!=)|.+\s+as\s+\w+\Z", re.DOTALL)


class Map(Operator):
    name = "map"
    kind = "shape"
    summary = "makes a whole new record"
    doc = (
        "The new record has the fields written, in their order, and no others. Every item "
        "sees the incoming record. `a = b` for a field `b` carries it unchanged, absent where "
        "`b` is absent. A record is written `a = {b: e, c: f}`. `set` keeps the other fields."
    )
    form = "map a = e, …"
    parameters = (Parameter("columns", Form.ASSIGNMENTS, "the fields of the new record"),)
    corrections = {"transform": "map", "remap": "map", "construct": "map", "map": _map}
    examples = (
        OperatorExample(
            "A new record",
            "map id = id, total = price * count, who = {name: customer}",
            '{"id": 1, "price": 2.5, "count": 4, "customer": "ada"}',
            '{"id": 1, "total": 10.0, "who": {"name": "ada"}}',
        ),
        OperatorExample(
            "Every item sees the incoming record",
            "map a = b, b = a",
            '{"a": 1, "b": 2}',
            '{"a": 2, "b": 1}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Assignment, ...] = arguments.get("columns")
        items = tuple(
            replace(item, carried=isinstance(item.value, Path) and item.value.names is not None)
            for item in written
        )
        return new_record(items, row, facts, check, arguments.word.text)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_new_record(outcome, context)


OPERATOR = Map()
