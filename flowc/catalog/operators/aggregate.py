"""``aggregate total = sum(x) by region``: one record for each group."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.aggregates import Computed, computed
from flowc.catalog.grouping import Key, keys_of, not_yet, refuse_endless
from flowc.catalog.shared import both, names_of, stage_text, unique_names
from flowc.catalog.spec import (
    Aggregate,
    Arguments,
    Assignment,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
    Remembering,
)
from flowc.model.effects import NO_ERRORS, Changes, ErrorSet, Facts, Order, Truth
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime, Project
from flowc.model.source import Span
from flowc.model.typed import Typed, columns, errors, is_deterministic
from flowc.model.types import Field, Origin, Record


@dataclass(frozen=True, slots=True)
class Grouped:
    """The keys and what is computed of each group."""

    keys: tuple[Key, ...]
    functions: tuple[Computed, ...]


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
        "one, even of no records. Without functions the different keys leave."
    )
    form = "aggregate n = f(x) where cond, … by a, k = e"
    parameters = (
        Parameter("columns", Form.AGGREGATES, "what is computed of a group", required=False),
        Parameter("by", Form.COLUMNS, "what the groups are of", clause="by", required=False),
        Parameter("over", Form.WINDOW, "windows of time", clause="over", required=False),
        Parameter("every", Form.DURATION, "how far windows slide", clause="every", required=False),
        Parameter("late", Form.DURATION, "how long a window waits", clause="late", required=False),
        Parameter("until", Form.CONDITION, "what ends a group", clause="until", required=False),
    )
    spellings = ("summarize",)
    corrections = {"stats": "aggregate", "group": "aggregate", "distinct": "aggregate by"}
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
            if found is not None:
                functions.append(found)
                origin = Origin(f"was made by `{stage_text(item.span)}`", item.span)
                made.append(Field(found.name, found.type, origin=(origin,)))
        unique_names(named, check, arguments.word.text)
        for name in ("over", "every", "late", "until"):
            if name in arguments:
                not_yet(f"`{name}`", arguments.word.span, check)
        refuse_endless(
            arguments,
            facts,
            check,
            f"a group for each {_listed(keys)} is kept" if keys else "no result ever leaves",
        )
        return Outcome(
            ports={"out": Record((*(key.field for key in keys), *made))},
            facts=_facts(facts, keys, functions),
            lineage=_lineage(keys, functions),
            errors=_errors(keys, functions),
            outcome=Grouped(keys, tuple(functions)),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Grouped)
        arranged = Arranged.of(outcome)
        row = Record(
            tuple(Field(name, value.type) for name, value in arranged.columns),
            name=f"{context.node.id} arguments",
        )
        names = tuple(key.field.name for key in outcome.keys)
        return Remembering(
            before=(Project(context.node.id, arranged.columns, row),),
            state=CallRuntime(
                context.node.id,
                "state.aggregate",
                "Aggregation",
                (names, arranged.functions),
                reads=row.names,
                makes=True,
            ),
            takes=row,
            gives=context.ports["out"],
        )


@dataclass(frozen=True, slots=True)
class Arranged:
    """The columns that the state reads, and its functions: fold, argument, condition."""

    columns: tuple[tuple[str, Typed], ...]
    functions: tuple[tuple[str, str | None, str | None], ...]

    @classmethod
    def of(cls, grouped: Grouped) -> Arranged:
        """Keys first; what several functions are computed of stands there once."""
        made: list[tuple[str, Typed]] = [(key.field.name, key.value) for key in grouped.keys]
        keys = len(made)

        def column(value: Typed | None, name: str) -> str | None:
            if value is None:
                return None
            for known, other in made[keys:]:
                if other == value:
                    return known
            made.append((name, value))
            return name

        functions = tuple(
            (
                function.fold,
                column(function.argument, function.name),
                column(function.where, f"{function.name} where"),
            )
            for function in grouped.functions
        )
        return cls(tuple(made), functions)


def _listed(keys: tuple[Key, ...]) -> str:
    return ", ".join(f"'{key.field.name}'" for key in keys)


def _facts(facts: Facts, keys: tuple[Key, ...], functions: list[Computed]) -> Facts:
    deterministic = all(is_deterministic(key.value) for key in keys) and all(
        function.deterministic for function in functions
    )
    same = both(facts, deterministic) if facts.order is Order.SOURCE else Truth.NO
    names = tuple(key.field.name for key in keys)
    return replace(
        facts,
        changes=Changes.APPEND,
        keys=frozenset({names} if names else ()),
        time=None,
        deterministic=same,
    )


def _lineage(keys: tuple[Key, ...], functions: list[Computed]) -> Lineage:
    reads = frozenset[tuple[str, ...]]().union(
        *(columns(key.value) for key in keys), *(function.reads for function in functions)
    )
    computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {
        (key.field.name,): columns(key.value) for key in keys if key.way is None
    }
    for function in functions:
        computed[(function.name,)] = function.reads
    carried: dict[tuple[str, ...], tuple[str, ...]] = {
        (key.field.name,): key.way for key in keys if key.way is not None
    }
    return Lineage(reads=reads, carried=carried, computed=computed, rest=False)


def _errors(keys: tuple[Key, ...], functions: list[Computed]) -> ErrorSet:
    raised: ErrorSet = NO_ERRORS
    for key in keys:
        raised |= errors(key.value)
    for function in functions:
        raised |= function.errors
    return raised


OPERATOR = AggregateOperator()
