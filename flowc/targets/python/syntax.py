"""Small makers of Python syntax, for statements that read the same everywhere."""

from __future__ import annotations

import ast


def attribute(value: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(value, name, ast.Load())


def call(function: ast.expr, *arguments: ast.expr, **keywords: ast.expr) -> ast.Call:
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
    return ast.If(test, list(body), [])


def list_of(name: str) -> ast.expr:
    """``list[name]``."""
    return ast.Subscript(ast.Name("list"), ast.Name(name), ast.Load())
