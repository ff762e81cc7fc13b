"""The aggregate functions, and the typing of their calls.

A function is one entry of ``AGGREGATES``: its name, what it takes, what it gives, and the fold
of the runtime (``flowc_runtime.state.folds``) that computes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flowc.catalog.spec import Aggregate, CheckContext
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.effects import ARITHMETIC_ERROR, NO_ERRORS, ErrorSet
from flowc.model.expect import Expectation, PredicateMustBeBool
from flowc.model.expr import Call, Hole
from flowc.model.typed import Const, If, Typed, columns, errors, is_deterministic
from flowc.model.types import (
    BIGINT,
    BOOL,
    BYTES,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    INT32,
    JSON,
    NULL,
    NUMBER,
    STRING,
    TIMESTAMP,
    UINT32,
    UINT64,
    DecimalType,
    EnumType,
    ListType,
    Poison,
    Record,
    Scalar,
    Type,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.show import label

NO_AGGREGATE = declare(
    "FC0380", "not-an-aggregate", "What `aggregate` computes is no call of an aggregate function"
)
WRONG_ARGUMENT = declare(
    "FC0381", "wrong-aggregate-argument", "An aggregate function does not take these arguments"
)

#: What a function gives for an argument of a type: a fold and the type of its result; None
#: where it does not take the type.
Rule = Callable[[Type], tuple[str, Type] | None]


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """An aggregate function.

    ``takes`` says in words what ``rule`` accepts. ``alone`` is the fold of a call without
    argument, where that is one. ``of_none`` says that the function has a value for no records;
    of the others that is null. ``keeps_null``: a null is a value like any other.
    """

    name: str
    summary: str
    takes: str
    rule: Rule
    alone: tuple[str, Type] | None = None
    of_none: bool = False
    keeps_null: bool = False
    errors: ErrorSet = NO_ERRORS
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """One aggregate, typed. ``where`` is set where the fold must be told which records count;
    for a function that leaves nulls out, the argument is null for the others."""

    name: str
    fold: str
    argument: Typed | None
    where: Typed | None
    type: Type
    reads: frozenset[tuple[str, ...]]
    errors: ErrorSet
    deterministic: bool


def _by_type(fold: str, results: Mapping[Type, tuple[str, Type]]) -> Rule:
    """``fold`` and the kind of number it adds up; decimals stay exact."""

    def rule(type: Type) -> tuple[str, Type] | None:
        if isinstance(type, DecimalType):
            return f"{fold}_decimal", DECIMAL
        kind, result = results.get(type, ("", type))
        return (f"{fold}_{kind}", result) if kind else None

    return rule


def _ordered(fold: str) -> Rule:
    return lambda type: (fold, type) if is_ordered(type) else None


def is_ordered(type: Type) -> bool:
    """Whether of two values of a type, null aside, one comes before the other."""
    kinds = (*_WHOLE, FLOAT, NUMBER, STRING, BYTES, TIMESTAMP, DATE, DURATION)
    return type in kinds or isinstance(type, DecimalType | EnumType)


def is_plain(type: Type) -> bool:
    """Whether values of a type, null aside, can be told apart and grouped by."""
    return type != JSON and isinstance(type, Scalar | DecimalType | EnumType)


_WHOLE = (INT32, UINT32, INT, UINT64, BIGINT)

AGGREGATES: Mapping[str, AggregateFunction] = {
    function.name: function
    for function in (
        AggregateFunction(
            "count",
            "the number of records, or of values that are not null",
            "any value",
            lambda type: ("count_values", INT),
            alone=("count", INT),
            of_none=True,
        ),
        AggregateFunction(
            "sum",
            "the sum of the values: integers and decimals exactly, floats rounded once",
            "numbers or durations",
            _by_type(
                "sum",
                {
                    INT32: ("int", INT),
                    UINT32: ("int", INT),
                    INT: ("int", INT),
                    UINT64: ("uint64", UINT64),
                    BIGINT: ("bigint", BIGINT),
                    FLOAT: ("float", FLOAT),
                    NUMBER: ("number", NUMBER),
                    DURATION: ("duration", DURATION),
                },
            ),
            errors=frozenset({ARITHMETIC_ERROR}),
        ),
        AggregateFunction(
            "avg",
            "the mean of the values: a float, or a decimal of decimals",
            "numbers",
            _by_type(
                "avg",
                {
                    **dict.fromkeys(_WHOLE, ("int", FLOAT)),
                    FLOAT: ("float", FLOAT),
                    NUMBER: ("number", FLOAT),
                },
            ),
            errors=frozenset({ARITHMETIC_ERROR}),
            spellings=("mean", "average"),
        ),
        AggregateFunction("min", "the least value", "numbers, texts or times", _ordered("min")),
        AggregateFunction("max", "the greatest value", "numbers, texts or times", _ordered("max")),
        AggregateFunction(
            "first",
            "the value of the first record, null included",
            "any value",
            lambda type: ("first", type),
            keeps_null=True,
        ),
        AggregateFunction(
            "last",
            "the value of the last record, null included",
            "any value",
            lambda type: ("last", type),
            keeps_null=True,
        ),
        AggregateFunction(
            "collect",
            "a list of all the values, null included",
            "any value",
            lambda type: ("collect", type),
            of_none=True,
            keeps_null=True,
            spellings=("array_agg", "make_list", "collect_list", "list_agg"),
        ),
        AggregateFunction(
            "count_distinct",
            "the number of different values that are not null",
            "values that are no list, map, record or json",
            lambda type: ("count_distinct", INT) if is_plain(type) else None,
            of_none=True,
            spellings=("dcount", "distinct_count", "dc", "nunique", "n_distinct", "uniq"),
        ),
    )
}


def computed(
    written: Aggregate,
    name: str,
    row: Record,
    check: CheckContext,
    *,
    grouped: bool,
    others: Mapping[str, str] = MappingProxyType({}),
) -> Computed | None:
    """A written aggregate over a row; None where it was reported.

    ``grouped``: each group has a record, so that only ``where`` or nulls leave nothing over.
    ``others``: words that can be meant here, and how the place's own functions are called.
    """
    if isinstance(written.value, Hole):
        return None
    function = _function(written, check, others)
    if function is None:
        return None
    call = written.value
    assert isinstance(call, Call)
    where = _where(written, row, check)
    inner = row if where is None else check.narrow(row, where, True)
    arguments = [check.infer(argument, inner) for argument in call.arguments]
    if any(isinstance(argument.type, Poison) for argument in arguments):
        return None
    if len(arguments) > 1 or (not arguments and function.alone is None):
        check.reporter.error(
            WRONG_ARGUMENT,
            f"`{function.name}` takes one argument, not {len(arguments)}",
            call.span,
            notes=(f"it takes {function.takes}",),
        )
        return None
    argument = arguments[0] if arguments else None
    found = function.alone if argument is None else function.rule(strip_null(argument.type))
    if found is None:
        assert argument is not None
        _wrong_type(function, argument, call, check)
        return None
    fold, type = found
    if function.name == "collect" and argument is not None:
        type = ListType(argument.type)
    elif not function.of_none:
        null = argument is not None and may_be_null(argument.type)
        type = nullable(type) if null or where is not None or not grouped else type
    reads = frozenset[tuple[str, ...]]().union(
        *(columns(part) for part in (argument, where) if part is not None)
    )
    raised = function.errors | frozenset[str]().union(
        *(errors(part) for part in (argument, where) if part is not None)
    )
    deterministic = all(is_deterministic(part) for part in (argument, where) if part is not None)
    if where is not None:
        if argument is None:
            fold, argument = "count_values", Const(True, BOOL)
        argument = If(where, argument, Const(None, NULL), nullable(argument.type), written.span)
        where = where if function.keeps_null else None
    return Computed(name, fold, argument, where, type, reads, raised, deterministic)


def _where(written: Aggregate, row: Record, check: CheckContext) -> Typed | None:
    if written.where is None:
        return None
    expectation = Expectation(nullable(BOOL), PredicateMustBeBool("where"), written.span)
    return check.infer(written.where, row, expectation)


def _function(
    written: Aggregate, check: CheckContext, others: Mapping[str, str]
) -> AggregateFunction | None:
    """The function that is called; reported where there is none."""
    value = written.value
    text = " ".join(value.span.text.split())
    if not isinstance(value, Call):
        check.reporter.error(
            NO_AGGREGATE,
            f"`{text}` is no call of an aggregate function",
            value.span,
            notes=(
                f"aggregate functions: {', '.join(AGGREGATES)}",
                "what is computed of their results stands in a `set` behind `aggregate`; what "
                "the groups are of stands behind `by`",
            ),
        )
        return None
    function = AGGREGATES.get(value.name)
    if function is not None:
        return function
    known = {word: f.name for f in AGGREGATES.values() for word in (f.name, *f.spellings)}
    known |= others
    names = ", ".join(dict.fromkeys((*AGGREGATES, *others.values())))
    meant = known.get(value.name)
    near = [meant] if meant else [known[word] for word in nearest(value.name, tuple(known))]
    safety = Safety.SAFE if meant else Safety.UNSAFE
    check.reporter.error(
        NO_AGGREGATE,
        f"`{value.name}` is no aggregate function",
        value.name_span,
        at=f"it is called `{meant}` here" if meant else "",
        notes=(f"aggregate functions: {names}",),
        fixes=tuple(
            Fix(f"write `{name}`", (Edit(value.name_span, name),), safety) for name in near[:1]
        ),
    )
    return None


def _wrong_type(
    function: AggregateFunction, argument: Typed, call: Call, check: CheckContext
) -> None:
    kind = strip_null(argument.type)
    notes = [f"it takes {function.takes}"]
    if kind in (JSON, STRING):
        notes.append("convert it first, as in `float(x)` or `int(x)`")
    check.reporter.error(
        WRONG_ARGUMENT,
        f"`{function.name}` does not take {label(kind)}",
        call.arguments[0].span,
        at=f"this is {label(kind)}",
        notes=tuple(notes),
    )
