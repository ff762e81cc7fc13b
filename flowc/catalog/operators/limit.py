"""``limit N``: the first N records."""

from __future__ import annotations

import re
from dataclasses import replace

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
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Safety
from flowc.model.effects import Facts, Held, Order, Truth
from flowc.model.expr import Literal
from flowc.model.plan import CallRuntime
from flowc.model.types import Record
from flowc.syntax.foreign import inside

NEGATIVE_LIMIT = declare("FC0339", "limit-out-of-range", "`limit` takes a count from 0 on")


_LAST = "records have no last ones but in an order: `top 10 t desc` gives those with the latest `t`"
_SKIP = "no records can be skipped by their number: `filter` says which ones are meant"


def _first(stage: ForeignStage) -> Meant | str | None:
    """``first 5``, ``head -n 5``, ``head``, ``limit(3; .[])``, ``take 5..10``"""
    between = re.fullmatch(r"(\d+)\s*(?:\.\.|,)\s*(\d+)", inside(stage.rest))
    behind = re.fullmatch(r"(\d+)\s+offset\s+\d+", stage.rest, re.IGNORECASE)
    if between:
        return Meant(f"limit {between[2]}", _SKIP, Safety.UNSAFE)
    if behind:
        return Meant(f"limit {behind[1]}", _SKIP, Safety.UNSAFE)
    number = re.fullmatch(r"\(?(?:-n\s*|n\s*=\s*)?(\d+)(?:;.*)?\)?", stage.rest)
    if number:
        return f"limit {number[1]}"
    grouped = re.fullmatch(r"(?:-n\s+1\s+)?-g\s+(\S+)(?:\s+-n\s+1)?", stage.rest)
    if grouped and "1" in stage.rest:
        return f"dedupe by {grouped[1]}"
    if not stage.rest:
        return f"limit {1 if stage.word == 'first' else 10}"
    return None


def _others(stage: ForeignStage) -> Meant | None:
    """``tail 10``, ``offset 5``: what only an order can say."""
    number = re.search(r"\d+", stage.rest)
    if stage.word in ("offset", "skip"):
        return Meant("", _SKIP, Safety.UNSAFE)
    return Meant(f"limit {number.group() if number else 10}", _LAST, Safety.UNSAFE)


class Limit(Operator):
    name = "limit"
    kind = "state"
    summary = "passes the first N records and stops reading"
    doc = "Once every consumer has its records, the source is no longer read."
    form = "limit N"
    parameters = (Parameter("count", Form.NUMBER, "how many records, from 0 on"),)
    spellings = ("take", "head")
    corrections = {
        "first": _first,
        "limit": _first,
        "head": _first,
        "take": _first,
        "slice_head": _first,
        "tail": _others,
        "last": _others,
        "offset": _others,
        "skip": _others,
    }
    examples = (
        OperatorExample(
            "The first two",
            "limit 2",
            '{"id": 1}\n{"id": 2}\n{"id": 3}',
            '{"id": 1}\n{"id": 2}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        count: Literal = arguments.get("count")
        number = int(count.text)
        if not 0 <= number < 2**63:
            check.reporter.error(
                NEGATIVE_LIMIT,
                "`limit` takes a count from 0 to 9223372036854775807",
                count.span,
            )
        deterministic = facts.deterministic if facts.order is Order.SOURCE else Truth.NO
        return Outcome(
            ports={"out": row},
            facts=replace(facts, bounded=Truth.YES, deterministic=deterministic),
            outcome=number,
            held=(Held("one number"),),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return CallRuntime(context.node.id, "state.limit", "Limit", (outcome,))


OPERATOR = Limit()
