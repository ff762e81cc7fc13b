"""Makers of catalogue entries: a signature on a line."""

from __future__ import annotations

from flowc.catalog.spec import FunctionExample, Overload
from flowc.model.effects import ARITHMETIC_ERROR, CONVERSION_ERROR, NO_ERRORS, ErrorSet
from flowc.model.typed import PythonForm
from flowc.model.types import Type

CONVERTS: ErrorSet = frozenset({CONVERSION_ERROR})
COMPUTES: ErrorSet = frozenset({ARITHMETIC_ERROR})


def gives(
    result: Type,
    python: PythonForm,
    errors: ErrorSet = NO_ERRORS,
    /,
    *,
    optional_: int = 0,
    variadic_: bool = False,
    takes_null_: bool = False,
    **parameters: Type,
) -> Overload:
    """An overload with named parameters; the underscores keep its own words apart from theirs."""
    return Overload(
        tuple(parameters.items()),
        result,
        python,
        variadic=variadic_,
        optional=optional_,
        takes_null=takes_null_,
        errors=errors,
    )


def examples(*pairs: tuple[str, str]) -> tuple[FunctionExample, ...]:
    """Calls and what they give; a result that is an error's name is one."""
    return tuple(
        FunctionExample(call, error=value)
        if value.endswith("Error")
        else FunctionExample(call, value)
        for call, value in pairs
    )
