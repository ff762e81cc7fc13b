"""A value against what its place expects: the actual type with its origin, the expected
one with its reason."""

from __future__ import annotations

from typing import assert_never

from flowc.check.expressions.arithmetic import wrap
from flowc.check.expressions.coerce import adapted, widened
from flowc.check.expressions.context import Walk, bare, is_null, is_wrong, wrong
from flowc.check.expressions.json import conversion, needs_cast
from flowc.check.expressions.nulls import default
from flowc.check.expressions.origins import origins
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Fix, Label, Safety
from flowc.model.expect import (
    Because,
    BranchesMustAgree,
    DeclaredSchema,
    Expectation,
    FunctionArgument,
    OperatorArgument,
    PredicateMustBeBool,
    ProcessorParameter,
    SinkColumn,
    UserAnnotation,
)
from flowc.model.source import Span
from flowc.model.typed import Typed
from flowc.model.types import (
    BOOL,
    JSON,
    STRING,
    DecimalType,
    Record,
    Scalar,
    Type,
    nullable,
    strip_null,
)
from flowc.types.relate import Reason, explain, is_numeric
from flowc.types.show import label

MISMATCH = declare("FC0301", "type-mismatch", "A value is not of the type that its place expects")


def fit(
    walk: Walk,
    value: Typed,
    row: Record,
    expectation: Expectation,
    span: Span,
    *,
    strict_null: bool = False,
) -> Typed:
    """The value as one of the expected type; poison where it was reported that it is none.

    Null where a plain type is expected passes, unless ``strict_null`` under ``--strict``.
    """
    if is_wrong(value):
        return value
    expected = expectation.type
    written = adapted(value, expected)
    if written is not None:
        return written
    mismatch = explain(value.type, expected, walk.types)
    if mismatch is not None and mismatch.reason is Reason.NULLABLE and not mismatch.path:
        if strict_null and walk.strict:
            labels, notes = origins(row, value)
            walk.reporter.error(
                MISMATCH,
                f"{_who(expectation.because)} needs {label(expected)}, but this may be null",
                span,
                at="may be null",
                labels=labels,
                notes=notes,
                fixes=default(walk, value, span),
            )
            return wrong(span)
        expected = nullable(expected)
        mismatch = explain(value.type, expected, walk.types)
    if mismatch is None:
        return widened(value, expected)
    if bare(value.type, walk) == JSON:
        needs_cast(walk, value, expected, _who(expectation.because))
        return wrong(span)
    labels, notes = origins(row, value)
    if expectation.span is not None and expectation.span != span:
        labels = (*labels, Label(expectation.span, reason(expectation.because)))
    actual = bare(value.type, walk)
    walk.reporter.error(
        MISMATCH,
        f"{_who(expectation.because)} needs {label(strip_null(expected))}, but this is {label(actual)}",
        span,
        at=f"this is {label(actual)}" + (" (maybe null)" if is_null(value.type, walk) else ""),
        labels=labels,
        notes=(*((mismatch.why,) if mismatch.path else ()), *notes, *_hints(expected, actual)),
        fixes=_fixes(expected, actual, span),
    )
    return wrong(span)


def _who(because: Because) -> str:
    """The place, as the subject of "… needs int"."""
    match because:
        case SinkColumn(sink, column):
            return f"the column `{column}` of {sink}"
        case ProcessorParameter(processor):
            return f"`{processor}`"
        case DeclaredSchema(name):
            return f"`{name}`"
        case PredicateMustBeBool(operator):
            return f"the condition of `{operator.strip('`')}`"
        case FunctionArgument(function, _, parameter):
            return f"`{parameter}` of `{function}`"
        case OperatorArgument(operator, parameter):
            return f"`{parameter}` of `{operator}`"
        case BranchesMustAgree(what):
            return what
        case UserAnnotation(what):
            return f"`{what}`"
        case _:
            assert_never(because)


def reason(because: Because) -> str:
    """Why the type is expected, as a label at the place that says so."""
    match because:
        case SinkColumn(sink, column):
            return f"the column `{column}` of {sink} is declared so"
        case ProcessorParameter(processor):
            return f"`{processor}` takes this type"
        case DeclaredSchema(name):
            return f"`{name}` is declared so"
        case PredicateMustBeBool(operator):
            return f"`{operator.strip('`')}` takes a condition"
        case FunctionArgument(function, _, parameter):
            return f"`{function}` takes it as `{parameter}`"
        case OperatorArgument(operator, parameter):
            return f"`{operator}` takes it as `{parameter}`"
        case BranchesMustAgree(what):
            return f"{what} must have one type"
        case UserAnnotation(what):
            return f"`{what}` says so"
        case _:
            assert_never(because)


def _hints(expected: Type, actual: Type) -> tuple[str, ...]:
    if expected not in (BOOL, nullable(BOOL)):
        return ()
    if is_numeric(actual):
        return ("a number is no condition: compare it, as in `x > 0`",)
    if actual == STRING:
        return ('a text is no condition: compare it, as in `x == "yes"` or `x != ""`',)
    return ("`x is not null` tests whether a value is there",)


def _fixes(expected: Type, actual: Type, span: Span) -> tuple[Fix, ...]:
    function = conversion(strip_null(expected))
    simple = isinstance(actual, Scalar | DecimalType)
    if function is None or function == "bool" or not simple:
        return ()
    return (wrap(function, span, Safety.UNSAFE),)
