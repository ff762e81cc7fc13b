"""The overloads of arithmetic, as the functions of the catalogue state theirs.

Comparisons are no overloads: what may be compared is a relation between two types.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowc.catalog.spec import Overload
from flowc.model.effects import ARITHMETIC_ERROR, NO_ERRORS, ErrorSet
from flowc.model.typed import BinaryForm, PythonForm, RuntimeCall, UnaryForm
from flowc.model.types import (
    BIGINT,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    NUMBER,
    TIMESTAMP,
    Type,
)

_ARITHMETIC: ErrorSet = frozenset({ARITHMETIC_ERROR})


def _binary(
    left: Type,
    right: Type,
    result: Type,
    python: PythonForm,
    checked: str = "",
    errors: ErrorSet = _ARITHMETIC,
) -> Overload:
    return Overload(
        (("left", left), ("right", right)), result, python, errors=errors, checked=checked
    )


def _unary(type: Type, python: PythonForm, checked: str = "") -> Overload:
    errors = _ARITHMETIC if checked else NO_ERRORS
    return Overload((("value", type),), type, python, errors=errors, checked=checked)


def _exact(symbol: str) -> tuple[Overload, ...]:
    """``+ - *`` of all numbers: Python's own, checked where the result is kept."""
    form = BinaryForm(symbol)
    return (
        _binary(INT, INT, INT, form, "int64"),
        _binary(BIGINT, BIGINT, BIGINT, form, errors=NO_ERRORS),
        _binary(FLOAT, FLOAT, FLOAT, form, "finite"),
        _binary(FLOAT, NUMBER, FLOAT, form, "finite"),
        _binary(NUMBER, FLOAT, FLOAT, form, "finite"),
        _binary(NUMBER, NUMBER, NUMBER, form, "number"),
        _binary(DECIMAL, DECIMAL, DECIMAL, form),
    )


def _floored(symbol: str, decimal: str) -> tuple[Overload, ...]:
    """``//`` and ``%``; those of Python's decimals cut towards zero instead."""
    form = BinaryForm(symbol)
    return (
        _binary(INT, INT, INT, form, "int64"),
        _binary(BIGINT, BIGINT, BIGINT, form),
        _binary(FLOAT, FLOAT, FLOAT, form, "finite"),
        _binary(FLOAT, NUMBER, FLOAT, form, "finite"),
        _binary(NUMBER, FLOAT, FLOAT, form, "finite"),
        _binary(NUMBER, NUMBER, NUMBER, form, "number"),
        _binary(DECIMAL, DECIMAL, DECIMAL, RuntimeCall("values.numbers", decimal)),
    )


BINARY: Mapping[str, tuple[Overload, ...]] = {
    "+": (
        *_exact("+"),
        _binary(TIMESTAMP, DURATION, TIMESTAMP, BinaryForm("+")),
        _binary(DURATION, TIMESTAMP, TIMESTAMP, BinaryForm("+")),
        _binary(DURATION, DURATION, DURATION, BinaryForm("+")),
        _binary(DATE, DURATION, DATE, BinaryForm("+")),
        _binary(DURATION, DATE, DATE, BinaryForm("+")),
    ),
    "-": (
        *_exact("-"),
        _binary(TIMESTAMP, DURATION, TIMESTAMP, BinaryForm("-")),
        _binary(TIMESTAMP, TIMESTAMP, DURATION, BinaryForm("-"), errors=NO_ERRORS),
        _binary(DATE, DATE, DURATION, BinaryForm("-"), errors=NO_ERRORS),
        _binary(DURATION, DURATION, DURATION, BinaryForm("-")),
        _binary(DATE, DURATION, DATE, BinaryForm("-")),
    ),
    "*": (
        *_exact("*"),
        _binary(DURATION, INT, DURATION, BinaryForm("*")),
        _binary(INT, DURATION, DURATION, BinaryForm("*")),
        _binary(DURATION, FLOAT, DURATION, RuntimeCall("values.time", "scale_duration")),
        _binary(FLOAT, DURATION, DURATION, RuntimeCall("values.time", "scaled_duration")),
    ),
    "/": (
        _binary(INT, INT, FLOAT, BinaryForm("/"), "finite"),
        _binary(BIGINT, BIGINT, FLOAT, BinaryForm("/"), "finite"),
        _binary(FLOAT, FLOAT, FLOAT, BinaryForm("/"), "finite"),
        _binary(NUMBER, NUMBER, FLOAT, BinaryForm("/"), "finite"),
        _binary(DECIMAL, DECIMAL, DECIMAL, RuntimeCall("values.numbers", "divide_decimal")),
        _binary(DURATION, DURATION, FLOAT, BinaryForm("/"), "finite"),
        _binary(DURATION, INT, DURATION, RuntimeCall("values.time", "divide_duration")),
        _binary(DURATION, FLOAT, DURATION, RuntimeCall("values.time", "divide_duration")),
    ),
    "//": (
        *_floored("//", "floor_divide_decimal"),
        _binary(DURATION, DURATION, INT, BinaryForm("//"), "int64"),
    ),
    "%": (
        *_floored("%", "modulo_decimal"),
        _binary(DURATION, DURATION, DURATION, BinaryForm("%")),
    ),
}

UNARY: Mapping[str, tuple[Overload, ...]] = {
    "-": (
        _unary(INT, UnaryForm("-"), "int64"),
        _unary(BIGINT, UnaryForm("-")),
        _unary(FLOAT, UnaryForm("-")),
        _unary(NUMBER, UnaryForm("-"), "number"),
        _unary(DECIMAL, UnaryForm("-")),
        _unary(DURATION, UnaryForm("-")),
    ),
}
