"""Functions of null and of errors."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog.spec import CallContext, Function, FunctionExample, FunctionRule, Overload
from flowc.model.expr import Call
from flowc.model.typed import Apply, Coalesce, IsNull, RuntimeCall, Try, Typed, Wrong
from flowc.model.types import BOOL, POISON, Ref, may_be_null, nullable, strip_null

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


def _nullif(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
    unified = check.unify(arguments, "the arguments of `nullif`")
    if unified is None:
        return Wrong(POISON, call.span)
    type, values = unified
    form = RuntimeCall("values.compare", "nullif")
    return Apply("nullif", form, values, nullable(type), strict=False, span=call.span)


def _tests_null(negated: bool) -> FunctionRule:
    def rule(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
        return IsNull(arguments[0], negated, BOOL, call.span)

    return rule


def _try(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
    return Try(arguments[0], nullable(arguments[0].type), call.span)


def _cases(arguments: Sequence[str]) -> str | None:
    """``case(a > 1, "x", a > 0, "y", "z")``; conditions and values, and what else."""
    if len(arguments) < 2:
        return None
    pairs = list(zip(arguments[::2], arguments[1::2]))
    otherwise = arguments[-1] if len(arguments) % 2 else "null"
    if otherwise == "null" and pairs[-1][0] in ("true", "true()"):
        otherwise = pairs.pop()[1]
    return " else ".join([*(f"if {test} then {value}" for test, value in pairs), otherwise])


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
            "ifnull": "{0} ?? {1}",
            "nvl": "{0} ?? {1}",
            "if_null": "{0} ?? {1}",
            "default": "coalesce",
            "zeroifnull": "{0} ?? 0",
            "iff": "if {0} then {1} else {2}",
            "iif": "if {0} then {1} else {2}",
            "if_else": "if {0} then {1} else {2}",
            "ifelse": "if {0} then {1} else {2}",
            "case": _cases,
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
    Function(
        "nullif",
        "a value, or null where it equals another",
        (
            Overload(
                (("value", _T), ("other", _T)),
                nullable(_T),
                RuntimeCall("values.compare", "nullif"),
                takes_null=True,
            ),
        ),
        (
            FunctionExample('nullif("n/a", "n/a")', "null"),
            FunctionExample('nullif("a", "n/a")', '"a"'),
            FunctionExample("nullif(1, null)", "1"),
        ),
        rule=_nullif,
        corrections={"null_if": "nullif"},
    ),
    *(
        Function(
            name,
            f"whether a value is {what}; `x {operator}` says the same",
            (Overload((("value", _T),), BOOL, RuntimeCall("values.null", "is_null")),),
            (
                FunctionExample(f"{name}(null)", of_null),
                FunctionExample(f"{name}(0)", of_zero),
            ),
            rule=_tests_null(negated),
            corrections=dict.fromkeys(words.split(), name),
        )
        for name, what, operator, negated, of_null, of_zero, words in (
            ("is_null", "null", "is null", False, "true", "false", "isnull isna is_missing"),
            (
                "is_not_null",
                "not null",
                "is not null",
                True,
                "false",
                "true",
                "isnotnull notnull exists",
            ),
        )
    ),
)
