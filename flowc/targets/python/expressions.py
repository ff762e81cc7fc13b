"""What the code around an expression offers its lowering."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from flowc.lower.python import Columns, PythonLowering
from flowc.model.typed import Column, Setting, Typed
from flowc.model.types import Field, Record, Type, Union
from flowc.targets.base import EmissionError
from flowc.targets.names import Names
from flowc.targets.python.hoisting import Constants
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClasses
from flowc.targets.python.syntax import attribute


class Lowering:
    """The lowering of expressions over one row, with their constants made once."""

    def __init__(self, lowering: PythonLowering, constants: Constants) -> None:
        self._lowering = lowering
        self._hoisted = constants.hoisted

    def value(self, node: Typed) -> ast.expr:
        """The value, as it is kept."""
        return self._hoisted(self._lowering.value(node))

    def carried(self, node: Column, field: Field) -> ast.expr:
        """The column as an optional field keeps it."""
        return self._hoisted(self._lowering.carried(node, field))

    def condition(self, node: Typed) -> ast.expr:
        """A test that is truthy where the condition is true."""
        return self._hoisted(self._lowering.condition(node))

    def failing(self, node: Typed) -> ast.expr:
        """A test that is truthy where the condition is false or null."""
        return self._hoisted(self._lowering.failing(node))


class Scope:
    """One generated function: its imports, local names, and what it reads from outside.

    ``reads`` gathers, in order, which of ``settings`` and ``environment`` it needs as
    parameters. ``settings`` maps a variable to its attribute.
    """

    def __init__(
        self,
        imports: Imports,
        classes: RecordClasses,
        settings: Mapping[str, str],
        constants: Constants,
        names: Names,
    ) -> None:
        self.names = names
        self.constants = constants
        self.reads: set[str] = set()
        self._imports = imports
        self._classes = classes
        self._settings = settings

    def lowering(self, columns: Columns) -> Lowering:
        """The lowering of expressions over one row."""
        return Lowering(PythonLowering(self, columns), self.constants)

    def name(self, module: str, name: str) -> ast.Name:
        """``name``, imported from ``module``."""
        return self._imports.name(module, name)

    def module(self, module: str, alias: str = "") -> ast.Name:
        """``module``, imported under ``alias``."""
        return self._imports.module(module, alias)

    def runtime(self, module: str, name: str) -> ast.Name:
        """``name`` of the runtime's ``module``."""
        return self._imports.runtime(module, name)

    def setting(self, setting: Setting) -> ast.expr:
        """``settings.name``."""
        self.reads.add("settings")
        return attribute(ast.Name("settings"), self._settings[setting.name])

    def environment(self) -> ast.expr:
        """``environment``."""
        self.reads.add("environment")
        return ast.Name("environment")

    def record(self, type: Record) -> ast.expr:
        """The class of a record."""
        return ast.Name(self._classes.of(type).name)

    def annotation(self, type: Type) -> ast.expr:
        """A type as Python writes it; records in it that nobody else holds are declared."""
        return self._classes.annotation(type, "parsed", imports=self._imports)

    def attribute(self, type: Type, field: str) -> str:
        """The attribute of a record's field."""
        match self._classes.resolved(type):
            case Record() as record:
                return self._classes.of(record).attributes[field]
            case Union() as union:
                first, *_ = self._classes.members(union).values()
                return first.attributes[field]
            case _:
                raise EmissionError(f"{type} has no field {field}")

    def temporary(self) -> str:
        """A local name that is free."""
        return self.names.take("value")
