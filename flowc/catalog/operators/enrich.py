"""``enrich NAME``, ``enrich a = e``, ``enrich from TABLE on key``: add to a record."""

from __future__ import annotations

from flowc.catalog.assigning import assign, lower_assigned
from flowc.catalog.matching import Enriched, infer_fields, parameters
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
from flowc.catalog.user_code import UserCall, infer_call, lower_call
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.effects import Facts
from flowc.model.tree import Word
from flowc.model.types import Record

MIXED = declare(
    "FC0419", "mixed-enrich", "A record is enriched from a table and by something else at once"
)


class Enrich(Operator):
    name = "enrich"
    kind = "bring together"
    summary = "adds to a record: by a processor, by expressions, or from a table"
    doc = (
        "A name is a processor of `processors/`, which takes the record and gives the "
        "enriched one. Assignments are as in `set`. `from` is a table, as in `lookup`: its fields "
        "become fields of the record, null where the table has no match; a field that the record "
        "already has is an error, except one that is compared with it. Behind `on`, a table's "
        "field that the record has, too, needs a name before it: `as a on code == a.id`."
    )
    form = "enrich NAME · enrich a = e · enrich from TABLE on key [first [order]|all]"
    parameters = (
        Parameter("processor", Form.REFERENCE, "the name of a processor", required=False),
        Parameter("columns", Form.ASSIGNMENTS, "fields and what they become", required=False),
        *parameters(required=False, bare=False),
    )
    foreign_clauses = {"using": "on", "with": "from"}
    examples = (
        OperatorExample(
            "By an expression",
            "enrich usd = amount * 2",
            '{"amount": 2.5}',
            '{"amount": 2.5, "usd": 5.0}',
        ),
        OperatorExample(
            "From a table",
            'enrich from "airports.csv key code" on code',
            '{"flight": 1, "code": "JFK"}\n{"flight": 2, "code": "XXX"}',
            '{"flight": 1, "code": "JFK", "city": "New York"}\n'
            '{"flight": 2, "code": "XXX", "city": null}',
            tables={"airports.csv": "code,city\nJFK,New York\nIAH,Houston\n"},
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        word: Word | None = arguments.get("processor")
        if "table" in arguments or "on" in arguments:
            return self._from_table(arguments, row, facts, check)
        if word is not None and "columns" in arguments:
            check.reporter.error(
                MIXED,
                "`enrich` adds by a processor or by expressions, not both",
                arguments.span,
                labels=(Label(word.span, "a processor"),),
                notes=("write two stages: `enrich NAME | enrich a = e`",),
            )
        if word is None:
            return assign(arguments.get("columns") or (), row, facts, check)
        code = check.processor(word.text)
        if code is None:
            return Outcome(ports={"out": row}, facts=facts)
        return infer_call(code, word.text, row, facts, check, arguments.span)

    def _from_table(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        missing = next((name for name in ("table", "on") if name not in arguments), None)
        if missing is not None or "processor" in arguments or "columns" in arguments:
            what = "`from`" if missing == "table" else "`on`"
            check.reporter.error(
                MIXED,
                f"`enrich` from a table needs {what}"
                if missing is not None
                else "`enrich` adds from a table, or by a processor or expressions, not both",
                arguments.span,
                notes=('`enrich from "airports.csv key code" on code`; the rest is its own stage',),
            )
            return Outcome(ports={"out": row}, facts=facts)
        return infer_fields(arguments, row, facts, check)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        match outcome:
            case UserCall():
                return lower_call(outcome, context)
            case Enriched():
                return outcome.lower(context)
            case _:
                return lower_assigned(outcome, context)


OPERATOR = Enrich()
