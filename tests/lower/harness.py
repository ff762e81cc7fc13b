"""Runs lowered expressions: the code around one, as small as it can be."""

from __future__ import annotations

import ast
import decimal
import importlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from flowc.check.expr import ExpressionChecker
from flowc.diagnostics.reporter import Reporter
from flowc.lower.python import PythonLowering
from flowc.model.expr import Expr
from flowc.model.source import SourceFile, Text
from flowc.model.typed import Column, Setting, Typed
from flowc.model.types import Record, Type, Union, strip_null
from flowc.syntax.dsl import parse_expression
from flowc.types.notation import parse_type
from flowc_runtime.values.context import CONTEXT


class Clock:
    """An environment whose clock stands still, and in which nothing is left to chance."""

    def now(self) -> datetime:
        return datetime(2024, 6, 1, 12, 0, tzinfo=UTC)

    def random(self) -> float:
        return 0.5

    def uuid4(self) -> UUID:
        return UUID(int=4 << 76 | 2 << 62)


class Settings:
    """Settings by their names."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.__dict__.update(values)


class TestNames:
    """Imports what is asked for into a namespace; records are plain Structs."""

    __test__ = False

    def __init__(self) -> None:
        self.space: dict[str, Any] = {}
        self.imported: set[tuple[str, str]] = set()
        self._count = 0

    def name(self, module: str, name: str) -> ast.Name:
        self.space[name] = getattr(importlib.import_module(module), name)
        self.imported.add((module, name))
        return ast.Name(name, ast.Load())

    def module(self, module: str, alias: str = "") -> ast.Name:
        self.space[alias or module] = importlib.import_module(module)
        return ast.Name(alias or module, ast.Load())

    def runtime(self, module: str, name: str) -> ast.Name:
        return self.name(f"flowc_runtime.{module}", name)

    def setting(self, setting: Setting) -> ast.expr:
        return ast.Attribute(ast.Name("settings", ast.Load()), setting.name, ast.Load())

    def environment(self) -> ast.expr:
        return ast.Name("environment", ast.Load())

    def record(self, type: Record) -> ast.expr:
        name = f"Record{len(self.space)}"
        self.space[name] = struct_class(type)
        return ast.Name(name, ast.Load())

    def annotation(self, type: Type) -> ast.expr:
        raise AssertionError(f"no expression of a pipeline is decoded into {type}")

    def attribute(self, type: Type, field: str) -> str:
        assert isinstance(type, Record | Union)
        return python_name(field)

    def temporary(self) -> str:
        self._count += 1
        return f"t{self._count}"


class TestColumns:
    """Columns as attributes of ``record``."""

    __test__ = False

    def __init__(self, row: Record) -> None:
        self._row = row

    def __call__(self, column: Column) -> ast.expr:
        made: ast.expr = ast.Name("record", ast.Load())
        for name in column.path:
            made = ast.Attribute(made, python_name(name), ast.Load())
        return made

    def members(self, path: tuple[str, ...]) -> None:
        """No column of these rows tells the members of a union apart."""

    def stored(self, path: tuple[str, ...]) -> tuple[Type, bool]:
        here: Type = self._row
        optional = False
        for name in path:
            record = strip_null(here)
            assert isinstance(record, Record)
            field = record.field(name)
            assert field is not None
            here, optional = field.type, field.optional
        return here, optional


def python_name(field: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in field)


_CLASSES: dict[Record, type[Any]] = {}


def struct_class(type: Record) -> type[Any]:
    """A Struct with the record's fields; equal records have one class."""
    if type not in _CLASSES:
        fields = [(python_name(field.name), Any, msgspec.UNSET) for field in type.fields]
        _CLASSES[type] = msgspec.defstruct("R", fields, kw_only=True)
    return _CLASSES[type]


def row_of(types: Mapping[str, str]) -> Record:
    """A row from types in notation; ``name?`` is a field that may be absent."""
    text = "{" + ", ".join(f"{name}: {type}" for name, type in types.items()) + "}"
    reporter = Reporter()
    row = parse_type(Text.whole(SourceFile("row", text)), reporter)
    assert isinstance(row, Record), [d.message for d in reporter]
    assert not len(reporter), [d.message for d in reporter]
    return row


def parse(text: str) -> Expr:
    reporter = Reporter()
    parsed = parse_expression(Text.whole(SourceFile("case", text)), reporter)
    assert not len(reporter), [d.message for d in reporter]
    return parsed


def typed(text: str, row: Record, *, strict: bool = False) -> tuple[Typed, Reporter]:
    reporter = Reporter()
    return ExpressionChecker(reporter, strict).infer(parse(text), row), reporter


def printed(node: Typed, row: Record, how: str = "value") -> str:
    """The Python text of a lowered expression."""
    lowering = PythonLowering(TestNames(), TestColumns(row))
    return ast.unparse(getattr(lowering, how)(node))


def compiled(node: Typed, row: Record, how: str = "value") -> Any:
    """A function of a record (and settings) that gives the expression's value."""
    names = TestNames()
    body = getattr(PythonLowering(names, TestColumns(row)), how)(node)
    # What is printed is what runs: the text is parsed again.
    source = f"lambda record, settings, environment: {ast.unparse(body)}"
    return eval(compile(source, "lowered", "eval"), names.space)  # noqa: S307


def run(function: Any, record: object, settings: Mapping[str, object] | None = None) -> object:
    with decimal.localcontext(CONTEXT):
        return function(record, Settings(settings or {}), Clock())
