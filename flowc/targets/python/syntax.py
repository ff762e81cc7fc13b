"""Small makers of Python syntax, for statements that read the same everywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def attribute(value: ast.expr, name: str) -> ast.Attribute:
    """``value.name``."""
    return ast.Attribute(value, name, ast.Load())


def call(function: ast.expr, *arguments: ast.expr, **keywords: ast.expr) -> ast.Call:
    """``function(arguments, keyword=…)``."""
    named = [ast.keyword(name, value) for name, value in keywords.items()]
    return ast.Call(function, list(arguments), named)


def method(owner: str, name: str, *arguments: ast.expr) -> ast.Call:
    """``owner.name(arguments)``."""
    return call(attribute(ast.Name(owner), name), *arguments)


def assign(name: str, value: ast.expr, annotation: ast.expr | None = None) -> ast.stmt:
    """``name = value`` or ``name: annotation = value``."""
    if annotation is not None:
        return ast.AnnAssign(ast.Name(name), annotation, value, 1)
    return ast.Assign([ast.Name(name)], value, lineno=0)


def count(name: str) -> ast.stmt:
    """``name += 1``."""
    return ast.AugAssign(ast.Name(name), ast.Add(), ast.Constant(1))


def when(test: ast.expr, *body: ast.stmt) -> ast.If:
    """``if test: body``."""
    return ast.If(test, list(body), [])


def loop(name: str, values: ast.expr) -> ast.stmt:
    """The head of a loop; what stands in it are the following parts, one level deeper."""
    return ast.For(ast.Name(name), values, [], [], lineno=0)


def negated(test: ast.expr) -> ast.expr:
    """``not test``."""
    return ast.UnaryOp(ast.Not(), test)


def generic(name: str, *arguments: ast.expr) -> ast.expr:
    """``name[arguments]``."""
    inner = arguments[0] if len(arguments) == 1 else tuple_of(arguments)
    return ast.Subscript(ast.Name(name), inner, ast.Load())


def list_of(name: str) -> ast.expr:
    """``list[name]``."""
    return generic("list", ast.Name(name))


def empty_list() -> ast.expr:
    """``[]``."""
    return ast.List([], ast.Load())


def tuple_of(items: Iterable[ast.expr]) -> ast.Tuple:
    """``(items)``."""
    return ast.Tuple(list(items), ast.Load())


def strings(values: Iterable[str]) -> ast.Tuple:
    """A tuple of texts."""
    return tuple_of(ast.Constant(value) for value in values)


def annotated(**arguments: ast.expr) -> ast.arguments:
    """``name: annotation, …`` of a signature."""
    made = [ast.arg(name, annotation) for name, annotation in arguments.items()]
    return ast.arguments([], made, None, [], [], None, [])
