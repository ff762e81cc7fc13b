"""A tree as text for people: one node a line, defaults and places left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from flowc.model.expr import FieldStep, IndexStep, Literal, Path, Template, Variable
from flowc.model.source import SourceFile, Span
from flowc.model.tree import Document, TypeExpr, Word
from flowc.types.notation import show

_WIDTH = 100


def document_text(document: Document) -> str:
    """The whole document: lets, pipelines, ends that were assumed."""
    return "\n".join(_lines(document, "")) + "\n"


def node_text(node: Any) -> str:
    """A node on as few lines as fit."""
    return "\n".join(_lines(node, ""))


def _lines(node: Any, indent: str) -> Iterator[str]:
    line = _one_line(node)
    if line is not None and len(indent) + len(line) <= _WIDTH and not isinstance(node, Document):
        yield indent + line
        return
    if isinstance(node, tuple):
        for child in node:
            yield from _lines(child, indent)
        return
    if not is_dataclass(node):
        yield indent + _leaf(node)
        return
    name = type(node).__name__
    yield indent + name
    for key, value in _parts(node):
        text = _one_line(value)
        if text is not None and len(indent) + len(key) + len(text) + 4 <= _WIDTH:
            yield f"{indent}  {key}: {text}"
        else:
            yield f"{indent}  {key}:"
            yield from _lines(value, indent + "    ")


def _parts(node: Any) -> Iterator[tuple[str, Any]]:
    """The fields that say something: compared, and not at their default."""
    for field in fields(node):
        value = getattr(node, field.name)
        if not field.compare and not (isinstance(node, Document) and field.name == "assumed"):
            continue
        if isinstance(value, SourceFile | Span) or value == field.default or value == ():
            continue
        yield field.name, value


def _leaf(node: Any) -> str:
    if isinstance(node, Enum):
        return str(node.value)
    return repr(node)


def _one_line(node: Any) -> str | None:
    match node:
        case Word(text=text):
            return text
        case TypeExpr(type=written):
            return show(written)
        case Literal(kind=kind, text=text):
            return f"{kind.value} {text!r}"
        case Variable(name=name, default=default, message=message):
            more = f":-{default}" if default is not None else ""
            more += f":?{message}" if message is not None else ""
            return "${" + name + more + "}"
        case Template(parts=parts):
            return "Template(" + " ".join(_one_line(p) or repr(p) for p in parts) + ")"
        case Path(steps=steps):
            return "." + ".".join(
                step.name if isinstance(step, FieldStep) else f"[{_one_line(step.index)}]"
                for step in steps
                if isinstance(step, FieldStep | IndexStep)
            )
        case str():
            return repr(node)
        case tuple():
            children = [_one_line(child) for child in node]
            text = "[" + ", ".join(child or "…" for child in children) + "]"
            return text if all(children) and len(text) <= _WIDTH else None
        case _ if is_dataclass(node) and not isinstance(node, Document):
            inside = [(key, _one_line(value)) for key, value in _parts(node)]
            if any(value is None for _, value in inside):
                return None
            text = ", ".join(f"{key}={value}" for key, value in inside)
            text = f"{type(node).__name__}({text})"
            return text if len(text) <= _WIDTH else None
        case _ if is_dataclass(node):
            return None
        case _:
            return _leaf(node)
