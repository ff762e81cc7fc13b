"""Values known at compile time as Python expressions: constructor calls, never pasted text."""

from __future__ import annotations

import ast
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from flowc.lower.pyast import attribute, call


class Imports(Protocol):
    """What a generated module imports; asking for a name has it imported."""

    def name(self, module: str, name: str) -> ast.Name:
        """``name``, imported from ``module``."""
        ...

    def module(self, module: str, alias: str = "") -> ast.Name:
        """``module`` itself, under an alias."""
        ...

    def runtime(self, module: str, name: str) -> ast.Name:
        """``name`` of the vendored runtime's ``module``."""
        ...


def constant(value: object, imports: Imports) -> ast.expr:
    """The value as a Python expression.

    Raises:
        TypeError: the value is of no type that a ``Const`` holds.
    """
    match value:
        case None | bool() | str() | bytes():
            return ast.Constant(value)
        case int() | float() if value < 0 or str(value) == "-0.0":
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        case int() | float():
            return ast.Constant(value)
        case Decimal():
            return call(imports.name("decimal", "Decimal"), ast.Constant(str(value)))
        case UUID():
            return call(imports.name("uuid", "UUID"), ast.Constant(str(value)))
        case datetime():
            return _moment(value, imports)
        case date():
            day = [ast.Constant(part) for part in (value.year, value.month, value.day)]
            return call(_of_time(imports, "date"), *day)
        case timedelta():
            return _length(value, imports)
        case _:
            raise TypeError(f"no constant of the language: {value!r}")


def _of_time(imports: Imports, name: str) -> ast.expr:
    return attribute(imports.module("datetime", "dt"), name)


def _moment(value: datetime, imports: Imports) -> ast.expr:
    parts = [value.year, value.month, value.day, value.hour, value.minute, value.second]
    parts.append(value.microsecond)
    while len(parts) > 3 and parts[-1] == 0:
        parts.pop()
    made = call(_of_time(imports, "datetime"), *(ast.Constant(part) for part in parts))
    made.keywords = [ast.keyword("tzinfo", _of_time(imports, "UTC"))]
    return made


def _length(value: timedelta, imports: Imports) -> ast.expr:
    made = call(_of_time(imports, "timedelta"))
    parts = (("days", value.days), ("seconds", value.seconds), ("microseconds", value.microseconds))
    made.keywords = [
        ast.keyword(name, constant(part, imports)) for name, part in parts if part
    ] or [ast.keyword("seconds", ast.Constant(0))]
    return made
