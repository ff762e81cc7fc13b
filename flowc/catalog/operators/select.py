"""``select a, b.c, n = e``: choose and compute the columns of the new record."""

from __future__ import annotations

import re

from flowc.catalog.columns import lower_new_record, new_record
from flowc.catalog.foreign import (
    as_aggregate,
    assignments,
    by_name,
    flags,
    holds_aggregate,
    listed,
    sql,
)
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    ForeignStage,
    Form,
    LowerContext,
    Lowered,
    Meant,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.model.effects import Facts
from flowc.model.types import Record
from flowc.syntax.foreign import at_home, inside, parts


def _fields(stage: ForeignStage) -> str | None:
    """``fields a, b``; ``fields - a, b`` leaves them out."""
    if stage.rest.startswith("-"):
        return listed("drop", stage.rest[1:])
    return listed("select", stage.rest.removeprefix("+"))


def _cut(stage: ForeignStage) -> str | None:
    """``cut a, b`` and ``cut -f a,b``; ``cut -x -f a,b`` leaves them out."""
    written = flags(stage.rest)
    if not written:
        return listed("select", stage.rest)
    return listed("drop" if "x" in written else "select", written.get("f", ""))


def _select(stage: ForeignStage) -> Meant | str | None:
    """``select {a, b}``, ``select(a > 1)``, ``select a, sum(b)``, ``select a from t``"""
    rest = stage.rest
    if re.search(r"(?i)[\w*)\"'`}\]]\s+from\s+[^\s,=|]", rest):
        return sql(f"select {rest}", first=stage.first)
    if rest.startswith("!"):
        return listed("drop", rest[1:])
    rest = inside(rest)
    columns = parts(rest)
    if len(columns) == 1 and _CONDITION.search(columns[0]) and " = " not in columns[0]:
        return f"filter {rest}"
    if any(map(holds_aggregate, columns)):
        return as_aggregate(columns)
    return listed("select", rest) or f"select {assignments(rest, short=True)}"


_CONDITION = re.compile(r"[<>]|[=!]=|\b(?:in|is|and|or|not|matches)\b|^(?:contains|starts_with)\(")


def _path(stage: ForeignStage) -> str | None:
    """jq's ``.a``, ``.a.b``, ``.items[]``, ``.a = 1``; where a line begins, the records."""
    text = at_home(stage.rest)
    if text in (".", ".[]"):
        return "-" if stage.first else None
    if re.fullmatch(r"[\w.]+\[\]", text):
        return f"explode {text[:-2]} as {text[:-2].rpartition('.')[2]}"
    if re.match(r"[\w.]+\s*\|?=(?!=)", text):
        return f"set {text.replace('|=', '=', 1)}"
    return f"select {text}" if re.fullmatch(r"[\w.]+(?:\s*,\s*[\w.]+)*", text) else None


def _object(stage: ForeignStage) -> str | None:
    """jq's ``{id, total: .amount}``"""
    columns = parts(inside(stage.rest))
    if stage.first or not columns or not all(re.match(r"\.?\w+\s*(?::|\Z)", c) for c in columns):
        return None
    return f"select {assignments(stage.rest, short=True)}"


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
    corrections = {
        "fields": _fields,
        "cut": _cut,
        "keep": by_name("select"),
        "table": by_name("select"),
        "get": by_name("select"),
        "project-keep": by_name("select"),
        "project": _select,
        "select": _select,
        ".": _path,
        "{": _object,
    }
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
        word = arguments.word.text
        return new_record(arguments.get("columns"), row, facts, check, word)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_new_record(outcome, context)


OPERATOR = Select()
