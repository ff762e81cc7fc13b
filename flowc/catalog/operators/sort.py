"""``sort a desc, b nulls first``: all records in an order."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.foreign import names, order
from flowc.catalog.grouping import kept_until_end, waited
from flowc.catalog.ordering import Arranged, By, orders_of
from flowc.catalog.shared import both
from flowc.catalog.spec import (
    Arguments,
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
from flowc.model.effects import Facts, Order, Truth
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime
from flowc.model.tree import Item
from flowc.model.typed import columns, errors, is_deterministic
from flowc.model.types import Record


def _sort(stage: ForeignStage) -> str | None:
    """``sort {-a, b}``, ``sort - a``, ``sort 10 -a``, ``sort -nr a``, ``arrange(desc(a))``"""
    rest = re.sub(r"^by\s+", "", stage.rest)
    first = re.fullmatch(r"(\d+)\s+(?!desc\b|asc\b)(.+)", rest)
    if first:
        return f"top {first[1]} {order(first[2])}"
    letters = re.findall(r"-(nr|nf|f|r|c|n|t)\s+(\w[\w,.]*)", rest)
    if letters and "".join(f"-{a} {b}" for a, b in letters) == re.sub(r"\s+-", "-", rest):
        made = [
            f"{field} desc" if "r" in letter else field
            for letter, fields in letters
            for field in fields.split(",")
        ]
        return f"sort {', '.join(made)}"
    reverse = re.fullmatch(r"([\w.]+(?:[\s,]+[\w.]+)*)\s+(?:-r|--reverse)", rest)
    if reverse:
        return f"sort {', '.join(f'{field} desc' for field in names(reverse[1]))}"
    return f"sort {order(rest)}" if rest else None


class Sort(Operator):
    name = "sort"
    kind = "state"
    summary = "puts all records in an order"
    doc = (
        "An order is an expression, ascending or `desc`; the next one decides between equal "
        "records, and those that are equal in all stay as they came. Nulls come last, or `nulls "
        "first`. Texts are ordered by code points. The records are held in memory and leave at "
        "the end of the input."
    )
    form = "sort a desc, b nulls first"
    parameters = (
        Parameter("order", Form.ORDER, "what the records are ordered by", required=False),
        Parameter("by", Form.ORDER, "more of the order", clause="by", required=False),
    )
    spellings = ("order",)
    corrections = {
        "sort": _sort,
        "order": _sort,
        "sort-by": _sort,
        "sort_by": _sort,
        "arrange": _sort,
        "orderby": _sort,
    }
    regroups = True
    examples = (
        OperatorExample(
            "The dearest first, then by name",
            "sort price desc, name",
            '{"name": "b", "price": 2}\n{"name": "a", "price": 2}\n{"name": "c", "price": 3}',
            '{"name": "c", "price": 3}\n{"name": "a", "price": 2}\n{"name": "b", "price": 2}',
        ),
        OperatorExample(
            "By an expression, nulls first",
            "sort by lower(name) nulls first",
            '{"name": "b"}\n{"name": "A"}\n{"name": null}',
            '{"name": null}\n{"name": "A"}\n{"name": "b"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Item, ...] = (
            *(arguments.get("order") or ()),
            *(arguments.get("by") or ()),
        )
        orders = orders_of(written, row, check)
        deterministic = all(is_deterministic(order.value) for order in orders)
        return Outcome(
            ports={"out": row},
            facts=replace(
                facts,
                time=waited(facts.time),
                deterministic=both(facts, deterministic)
                if facts.order is Order.SOURCE
                else Truth.NO,
            ),
            lineage=Lineage(
                reads=frozenset[tuple[str, ...]]().union(*(columns(o.value) for o in orders))
            ),
            errors=frozenset[str]().union(*(errors(order.value) for order in orders)),
            outcome=orders,
            held=(
                kept_until_end(
                    "every record",
                    facts,
                    "their number",
                    "the first few in an order are kept for windows of time: "
                    "`top 10 price desc over tumbling 1h`",
                ),
            ),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        orders: tuple[By, ...] = outcome  # type: ignore[assignment]
        arranged = Arranged.of(context.row, [order.value for order in orders])
        given = tuple(
            (name, order.descending, order.nulls_first)
            for name, order in zip(arranged.names, orders, strict=True)
        )
        state = CallRuntime(context.node.id, "state.order", "Sort", (given,), reads=arranged.names)
        return arranged.around(state, context.ports["out"])


OPERATOR = Sort()
