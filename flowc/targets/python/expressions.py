"""Typed expressions as Python, with what they import."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from flowc.model.typed import (
    Apply,
    BinaryForm,
    BuiltinCall,
    Column,
    Const,
    MethodCall,
    RuntimeCall,
    Setting,
    Typed,
    Widen,
)
from flowc.targets.base import EmissionError
from flowc.targets.python.imports import Imports
from flowc.targets.python.syntax import attribute, call

_BINARY: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}
_COMPARE: dict[str, type[ast.cmpop]] = {">": ast.Gt, "<": ast.Lt, "==": ast.Eq}

Columns = Callable[[Column], ast.expr]


class Expressions:
    def __init__(self, imports: Imports, settings: Mapping[str, str]) -> None:
        self.imports = imports
        self._settings = settings
        self._settings_used = False

    def take_settings_used(self) -> bool:
        """Whether a setting was read since the last time this was asked."""
        used, self._settings_used = self._settings_used, False
        return used

    def condition(self, expression: Typed, columns: Columns) -> ast.expr:
        return self._lower(expression, columns)

    def value(self, expression: Typed, columns: Columns) -> ast.expr:
        made = self._lower(expression, columns)
        if isinstance(expression, Apply) and expression.checked:
            return call(self.imports.runtime("values.numbers", expression.checked), made)
        return made

    def _lower(self, e: Typed, columns: Columns) -> ast.expr:
        match e:
            case Const(value=value):
                return ast.Constant(value)  # type: ignore[arg-type]
            case Column():
                return columns(e)
            case Setting(name=name):
                self._settings_used = True
                return attribute(ast.Name("settings"), self._settings[name])
            case Widen(value=value):
                return self._lower(value, columns)
            case Apply(python=python, arguments=arguments):
                a = [self._lower(x, columns) for x in arguments]
                match python:
                    case BinaryForm(symbol=s) if s in _BINARY:
                        return ast.BinOp(a[0], _BINARY[s](), a[1])
                    case BinaryForm(symbol=s):
                        return ast.Compare(a[0], [_COMPARE[s]()], [a[1]])
                    case BuiltinCall(name=name):
                        return call(ast.Name(name), *a)
                    case MethodCall(name=name):
                        return call(attribute(a[0], name), *a[1:])
                    case RuntimeCall(module=module, name=name):
                        return call(self.imports.runtime(module, name), *a)
        raise EmissionError(f"cannot lower {e}")
