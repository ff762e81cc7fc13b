"""``join airports as a on origin == a.iata``: a record with that of a table that belongs to it."""

from __future__ import annotations

from flowc.catalog.foreign_joins import inner
from flowc.catalog.matching import Match, infer_nested, parameters
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
)
from flowc.model.effects import Facts
from flowc.model.types import Record


class Join(Operator):
    name = "join"
    kind = "bring together"
    summary = "finds the record of a table that belongs to each record, and drops those without one"
    doc = (
        "As `lookup`, but a record without a match is dropped and counted, so what was found is "
        "never null."
    )
    form = "join TABLE as a on b == a.c [first [order]|all]"
    parameters = parameters()
    corrections = {
        "join": inner,
        "inner": inner,
        "inner-join": inner,
        "inner_join": inner,
        "innerjoin": inner,
        "merge": inner,
    }
    foreign_clauses = {"using": "on", "with": "from"}
    examples = (
        OperatorExample(
            "Flights from known airports",
            'join "airports.csv key iata" as a on origin == a.iata',
            '{"flight": 1, "origin": "JFK"}\n{"flight": 2, "origin": "XXX"}\n{"flight": 3, '
            '"origin": null}',
            '{"flight": 1, "origin": "JFK", "a": {"iata": "JFK", "city": "New York"}}',
            tables={"airports.csv": "iata,city\nJFK,New York\nIAH,Houston\n"},
        ),
        OperatorExample(
            "A record for each match, and a condition beside the key",
            'join "lines.jsonl" as line on id == line.order and line.count > 0 all '
            "| select id, item = line.item",
            '{"id": 1}\n{"id": 2}',
            '{"id": 1, "item": "pen"}\n{"id": 1, "item": "ink"}',
            tables={
                "lines.jsonl": '{"order": 1, "item": "pen", "count": 2}\n'
                '{"order": 2, "item": "pad", "count": 0}\n'
                '{"order": 1, "item": "ink", "count": 1}\n'
            },
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        return infer_nested(arguments, row, facts, check, keep=False)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Match)
        return outcome.lower(context, keep=False)


OPERATOR = Join()
