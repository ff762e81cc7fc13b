"""``top 10 price desc by auction``: the first records of each group in an order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flowc.catalog.foreign import flags, names, order
from flowc.catalog.grouping import Key, each, kept_until_end, keys_of, not_yet, number_of
from flowc.catalog.ordering import Arranged, By, orders_of
from flowc.catalog.shared import both, names_of, unique_names
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
from flowc.model.effects import Facts, Order, Truth
from flowc.model.expr import Literal, Path
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime
from flowc.model.source import Span
from flowc.model.typed import Const, Typed, columns, errors, is_deterministic
from flowc.model.types import INT, Field, Origin, Record

OUT_OF_RANGE = declare("FC0384", "top-out-of-range", "`top` takes a count from 1 on")


@dataclass(frozen=True, slots=True)
class First:
    """How many records of each group, in which order; ``rank`` is the field of their places."""

    count: int
    orders: tuple[By, ...]
    keys: tuple[Key, ...]
    ties: bool
    rank: Field | None


_FREQUENT = "`top` passes records in an order; how often a value comes is a count of its group"


def _top(stage: ForeignStage) -> Meant | str | None:
    """``top 5 by a``, ``top -n 1 -f a -g b``, ``top limit=5 a``, ``top a``"""
    by = re.fullmatch(r"(\d+)\s+by\s+(.+)", stage.rest)
    if by:
        return f"top {by[1]} {order(by[2], descending=True)}"
    written = flags(stage.rest)
    if "f" in written:
        least = "a" in written
        line = f"top {written.get('n', '1')} {order(written['f'], descending=not least)}"
        return f"{line} by {written['g']}" if "g" in written else line
    often = re.fullmatch(r"(?:(?:limit\s*=\s*)?(\d+)\s+)?([\w.,\s]+?)(?:\s+by\s+(.+))?", stage.rest)
    if often is None or often[2].isdigit():
        return None
    fields = [*names(often[3] or ""), *names(often[2])]
    way = "" if stage.word == "rare" else " desc"
    group = f" by {', '.join(names(often[3]))}" if often[3] else ""
    line = f"aggregate n = count() by {', '.join(fields)} | top {often[1] or 10} n{way}{group}"
    return Meant(line, _FREQUENT, Safety.UNSAFE)


class Top(Operator):
    name = "top"
    kind = "state"
    summary = "passes the first N records of each group in an order"
    doc = (
        "The order reads as in `sort`; `top 1 t desc by k` is the latest record of each `k`. "
        "`ties` passes those too that are equal to the last one in the order. `as rank` adds "
        "the place, from 1 on; with `ties` equal records share it. The records leave at the end "
        "of the input, group by group as these were first seen; without `by` there is one."
    )
    form = "top N a desc, b by k [ties] [as rank]"
    parameters = (
        Parameter("count", Form.NUMBER, "how many of each group, from 1 on"),
        Parameter("order", Form.ORDER, "what the records are ordered by"),
        Parameter("by", Form.COLUMNS, "what the groups are of", clause="by", required=False),
        Parameter(
            "ties", Form.FLAG, "whether equals of the last pass", clause="ties", required=False
        ),
        Parameter("rank", Form.ALIAS, "the field of the place", required=False),
        Parameter("over", Form.WINDOW, "windows of time", clause="over", required=False),
        Parameter("every", Form.DURATION, "how far windows slide", clause="every", required=False),
    )
    corrections = {"top": _top, "nlargest": _top, "rare": _top}
    examples = (
        OperatorExample(
            "The highest bid of each auction",
            "top 1 price desc by auction",
            '{"auction": 1, "price": 5}\n{"auction": 2, "price": 3}\n{"auction": 1, "price": 8}',
            '{"auction": 1, "price": 8}\n{"auction": 2, "price": 3}',
        ),
        OperatorExample(
            "With ties and places",
            "top 2 price desc ties as place",
            '{"id": 1, "price": 5}\n{"id": 2, "price": 8}\n{"id": 3, "price": 5}\n'
            '{"id": 4, "price": 1}',
            '{"id": 2, "price": 8, "place": 1}\n{"id": 1, "price": 5, "place": 2}\n'
            '{"id": 3, "price": 5, "place": 2}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        count: Literal = arguments.get("count")
        number = int(count.text)
        if not 1 <= number < 2**31:
            check.reporter.error(
                OUT_OF_RANGE, "`top` takes a count from 1 to 2147483647", count.span
            )
        orders = orders_of(arguments.get("order"), row, check)
        keys = keys_of(arguments.get("by") or (), row, check)
        for name in ("over", "every"):
            if name in arguments:
                not_yet(f"`{name}`", arguments.word.span, check)
        ties = "ties" in arguments
        what = f"{'' if ties else 'at most '}{number} record{'' if number == 1 else 's'}"
        what += " and those equal to the last" if ties else ""
        what += f" for each {each(keys)}" if keys else ""
        rank = self._rank(arguments.get("rank"), row, check)
        out = row if rank is None else row.with_fields((*row.fields, rank))
        values = [*(order.value for order in orders), *(key.value for key in keys)]
        unique = tuple(key.way[0] for key in keys if key.way is not None and len(key.way) == 1)
        proven = number == 1 and keys and not ties and len(unique) == len(keys)
        same = both(facts, all(map(is_deterministic, values)))
        return Outcome(
            ports={"out": out},
            facts=replace(
                facts,
                keys=facts.keys | {unique} if proven else facts.keys,
                deterministic=same if facts.order is Order.SOURCE else Truth.NO,
            ),
            lineage=Lineage(
                reads=frozenset[tuple[str, ...]]().union(*map(columns, values)),
                computed={(rank.name,): frozenset()} if rank else {},
            ),
            errors=frozenset[str]().union(*map(errors, values)),
            outcome=First(number, orders, keys, ties, rank),
            held=(kept_until_end(what, facts, number_of(keys)),),
        )

    def _rank(self, written: Path | None, row: Record, check: CheckContext) -> Field | None:
        names = None if written is None else names_of(written, check)
        if names is None or written is None:
            return None
        known = row.field(names[-1])
        if known is not None:
            taken: Span = (
                known.origin[0].span if known.origin and known.origin[0].span else written.span
            )
            unique_names([(names[-1], taken), (names[-1], written.span)], check, "top")
            return None
        return Field(names[-1], INT, origin=(Origin("was made by `top`", written.span),))

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, First)
        orders, keys, rank = outcome.orders, outcome.keys, outcome.rank
        values = [*(order.value for order in orders), *(key.value for key in keys)]
        arranged = Arranged.of(context.row, values)
        given = tuple(
            (name, order.descending, order.nulls_first)
            for name, order in zip(arranged.names, orders)
        )
        also: tuple[tuple[Field, Typed], ...] = ((rank, Const(0, INT)),) if rank else ()
        named = rank.name if rank else None
        grouped = arranged.names[len(orders) :]
        state = CallRuntime(
            context.node.id,
            "state.order",
            "Top",
            (outcome.count, given, grouped, outcome.ties, named),
            reads=(*arranged.names, *((named,) if named else ())),
        )
        return arranged.around(state, context.ports["out"], also)


OPERATOR = Top()
