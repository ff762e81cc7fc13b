"""The parts of a pipeline as calls of the runtime's constructors."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from flowc.model.expr import Template, Variable
from flowc.model.plan import Read, Write
from flowc.targets.base import EmissionError
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass
from flowc.targets.python.syntax import attribute, call


class Wiring:
    """Writes sources and sinks. ``settings``: variable -> attribute of the settings."""

    def __init__(self, imports: Imports, settings: Mapping[str, str]) -> None:
        self._imports = imports
        self._settings = settings

    def source(self, read: Read, record: RecordClass) -> ast.expr:
        connector = self._connector(read.module)
        options = self._options(connector, read.options, read.symbolic)
        codec = self._codec(read.decode.format, record)
        source = call(attribute(connector, "Source"), options, codec, ast.Name("environment"))
        segment = self._imports.runtime("segments", "SourceSegment")
        return call(segment, source, ast.Constant(read.node))

    def sink(self, write: Write, record: RecordClass) -> ast.expr:
        connector = self._connector(write.module)
        options = self._options(connector, write.options, write.symbolic)
        codec = self._codec(write.format, record)
        sink = call(attribute(connector, "Sink"), options, codec, ast.Name("environment"))
        segment = self._imports.runtime("segments", "SinkSegment")
        return call(segment, sink, ast.Constant(write.node))

    def state(self, module: str, name: str, arguments: tuple[object, ...], node: str) -> ast.expr:
        state = call(self._imports.runtime(module, name), *(value(a) for a in arguments))
        segment = self._imports.runtime("segments", "Stateful")
        return call(segment, state, ast.Constant(node))

    def fused(self, function: str, nodes: tuple[str, ...], *, uses_settings: bool) -> ast.expr:
        made: ast.expr = ast.Name(function)
        if uses_settings:
            made = self._partial(made)
        segment = self._imports.runtime("segments", "Fused")
        return call(segment, made, _tuple([ast.Constant(node) for node in nodes]))

    def _partial(self, function: ast.expr) -> ast.expr:
        partial = self._imports.name("functools", "partial")
        return call(partial, function, settings=ast.Name("settings"))

    def _connector(self, module: str) -> ast.Name:
        package, _, name = module.rpartition(".")
        return self._imports.runtime(package, name)

    def _codec(self, format: str, record: RecordClass) -> ast.expr:
        match format:
            case "jsonlines":
                codec = self._imports.runtime("codecs.jsonlines", "JsonLines")
                return call(codec, self._imports.name(".types", record.name))
            case _:
                raise EmissionError(f"no codec is called {format}")

    def _options(
        self, connector: ast.expr, options: object, symbolic: Mapping[str, Template]
    ) -> ast.expr:
        keywords: dict[str, ast.expr] = {}
        if not is_dataclass(options):
            raise EmissionError(f"{type(options).__name__} are no options")
        for field in fields(options):
            if field.name in symbolic:
                keywords[field.name] = self._template(symbolic[field.name])
                continue
            given = getattr(options, field.name)
            if field.default is MISSING or given != field.default:
                keywords[field.name] = value(given)
        return call(attribute(connector, type(options).__name__), **keywords)

    def _template(self, template: Template) -> ast.expr:
        """A text with settings in it, put together when the pipeline starts."""
        parts: list[ast.expr] = [
            self._setting(part) if isinstance(part, Variable) else ast.Constant(part)
            for part in template.parts
            if part != ""
        ]
        if len(parts) == 1:
            return parts[0]
        texts = [
            part if isinstance(part, ast.Constant) else call(ast.Name("str"), part)
            for part in parts
        ]
        return call(attribute(ast.Constant(""), "join"), _tuple(texts))

    def _setting(self, variable: Variable) -> ast.expr:
        return attribute(ast.Name("settings"), self._settings[variable.name])


def value(given: Any) -> ast.expr:
    """A plain value as a literal."""
    match given:
        case None | bool() | int() | float() | str() | bytes():
            return ast.Constant(given)
        case tuple():
            return _tuple([value(item) for item in given])
        case list():
            return ast.List([value(item) for item in given], ast.Load())
        case dict():
            return ast.Dict([value(key) for key in given], [value(item) for item in given.values()])
        case _:
            raise EmissionError(f"{type(given).__name__} is no plain value")


def _tuple(items: list[ast.expr]) -> ast.expr:
    return ast.Tuple(items, ast.Load())
