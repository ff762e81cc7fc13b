"""``lookup airports as a on origin == a.iata``: find a record of a table, or none."""

from __future__ import annotations

from flowc.catalog.foreign_joins import left
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

_AIRPORTS = "iata,city\nJFK,New York\nIAH,Houston\n"


class Lookup(Operator):
    name = "lookup"
    kind = "bring together"
    summary = "finds the record of a table that belongs to each record, and keeps those without one"
    doc = (
        "The table is a stream with an end: a name, or a file or URI in quotes. It is read whole "
        "before anything is looked up in it. The record that was found is the field behind `as`, "
        "null where there is none. `on code` is short for a field that both have; several "
        "conditions are joined by `and`, at least one of them an equality of values of one type. "
        "Null equals nothing. The table must be unique by what is compared: `key iata` behind its "
        "source says so, and the run checks it; `dedupe by` and `aggregate by` prove it. Else "
        "`first` takes the first match, `first seen desc` that of an order, and `all` gives a "
        "record for each match."
    )
    form = "lookup TABLE as a on b == a.c [first [order]|all]"
    parameters = parameters()
    corrections = {
        "lookup": left,
        "left": left,
        "left-join": left,
        "left_join": left,
        "leftjoin": left,
        "vlookup": "lookup",
        "xlookup": "lookup",
    }
    foreign_clauses = {"using": "on", "with": "from"}
    examples = (
        OperatorExample(
            "The airport of each flight",
            'lookup "airports.csv key iata" as a on origin == a.iata',
            '{"flight": 1, "origin": "JFK"}\n{"flight": 2, "origin": "XXX"}',
            '{"flight": 1, "origin": "JFK", "a": {"iata": "JFK", "city": "New York"}}\n'
            '{"flight": 2, "origin": "XXX", "a": null}',
            tables={"airports.csv": _AIRPORTS},
        ),
        OperatorExample(
            "The last price of each product",
            'lookup "prices.csv" as p on product first day desc | select product, price = p.price',
            '{"product": "pen"}\n{"product": "ink"}',
            '{"product": "pen", "price": 3}\n{"product": "ink", "price": null}',
            tables={"prices.csv": "product,day,price\npen,2024-01-01,2\npen,2024-02-01,3\n"},
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        return infer_nested(arguments, row, facts, check, keep=True)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Match)
        return outcome.lower(context, keep=True)


OPERATOR = Lookup()
