"""``aggregate total = sum(x) by region``: one record for each group."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flowc.catalog.aggregates import Computed, computed
from flowc.catalog.foreign import aggregate, flags, listed, names, order
from flowc.catalog.grouping import ADVICE, Key, each, kept_until_end, keys_of, not_yet, number_of
from flowc.catalog.shared import both, names_of, stage_text, unique_names
from flowc.catalog.spec import (
    Aggregate,
    Arguments,
    Assignment,
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
    Remembering,
)
from flowc.catalog.windows import Windowing, window_of
from flowc.model.diagnostic import Safety
from flowc.model.effects import (
    ARITHMETIC_ERROR,
    LATE_ERROR,
    NO_ERRORS,
    Changes,
    ErrorSet,
    Facts,
    Held,
    Order,
    Truth,
)
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime, Project
from flowc.model.source import Span
from flowc.model.typed import Column, Typed, columns, errors, is_deterministic
from flowc.model.types import POISON, Field, Origin, Record


@dataclass(frozen=True, slots=True)
class Grouped:
    """The keys and what is computed of each group."""

    keys: tuple[Key, ...]
    functions: tuple[Computed, ...]
    window: Windowing | None = None


_EACH = "`aggregate` gives one record for each value of what stands behind `by`"


def _aggregate(stage: ForeignStage) -> Meant | None:
    """``stats count by a``, ``summarize count() by bin(t, 1h)``, ``aggregate {n = count this}``"""
    return aggregate(stage.rest, after=stage.after)


def _group(stage: ForeignStage) -> Meant | str | None:
    """``group {a} (aggregate {n = count this})``, ``group a (take 1)``, ``group by a``"""
    match = re.fullmatch(r"(\{[^{}]*\}|[\w.]+)\s*\((.+)\)", stage.rest, re.DOTALL)
    if match is None:
        found = listed("", re.sub(r"^by\s+", "", stage.rest))
        if found is None:
            return None
        return Meant(f"aggregate n = count() by{found}", _EACH, Safety.UNSAFE)
    keys, inner = ", ".join(names(match[1])), match[2].strip()
    first = re.fullmatch(r"(?:sort\s+(.+?)\s*\|\s*)?take\s+(\d+)", inner)
    if first and first[1]:
        return f"top {first[2]} {order(first[1])} by {keys}"
    if first and first[2] == "1":
        return f"dedupe by {keys}"
    columns = re.fullmatch(r"(?:aggregate|summarize)\s*(.+)", inner, re.DOTALL)
    return aggregate(columns[1], keys, stage.after) if columns else None


def _count(stage: ForeignStage) -> Meant | str | None:
    """``count``, ``count by a``, ``count(a)``, ``count() by a``, ``count -g a``"""
    rest = re.sub(r"^(?:\(\)\s*)?(?:by|-g|-f)\s+", "", stage.rest)
    if rest in ("", "()"):
        return "aggregate n = count()"
    return listed("aggregate n = count() by", rest)


def _distinct(stage: ForeignStage) -> str | None:
    """``distinct a, b`` gives the different keys; of whole records they are those of `dedupe`."""
    if stage.rest in ("", "*"):
        return "dedupe"
    return listed("aggregate by", stage.rest)


def _stats1(stage: ForeignStage) -> Meant | None:
    """``stats1 -a mean,sum -f x -g a``"""
    written = flags(stage.rest)
    functions, fields = written.get("a", "").split(","), written.get("f", "").split(",")
    columns = [f"{field}_{name} = {name}({field})" for field in fields for name in functions]
    return aggregate(", ".join(columns), written.get("g"))


class AggregateOperator(Operator):
    name = "aggregate"
    kind = "state"
    summary = "computes one record for each group"
    doc = (
        "The record has the keys behind `by` and what is computed: `count()`, `count(x)`, "
        "`count_distinct(x)`, `sum(x)`, `avg(x)`, `min(x)`, `max(x)`, `first(x)`, `last(x)`, "
        "`collect(x)`. `where` behind one of them says which records it is computed of. Nulls "
        "are left out, except by `count()`, `first`, `last` and `collect`; of no values a count "
        "is 0, a list empty, all else null. Null is a key like any other. Groups leave in the "
        "order in which they were first seen, at the end of the input; without `by` there is "
        "one, even of no records. Without functions the different keys leave. `over` divides "
        "by the clock of the stream too: `tumbling D` in windows that begin at the epoch, `sliding "
        "D every E` in such as begin every E, `session D` for each key in windows that end where "
        "no record comes for D. `window` is their `{start, end}`, the end not included. A window "
        "leaves once, when the clock less its lag is past the end, `late D` later; a record "
        "behind it is a LateError. A bounded input without lag sorts nothing out: all its windows "
        "leave at its end."
    )
    form = "aggregate n = f(x) where cond, … by a, k = e over WINDOW late D"
    parameters = (
        Parameter("columns", Form.AGGREGATES, "what is computed of a group", required=False),
        Parameter("by", Form.COLUMNS, "what the groups are of", clause="by", required=False),
        Parameter("over", Form.WINDOW, "windows of time", clause="over", required=False),
        Parameter("every", Form.DURATION, "how far windows slide", clause="every", required=False),
        Parameter("late", Form.DURATION, "how long a window waits", clause="late", required=False),
        Parameter("until", Form.CONDITION, "what ends a group", clause="until", required=False),
    )
    spellings = ("summarize",)
    corrections = {
        "aggregate": _aggregate,
        "summarize": _aggregate,
        "summarise": _aggregate,
        "stats": _aggregate,
        "timechart": _aggregate,
        "chart": _aggregate,
        "group": _group,
        "group_by": _group,
        "group-by": _group,
        "groupby": _group,
        "count": _count,
        "count-by": _count,
        "count-distinct": _count,
        "value_counts": _count,
        "distinct": _distinct,
        "stats1": _stats1,
    }
    regroups = True
    examples = (
        OperatorExample(
            "A sum and a count for each region",
            "aggregate total = sum(amount), n = count(), large = count() where amount > 10 by region",
            '{"region": "eu", "amount": 8}\n{"region": "us", "amount": 3}\n'
            '{"region": "eu", "amount": 12}',
            '{"region": "eu", "total": 20, "n": 2, "large": 1}\n'
            '{"region": "us", "total": 3, "n": 1, "large": 0}',
        ),
        OperatorExample(
            "Everything as one group, nulls left out",
            "aggregate n = count(), known = count(x), mean = avg(x), least = min(x)",
            '{"x": 1.5}\n{"x": null}\n{"x": 2.5}',
            '{"n": 3, "known": 2, "mean": 2.0, "least": 1.5}',
        ),
        OperatorExample(
            "By a computed key",
            "aggregate ids = collect(id) by day = date(t)",
            '{"id": 1, "t": "2024-01-01T10:00:00Z"}\n{"id": 2, "t": "2024-01-01T11:00:00Z"}',
            '{"day": "2024-01-01", "ids": [1, 2]}',
            type="{id: int, t: timestamp}",
        ),
        OperatorExample(
            "By the hour of the stream's clock",
            "aggregate n = count() over tumbling 1h | select from = window.start, n",
            '{"t": "2024-01-01T10:59:59Z"}\n{"t": "2024-01-01T11:00:00Z"}\n'
            '{"t": "2024-01-01T10:00:00Z"}',
            '{"from": "2024-01-01T10:00:00Z", "n": 2}\n{"from": "2024-01-01T11:00:00Z", "n": 1}',
            type="{t: timestamp} time t",
        ),
        OperatorExample(
            "The last two hours, every hour",
            "aggregate n = count() over sliding 2h every 1h | select till = window.end, n",
            '{"t": "2024-01-01T10:10:00Z"}\n{"t": "2024-01-01T11:00:00Z"}',
            '{"till": "2024-01-01T11:00:00Z", "n": 1}\n{"till": "2024-01-01T12:00:00Z", "n": 2}\n'
            '{"till": "2024-01-01T13:00:00Z", "n": 1}',
            type="{t: timestamp} time t",
        ),
        OperatorExample(
            "Visits: a break of half an hour begins a new one",
            "aggregate pages = count() by user over session 30m",
            '{"user": "a", "t": "2024-01-01T10:00:00Z"}\n{"user": "a", "t": "2024-01-01T10:20:00Z"}\n'
            '{"user": "a", "t": "2024-01-01T10:50:00Z"}',
            '{"user": "a", "window": {"start": "2024-01-01T10:00:00Z", '
            '"end": "2024-01-01T10:50:00Z"}, "pages": 2}\n'
            '{"user": "a", "window": {"start": "2024-01-01T10:50:00Z", '
            '"end": "2024-01-01T11:20:00Z"}, "pages": 1}',
            type="{user: string, t: timestamp} time t",
        ),
        OperatorExample(
            "The different keys",
            "aggregate by region",
            '{"region": "eu"}\n{"region": null}\n{"region": "eu"}\n{"region": null}',
            '{"region": "eu"}\n{"region": null}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        by: tuple[Assignment, ...] = arguments.get("by") or ()
        keys = keys_of(by, row, check)
        functions: list[Computed] = []
        named: list[tuple[str, Span]] = [(key.field.name, key.span) for key in keys]
        made: list[Field] = []
        written: tuple[Aggregate, ...] = arguments.get("columns") or ()
        for item in written:
            names = names_of(item.path, check)
            if names is None:
                continue
            named.append((names[-1], item.span))
            found = computed(item, names[-1], row, check, grouped=bool(keys))
            origin = Origin(f"was made by `{stage_text(item.span)}`", item.span)
            if found is None:
                made.append(Field(names[-1], POISON, origin=(origin,)))
                continue
            functions.append(found)
            made.append(Field(found.name, found.type, origin=(origin,)))
        window = window_of(arguments, row, facts, check)
        between: tuple[Field, ...] = ()
        if window is not None:
            between = (window.field,)
            named.append(("window", arguments.get("over").span))
        unique_names(named, check, arguments.word.text)
        if "until" in arguments:
            not_yet("`until`", arguments.get("until").span, check)
        return Outcome(
            ports={"out": Record((*(key.field for key in keys), *between, *made))},
            facts=_facts(facts, keys, functions, window),
            lineage=_lineage(keys, functions, window),
            errors=_errors(keys, functions, window),
            outcome=Grouped(keys, tuple(functions), window),
            held=_held(keys, window, facts) if window or "over" not in arguments else (),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Grouped)
        arranged = Arranged.of(outcome, context.row)
        module, kind = "state.aggregate", "Aggregation"
        arguments: tuple[object, ...] = (arranged.keys, arranged.functions)
        window = outcome.window
        if window is not None:
            module, kind = "state.windowed", "WindowedAggregation"
            arguments = (*arguments, arranged.time, window.over)
        state = CallRuntime(
            context.node.id,
            module,
            kind,
            arguments,
            reads=tuple(name for name, _ in arranged.columns),
            makes=True,
            timed=window is not None and window.idle is not None,
        )
        if arranged.are_plain:
            return state
        row = Record(
            tuple(Field(name, value.type) for name, value in arranged.columns),
            name=f"{context.node.id} arguments",
        )
        return Remembering(
            before=(Project(context.node.id, arranged.columns, row),),
            state=state,
            takes=row,
            gives=context.ports["out"],
        )


@dataclass(frozen=True, slots=True)
class Arranged:
    """The columns that the state reads, and its functions: fold, argument, condition.

    ``are_plain``: all of them are fields of the record that comes in, under their own names.
    """

    columns: tuple[tuple[str, Typed], ...]
    keys: tuple[str, ...]
    time: str
    functions: tuple[tuple[str, str | None, str | None], ...]
    are_plain: bool

    @classmethod
    def of(cls, grouped: Grouped, row: Record) -> Arranged:
        """Keys first; what several functions are computed of stands there once."""
        wanted = [(key.field.name, key.value) for key in grouped.keys]
        if grouped.window is not None:
            wanted.append((grouped.window.field.name, grouped.window.time))
        values = [value for _, value in wanted]
        for function in grouped.functions:
            values += [v for v in (function.argument, function.where) if v is not None]
        plain = all(_is_field(value, row) for value in values)
        made: list[tuple[str, Typed]] = []

        def named(value: Typed, name: str) -> str:
            return value.path[0] if plain and isinstance(value, Column) else name

        def column(value: Typed | None, name: str) -> str | None:
            if value is None:
                return None
            for known, other in made[0 if plain else len(wanted) :]:
                if other == value:
                    return known
            made.append((named(value, name), value))
            return made[-1][0]

        firsts = [named(value, name) for name, value in wanted]
        made += dict(zip(firsts, values)).items()
        functions = tuple(
            (
                function.fold,
                column(function.argument, function.name),
                column(function.where, f"{function.name} where"),
            )
            for function in grouped.functions
        )
        keys = len(grouped.keys)
        return cls(tuple(made), tuple(firsts[:keys]), "".join(firsts[keys:]), functions, plain)


def _is_field(value: Typed, row: Record) -> bool:
    """Whether a value is a field of the record as it is there."""
    if not isinstance(value, Column) or len(value.path) > 1:
        return False
    field = row.field(value.path[0])
    return field is not None and not field.optional and field.type == value.type


def _held(keys: tuple[Key, ...], window: Windowing | None, facts: Facts) -> tuple[Held, ...]:
    if window is not None:
        return (window.held(f"a group for each {each(keys, 'window')}", facts),)
    what = f"a group for each {each(keys)}" if keys else "one group"
    return (kept_until_end(what, facts, number_of(keys), ADVICE),)


def _facts(
    facts: Facts, keys: tuple[Key, ...], functions: list[Computed], window: Windowing | None
) -> Facts:
    deterministic = all(is_deterministic(key.value) for key in keys) and all(
        function.deterministic for function in functions
    )
    same = both(facts, deterministic) if facts.order is Order.SOURCE else Truth.NO
    names = tuple(key.field.name for key in keys)
    if window is not None:
        names = (*names, window.field.name)
    return replace(
        facts,
        changes=Changes.APPEND,
        keys=frozenset({names} if names else ()),
        time=window.clock if window is not None else None,
        deterministic=same,
    )


def _lineage(keys: tuple[Key, ...], functions: list[Computed], window: Windowing | None) -> Lineage:
    reads = frozenset[tuple[str, ...]]().union(
        *(columns(key.value) for key in keys), *(function.reads for function in functions)
    )
    computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {
        (key.field.name,): columns(key.value) for key in keys if key.way is None
    }
    for function in functions:
        computed[(function.name,)] = function.reads
    if window is not None:
        reads |= columns(window.time)
        computed[(window.field.name,)] = columns(window.time)
    carried: dict[tuple[str, ...], tuple[str, ...]] = {
        (key.field.name,): key.way for key in keys if key.way is not None
    }
    return Lineage(reads=reads, carried=carried, computed=computed, rest=False)


def _errors(keys: tuple[Key, ...], functions: list[Computed], window: Windowing | None) -> ErrorSet:
    raised: ErrorSet = NO_ERRORS
    if window is not None:
        raised |= {ARITHMETIC_ERROR, LATE_ERROR} if window.closes else {ARITHMETIC_ERROR}
    for key in keys:
        raised |= errors(key.value)
    for function in functions:
        raised |= function.errors
    return raised


OPERATOR = AggregateOperator()
