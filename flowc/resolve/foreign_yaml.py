"""Where a pipeline file of YAML holds stages as text, and as keys with text."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.source import SourceFile
from flowc.model.tree import ListValue, MapValue, Value
from flowc.resolve.foreign import Unit
from flowc.syntax import yamldoc
from flowc.syntax.yamlwriter import scalar

_CHAINS = ("process", "processors")
_BLOCKS = ("tee", "route")


def units(source: SourceFile) -> Iterator[Unit]:
    """The texts of the file that hold stages."""
    for value in yamldoc.load(source, Reporter()):
        yield from _pipelines(value)


def as_item(text: str) -> str:
    """A stage as a scalar of YAML."""
    return scalar(text)


def _pipelines(value: Value) -> Iterator[Unit]:
    """The stages of what has ``process``: a pipeline, a stream, a branch; and inside."""
    if not isinstance(value, MapValue):
        return
    for entry in value.entries:
        key, inner = entry.key.text, entry.value
        if key in _CHAINS:
            yield from _stages(inner)
        elif key == "streams" and isinstance(inner, MapValue):
            for stream in inner.entries:
                if isinstance(stream.value, Template):
                    yield Unit(yamldoc.text_of(stream.value), "stream")
                else:
                    yield from _pipelines(stream.value)
        elif key == "pipelines" and isinstance(inner, MapValue):
            for pipeline in inner.entries:
                yield from _pipelines(pipeline.value)
        elif key == "else":
            yield from _pipelines(inner)


def _stages(value: Value) -> Iterator[Unit]:
    match value:
        case Template():
            yield Unit(yamldoc.text_of(value), "stages")
        case ListValue(items=items):
            for item in items:
                yield from _stages(item)
        case MapValue(entries=entries):
            for entry in entries:
                if entry.key.text in _BLOCKS and isinstance(entry.value, ListValue):
                    for branch in entry.value.items:
                        yield from _branch(branch)
                elif isinstance(entry.value, Template):
                    whole = value.span if len(entries) == 1 else None
                    yield Unit(yamldoc.text_of(entry.value), "stages", entry.key.span, whole)
        case _:
            pass


def _branch(value: Value) -> Iterator[Unit]:
    if isinstance(value, Template):
        yield Unit(yamldoc.text_of(value), "stages")
    else:
        yield from _pipelines(value)
