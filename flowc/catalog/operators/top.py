"""``top 10 price desc by auction``: the first records of each group in an order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flowc.catalog.foreign import flags, names, order
from flowc.catalog.grouping import ADVICE, Key, each, kept_until_end, keys_of, number_of, waited
from flowc.catalog.ordering import Arranged, By, orders_of
from flowc.catalog.shared import both, names_of, taken, unique_names
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
from flowc.catalog.times import Window
from flowc.catalog.windows import Windowing, window_of
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Safety
from flowc.model.effects import ARITHMETIC_ERROR, LATE_ERROR, Facts, Order, Truth
from flowc.model.expr import Literal, Path
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime
from flowc.model.source import Span
from flowc.model.typed import Const, MakeRecord, Typed, columns, errors, is_deterministic
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
    window: Windowing | None


_FREQUENT = "`top` passes records in an order; how often a value comes is a count of its group"


_UNORDERED = "without an order the first records are those that come first: `top 5 a desc` has one"


def _top(stage: ForeignStage) -> Meant | str | None:
    """``top 5 by a``, ``top -n 1 -f a -g b``, ``top limit=5 a``, ``top a``"""
    if stage.rest.isdigit():
        return Meant(f"limit {stage.rest}", _UNORDERED, Safety.UNSAFE)
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
        "of the input, group by group as these were first seen; without `by` there is one. With "
        "`over` there are groups for each window, as in `aggregate`: they leave with it, and have "
        "it in the field `window`."
    )
    form = "top N a desc, b by k [over WINDOW late D] [ties] [as rank]"
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
        Parameter("late", Form.DURATION, "how long a window waits", clause="late", required=False),
    )
    corrections = {"top": _top, "nlargest": _top, "rare": _top}
    regroups = True
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
        OperatorExample(
            "The highest of each day",
            "top 1 price desc over tumbling 1d | select day = date(window.start), price",
            '{"t": "2024-01-01T10:00:00Z", "price": 5}\n{"t": "2024-01-02T10:00:00Z", "price": 3}\n'
            '{"t": "2024-01-01T11:00:00Z", "price": 8}',
            '{"day": "2024-01-01", "price": 8}\n{"day": "2024-01-02", "price": 3}',
            type="{t: timestamp, price: int} time t",
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
        ties = "ties" in arguments
        what = f"{'' if ties else 'at most '}{number} record{'' if number == 1 else 's'}"
        what += " and those equal to the last" if ties else ""
        window = window_of(arguments, row, facts, check)
        groups = each(keys, *(("window",) if "over" in arguments else ()))
        what += f" for each {groups}" if groups else ""
        held = kept_until_end(what, facts, number_of(keys), ADVICE)
        if window is not None:
            held = window.held(what, facts)
        rank = self._rank(arguments.get("rank"), row, check)
        made = (*((window.field,) if window else ()), *((rank,) if rank else ()))
        if window is not None and rank is not None and rank.name == window.field.name:
            over: Window = arguments.get("over")
            alias: Path = arguments.get("rank")
            unique_names([(rank.name, over.span), (rank.name, alias.span)], check, "top")
            made = (rank,)
        if window is not None and row.field("window") is not None:
            taken("window", row, arguments.get("over").span, check, arguments.word.text)
            made = ()
        values = [*(order.value for order in orders), *(key.value for key in keys)]
        same = both(facts, all(map(is_deterministic, values)))
        reads = frozenset[tuple[str, ...]]().union(*map(columns, values))
        computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {
            (field.name,): frozenset() for field in made
        }
        if window is not None:
            reads |= columns(window.time)
            computed[(window.field.name,)] = columns(window.time)
        late = {ARITHMETIC_ERROR, LATE_ERROR} if window and window.closes else set[str]()
        return Outcome(
            ports={"out": row.with_fields((*row.fields, *made))},
            facts=replace(
                facts,
                keys=_keys(facts, keys, window, unique=number == 1 and not ties),
                time=window.clock if window is not None else waited(facts.time),
                deterministic=same if facts.order is Order.SOURCE else Truth.NO,
            ),
            lineage=Lineage(reads=reads, computed=computed),
            errors=frozenset[str](late).union(*map(errors, values)),
            outcome=First(number, orders, keys, ties, rank, window),
            held=(held,) if window is not None or "over" not in arguments else (),
        )

    def _rank(self, written: Path | None, row: Record, check: CheckContext) -> Field | None:
        names = None if written is None else names_of(written, check)
        if names is None or written is None:
            return None
        known = row.field(names[-1])
        if known is not None:
            first: Span = (
                known.origin[0].span if known.origin and known.origin[0].span else written.span
            )
            unique_names([(names[-1], first), (names[-1], written.span)], check, "top")
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
        grouped = arranged.names[len(orders) :]
        also: tuple[tuple[Field, Typed], ...] = ((rank, Const(0, INT)),) if rank else ()
        named = rank.name if rank else None
        arguments: tuple[object, ...] = (outcome.count, given, grouped, outcome.ties, named)
        window = outcome.window
        if window is None:
            state = CallRuntime(context.node.id, "state.order", "Top", arguments)
        else:
            also = ((window.field, _moment(window)), *also)
            state = CallRuntime(
                context.node.id,
                "state.windowed",
                "WindowedTop",
                (*arguments, window.over),
                timed=window.idle is not None,
            )
        reads = (*arranged.names, *(field.name for field, _ in also))
        return arranged.around(replace(state, reads=reads), context.ports["out"], also)


def _moment(window: Windowing) -> Typed:
    """The window of a record before it is known: from its time until then."""
    return MakeRecord((("start", window.time), ("end", window.time)), window.field.type)


def _keys(
    facts: Facts, keys: tuple[Key, ...], window: Windowing | None, *, unique: bool
) -> frozenset[tuple[str, ...]]:
    """What is unique in the records that leave; a record may leave with several windows."""
    own = tuple(key.way[0] for key in keys if key.way is not None and len(key.way) == 1)
    if window is not None:
        more = (window.field.name,)
        known = frozenset((*key, *more) for key in facts.keys)
        return known | {(*own, *more)} if unique and len(own) == len(keys) else known
    return facts.keys | {own} if unique and own and len(own) == len(keys) else facts.keys


OPERATOR = Top()
