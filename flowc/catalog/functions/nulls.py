"""Functions of null and of errors."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog.spec import CallContext, Function, FunctionExample, Overload
from flowc.model.expr import Call
from flowc.model.typed import Coalesce, RuntimeCall, Try, Typed, Wrong
from flowc.model.types import POISON, Ref, may_be_null, nullable, strip_null

_T = Ref("T")


def _coalesce(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
    unified = check.unify(arguments, "the arguments of `coalesce`")
    if unified is None:
        return Wrong(POISON, call.span)
    type, values = unified
    sure = next((i for i, value in enumerate(values) if not may_be_null(value.type)), None)
    if sure == 0:
        return values[0]
    known = strip_null(type) if sure is not None else nullable(type)
    return Coalesce(values if sure is None else values[: sure + 1], known, call.span)


def _try(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
    return Try(arguments[0], nullable(arguments[0].type), call.span)


FUNCTIONS = (
    Function(
        "coalesce",
        "the first value that is not null; `a ?? b` says the same of two",
        (
            Overload(
                (("first", _T), ("other", _T)),
                _T,
                RuntimeCall("values.null", "coalesce"),
                variadic=True,
                takes_null=True,
            ),
        ),
        (
            FunctionExample('coalesce(null, null, "x")', '"x"'),
            FunctionExample("coalesce(null, null)", "null"),
        ),
        rule=_coalesce,
        corrections={
            "ifnull": "coalesce",
            "nvl": "coalesce",
            "isnull": "coalesce",
            "if_null": "coalesce",
            "default": "coalesce",
            "zeroifnull": "coalesce",
        },
    ),
    Function(
        "try",
        "the value of an expression, or null where computing it is an error of the record",
        (Overload((("value", _T),), _T, RuntimeCall("values.null", "try_")),),
        (
            FunctionExample('try(int("12"))', "12"),
            FunctionExample('try(int("many"))', "null"),
            FunctionExample("try(1 / 0)", "null"),
        ),
        rule=_try,
        corrections={"try_cast": "try", "safe": "try", "safe_cast": "try", "iferror": "try"},
    ),
)
