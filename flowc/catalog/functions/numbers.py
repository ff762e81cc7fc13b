"""Functions of numbers. Halves round to the even neighbour."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog.spec import CallContext, Function, FunctionExample, Overload
from flowc.model.effects import ARITHMETIC_ERROR
from flowc.model.expr import Call
from flowc.model.typed import Apply, BuiltinCall, RuntimeCall, Typed, Wrong
from flowc.model.types import (
    BIGINT,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    NUMBER,
    POISON,
    Ref,
    Type,
    may_be_null,
    nullable,
    strip_null,
)

_MODULE = "values.numbers"
_ERRORS = frozenset({ARITHMETIC_ERROR})


def _absolute(type: Type, checked: str = "") -> Overload:
    errors = _ERRORS if checked in ("int64", "number") else frozenset()
    return Overload((("number", type),), type, BuiltinCall("abs"), errors=errors, checked=checked)


def _whole(type: Type, name: str) -> Overload:
    return Overload((("number", type),), INT, RuntimeCall(_MODULE, name), errors=_ERRORS)


def _rounded(type: Type, checked: str) -> Overload:
    parameters = (("number", type), ("digits", INT))
    return Overload(parameters, type, BuiltinCall("round"), errors=_ERRORS, checked=checked)


def _extreme(function: str, builtin: str) -> Function:
    def rule(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
        unified = check.unify(arguments, f"the arguments of `{function}`")
        if unified is None:
            return Wrong(POISON, call.span)
        type, values = unified
        if any(may_be_null(value.type) for value in values):
            every = all(may_be_null(value.type) for value in values)
            result = nullable(type) if every else strip_null(type)
            form = RuntimeCall("values.null", function)
            return Apply(function, form, values, result, strict=False, span=call.span)
        return Apply(function, BuiltinCall(builtin), values, type, span=call.span)

    word = "smallest" if function == "least" else "largest"
    first, second = ("1", "3") if function == "least" else ("3", "3")
    return Function(
        function,
        f"the {word} of several values, null left out; null if all are null",
        (
            Overload(
                (("first", Ref("T")), ("other", Ref("T"))),
                Ref("T"),
                BuiltinCall(builtin),
                variadic=True,
                takes_null=True,
            ),
        ),
        (
            FunctionExample(f"{function}(3, 1, 2)", first),
            FunctionExample(f"{function}(null, 3)", second),
        ),
        rule=rule,
        corrections={builtin: function},
    )


FUNCTIONS = (
    Function(
        "abs",
        "a number without its sign",
        (
            _absolute(INT, "int64"),
            _absolute(BIGINT),
            _absolute(FLOAT, "finite"),
            _absolute(NUMBER, "number"),
            _absolute(DECIMAL),
            Overload((("length", DURATION),), DURATION, BuiltinCall("abs")),
        ),
        (
            FunctionExample("abs(-3)", "3"),
            FunctionExample("abs(-9223372036854775807 - 1)", error="ArithmeticError"),
        ),
    ),
    Function(
        "round",
        "the nearest whole number, as an int; or the nearest number with so many digits",
        (
            _whole(FLOAT, "round_number"),
            _whole(NUMBER, "round_number"),
            Overload((("number", INT),), INT, BuiltinCall("round")),
            Overload((("number", BIGINT),), BIGINT, BuiltinCall("round")),
            _rounded(FLOAT, "finite"),
            _rounded(NUMBER, "number"),
            _rounded(INT, "int64"),
            _rounded(BIGINT, ""),
            Overload(
                (("number", DECIMAL), ("digits", INT)),
                DECIMAL,
                RuntimeCall(_MODULE, "round_half_even"),
                optional=1,
                errors=_ERRORS,
            ),
        ),
        (
            FunctionExample("round(2.5)", "2"),
            FunctionExample("round(3.14159, 2)", "3.14"),
            FunctionExample("round(1250, -2)", "1200"),
        ),
    ),
    Function(
        "floor",
        "the largest whole number that is not above a number",
        tuple(_whole(type, "floor") for type in (INT, FLOAT, NUMBER, DECIMAL)),
        (
            FunctionExample("floor(-1.5)", "-2"),
            FunctionExample("floor(1e300)", error="ArithmeticError"),
        ),
    ),
    Function(
        "ceil",
        "the smallest whole number that is not below a number",
        tuple(_whole(type, "ceil") for type in (INT, FLOAT, NUMBER, DECIMAL)),
        (FunctionExample("ceil(1.2)", "2"),),
        spellings=("ceiling",),
    ),
    _extreme("least", "min"),
    _extreme("greatest", "max"),
)
