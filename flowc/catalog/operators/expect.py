"""``expect unique(id), count() > 0``: conditions over the whole of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from flowc.catalog import registry
from flowc.catalog.aggregates import AGGREGATES, Computed, computed
from flowc.catalog.grouping import kept_until_end
from flowc.catalog.shared import both, carried_column
from flowc.catalog.spec import (
    Aggregate,
    Arguments,
    CheckContext,
    Expected,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
    Remembering,
)
from flowc.catalog.windows import Windowing, window_of
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Fix, Safety
from flowc.model.effects import LATE_ERROR, NO_ERRORS, VALIDATION_ERROR, ErrorSet, Facts
from flowc.model.expect import Expectation, PredicateMustBeBool
from flowc.model.expr import (
    Call,
    Comparison,
    Conditional,
    Expr,
    FieldStep,
    Literal,
    LiteralKind,
    Logic,
    Path,
    Unary,
)
from flowc.model.graph import Lineage
from flowc.model.plan import CallRuntime, Judge, Project
from flowc.model.typed import (
    Apply,
    Column,
    MakeRecord,
    RuntimeCall,
    Typed,
    columns,
    errors,
    is_deterministic,
)
from flowc.model.types import (
    BOOL,
    STRING,
    Field,
    ListType,
    Poison,
    Record,
    nullable,
    strip_null,
)

NOT_OF_ALL = declare(
    "FC0349", "expectation-of-one-record", "What is expected is not of the stream as a whole"
)

UNIQUE = "unique"
#: What `unique` is called elsewhere, where it stands as a condition.
_AS_UNIQUE = (
    "uniq",
    "is_unique",
    "distinct",
    "is_distinct",
    "all_unique",
    "all_distinct",
    "unique_key",
)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is computed of all records, and the conditions over that: each with its text and the
    names of what is in it."""

    functions: tuple[Computed, ...]
    conditions: tuple[tuple[str, Typed, tuple[str, ...]], ...]
    window: Windowing | None = None


class Expect(Operator):
    name = "expect"
    kind = "keep or fail"
    summary = "fails the run where a condition over all records does not hold"
    doc = (
        "Conditions over the whole of a stream, built of the functions of `aggregate` and of "
        "`unique(x, …)`, which is true if no two records have the same values (null is a value "
        "like any other). `where` behind a condition says which records it is about. The records "
        "go on as they are. Where a condition is false or null at the end of the input, the run "
        "ends with exit code 1, says what was found, and publishes nothing under its final name: "
        "files stay `.partial`, tables as they were. What goes to standard output is out by then. "
        "All expectations of a run are judged. `unique(id)` makes `id` a key of the stream. `over` "
        "judges each window of time instead, as in `aggregate`: what was found in one that is not as "
        "expected goes to the dead letter, and the run goes on."
    )
    form = "expect unique(a), count() > 0 where cond, … [over tumbling D]"
    parameters = (
        Parameter("conditions", Form.EXPECTATIONS, "what must be true of all records"),
        Parameter("over", Form.WINDOW, "windows of time", clause="over", required=False),
        Parameter("every", Form.DURATION, "how far windows slide", clause="every", required=False),
        Parameter("late", Form.DURATION, "how long a window waits", clause="late", required=False),
    )
    examples = (
        OperatorExample(
            "What holds changes nothing",
            "expect unique(id), count() > 1, max(amount) < 100, count() == 1 where amount > 10",
            '{"id": 1, "amount": 8}\n{"id": 2, "amount": 12}',
            '{"id": 1, "amount": 8}\n{"id": 2, "amount": 12}',
        ),
        OperatorExample(
            "Several fields together are unique, and a share is as expected",
            "expect unique(day, id), count(note) / count() >= 0.5",
            '{"day": 1, "id": 1, "note": "x"}\n{"day": 2, "id": 1, "note": null}',
            '{"day": 1, "id": 1, "note": "x"}\n{"day": 2, "id": 1, "note": null}',
        ),
        OperatorExample(
            "In each hour: the second one is told in the dead letter",
            "expect count() > 1 over tumbling 1h",
            '{"t": "2024-01-01T10:00:00Z"}\n{"t": "2024-01-01T10:30:00Z"}\n'
            '{"t": "2024-01-01T11:00:00Z"}',
            '{"t": "2024-01-01T10:00:00Z"}\n{"t": "2024-01-01T10:30:00Z"}\n'
            '{"t": "2024-01-01T11:00:00Z"}',
            type="{t: timestamp} time t",
            dead=1,
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        window = window_of(arguments, row, facts, check)
        written: tuple[Expected, ...] = arguments.get("conditions")
        functions: dict[str, Computed] = {}
        conditions: list[tuple[str, Typed, tuple[str, ...]]] = []
        keys: set[tuple[str, ...]] = set()
        for item in written:
            reading = _Reading(item, row, check, functions)
            condition = reading.condition()
            if condition is not None:
                conditions.append((" ".join(item.span.text.split()), condition, reading.names))
                keys |= reading.keys if "over" not in arguments else set()
        found = tuple(functions.values())
        reads = frozenset[tuple[str, ...]]().union(*(function.reads for function in found))
        reads |= columns(window.time) if window is not None else frozenset()
        raised: ErrorSet = (
            NO_ERRORS if window is None else frozenset({LATE_ERROR, VALIDATION_ERROR})
        )
        for function in found:
            raised |= errors(function.argument) if function.argument is not None else NO_ERRORS
        grows = any(function.fold in ("repeats", "count_distinct", "collect") for function in found)
        deterministic = all(is_deterministic(condition) for _, condition, _ in conditions)
        return Outcome(
            ports={"out": row},
            facts=replace(facts, keys=facts.keys | keys, deterministic=both(facts, deterministic)),
            lineage=Lineage(reads=reads),
            errors=raised,
            outcome=Expectations(found, tuple(conditions), window),
            held=(
                window.held("what is expected of each window", facts)
                if window is not None
                else kept_until_end(
                    "what is expected of all records",
                    facts,
                    "the number of different values" if grows else "",
                    "of each record alone something is expected by `validate`",
                ),
            ),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Expectations)
        node, row = context.node.id, context.row
        extra, functions = _arranged(outcome.functions, row)
        fields = tuple(Field(function.name, function.type) for function in outcome.functions)
        window = outcome.window
        if window is not None:
            fields = (window.field, *fields)
            time = "window of time"
            while row.field(time) is not None:
                time += "'"
            extra = (*extra, (time, window.time))
        found = Record(fields, name=f"{node} found")
        takes = row.with_fields((*row.fields, *(Field(name, value.type) for name, value in extra)))
        expected = tuple((text, names) for text, _, names in outcome.conditions)
        read = [name for _, *some in functions for name in some if name]
        state = CallRuntime(
            node,
            "state.expect",
            "Expectations" if window is None else "WindowedExpectations",
            (functions, expected, *((time, window.over) if window is not None else ())),
            reads=tuple(dict.fromkeys((*read, *((time,) if window is not None else ())))),
            timed=window is not None and window.idle is not None,
            judge=Judge(
                found,
                tuple(condition for _, condition, _ in outcome.conditions),
                whole=window is None,
            ),
        )
        if not extra:
            return Remembering(state=state, takes=row, gives=row)
        carried = tuple((field.name, carried_column((field.name,), field)) for field in row.fields)
        return Remembering(
            before=(Project(node, (*carried, *extra), takes),),
            state=state,
            takes=takes,
            gives=takes,
            after=(Project(node, carried, row),),
        )


def _arranged(
    functions: tuple[Computed, ...], row: Record
) -> tuple[tuple[tuple[str, Typed], ...], tuple[tuple[str, str | None, str | None], ...]]:
    """The columns that the state reads beside the record's own, and its functions: fold,
    argument, condition."""
    extra: dict[str, Typed] = {}

    def column(value: Typed | None, name: str) -> str | None:
        if value is None:
            return None
        if isinstance(value, Column) and len(value.path) == 1 and value.present:
            return value.path[0]
        for known, other in extra.items():
            if other == value:
                return known
        while row.field(name) is not None or name in extra:
            name += "'"
        extra[name] = value
        return name

    made = tuple(
        (
            function.fold,
            column(function.argument, function.name),
            column(function.where, f"{function.name} where"),
        )
        for function in functions
    )
    return tuple(extra.items()), made


class _Reading:
    """One written expectation: its calls of aggregate functions become columns of what is found.

    ``functions`` are those of all expectations, by name. ``keys`` are the fields that it says are
    unique.
    """

    def __init__(
        self, item: Expected, row: Record, check: CheckContext, functions: dict[str, Computed]
    ) -> None:
        self.keys: set[tuple[str, ...]] = set()
        self._item = item
        self._row = row
        self._check = check
        self._functions = functions
        self._names: dict[str, None] = {}
        self._conditions = frozenset(map(id, _conditions(item.condition)))
        self._failed = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of what is found that are in the condition."""
        return tuple(self._names)

    def condition(self) -> Typed | None:
        """The condition over what is found; None where it was reported that it is none."""
        rewritten = self._rewritten(self._item.condition)
        if self._failed:
            return None
        field = next(_fields_of(rewritten, frozenset(self._names)), None)
        if field is not None or not self._names:
            self._not_of_all(field)
            return None
        found = Record(tuple(Field(name, self._functions[name].type) for name in self._names))
        expectation = Expectation(
            nullable(BOOL), PredicateMustBeBool("expect"), self._item.condition.span
        )
        typed = self._check.infer(rewritten, found, expectation)
        return None if isinstance(typed.type, Poison) else typed

    def _rewritten(self, expr: Any) -> Any:
        """The expression with a column in the place of each call."""
        match expr:
            case Call(name=name) if name in AGGREGATES:
                return self._column(expr)
            case Call(name=name) if name == UNIQUE:
                return self._unique(expr)
            case Call(name=name) if registry.function(name) is None or self._means_unique(expr):
                return self._column(expr)
            case tuple():
                return tuple(map(self._rewritten, expr))
            case Path() if expr.names is not None:
                return expr
            case _ if is_dataclass(expr) and not isinstance(expr, type):
                parts = {
                    field.name: self._rewritten(getattr(expr, field.name))
                    for field in fields(expr)
                    if field.compare
                }
                return replace(expr, **parts)
            case _:
                return expr

    def _means_unique(self, call: Call) -> bool:
        return call.name in _AS_UNIQUE and id(call) in self._conditions

    def _column(self, call: Call) -> Expr:
        written = Aggregate(Path((), call.span), call, self._item.where, call.span)
        name = " ".join(call.span.text.split())
        if self._item.where is not None:
            name += f" where {' '.join(self._item.where.span.text.split())}"
        if name not in self._functions:
            others = dict.fromkeys((UNIQUE, *_AS_UNIQUE), UNIQUE)
            if id(call) not in self._conditions:
                others = {UNIQUE: UNIQUE}
            found = computed(written, name, self._row, self._check, grouped=False, others=others)
            if found is None:
                self._failed = True
                return call
            self._functions[name] = found
        return self._path(name, call)

    def _path(self, name: str, call: Call) -> Path:
        self._names[name] = None
        return Path((FieldStep(name, call.span, quoted=True),), call.span)

    def _unique(self, call: Call) -> Expr:
        """``unique(a, b)`` as: nothing comes more than once."""
        name = " ".join(call.span.text.split())
        values = [self._check.infer(argument, self._row) for argument in call.arguments]
        if not values or any(isinstance(value.type, Poison) for value in values):
            if not values:
                self._check.reporter.error(
                    NOT_OF_ALL,
                    "`unique` needs the fields that no two records share",
                    call.span,
                    notes=("as in `expect unique(id)`, or `unique(day, id)`",),
                )
            self._failed = True
            return call
        where = self._item.where
        narrowed = None
        if where is not None:
            name += f" where {' '.join(where.span.text.split())}"
            expectation = Expectation(nullable(BOOL), PredicateMustBeBool("where"), where.span)
            narrowed = self._check.infer(where, self._row, expectation)
        elif all(isinstance(value, Column) and len(value.path) == 1 for value in values):
            self.keys.add(tuple(value.path[0] for value in values if isinstance(value, Column)))
        argument = _key(values, call)
        read = frozenset[tuple[str, ...]]().union(*map(columns, values))
        self._functions[name] = Computed(
            name,
            "repeats",
            argument,
            narrowed,
            ListType(argument.type),
            read | (columns(narrowed) if narrowed is not None else frozenset()),
            errors(argument),
            all(map(is_deterministic, values)),
        )
        length = Call("length", (self._path(name, call),), call.span, call.name_span)
        zero = Literal(LiteralKind.INT, "0", call.span)
        return Comparison("==", length, zero, call.span, call.name_span)

    def _not_of_all(self, field: Path | None) -> None:
        span = self._item.span if field is None else field.span
        text = " ".join(self._item.span.text.split())
        message = (
            f"'{field.span.text}' is a field of each record, and `expect` is about all of them"
            if field is not None
            else "this says nothing of the records"
        )
        word = f"validate {text}"
        fixes = (Fix(f"of each record it is expected by `{word}`", (), Safety.DISPLAY),)
        self._check.reporter.error(
            NOT_OF_ALL,
            message,
            span,
            notes=(
                f"conditions are built of `{UNIQUE}` and {', '.join(f'`{n}`' for n in AGGREGATES)}",
            ),
            fixes=fixes if field is not None else (),
        )


def _key(values: list[Typed], call: Call) -> Typed:
    """What is the same for two records just where all the values are."""
    from flowc.catalog.aggregates import is_plain

    if len(values) == 1 and is_plain(strip_null(values[0].type)):
        return values[0]
    record = Record(tuple(Field(str(n), value.type) for n, value in enumerate(values)))
    made = MakeRecord(tuple((str(n), value) for n, value in enumerate(values)), record, call.span)
    form = RuntimeCall("values.text", "json_text")
    return Apply("format", form, (made,), STRING, errors=frozenset({VALIDATION_ERROR}))


def _conditions(expr: Expr) -> Iterator[Expr]:
    """The parts of an expectation that are conditions themselves."""
    match expr:
        case Logic(operands=operands):
            for operand in operands:
                yield from _conditions(operand)
        case Unary(operator="not", operand=operand):
            yield from _conditions(operand)
        case Conditional(then=then, otherwise=otherwise):
            yield from _conditions(then)
            yield from _conditions(otherwise)
        case _:
            yield expr


def _fields_of(expr: Any, known: frozenset[str]) -> Iterator[Path]:
    """The fields in a rewritten condition that are none of what is found."""
    match expr:
        case Path(steps=(FieldStep(name=name), *_)):
            if name not in known:
                yield expr
        case tuple():
            for part in expr:
                yield from _fields_of(part, known)
        case _ if is_dataclass(expr) and not isinstance(expr, type):
            for field in fields(expr):
                if field.compare:
                    yield from _fields_of(getattr(expr, field.name), known)


OPERATOR = Expect()
