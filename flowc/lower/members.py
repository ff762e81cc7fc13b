"""Tests for the members of a union, as a person writes them: ``isinstance(pay, Card)``.

Python's type checker knows what is left after such a test; it does not after a comparison of
the discriminator with a text.
"""

from __future__ import annotations

import ast

from flowc.lower.context import Columns
from flowc.lower.pyast import call, negated
from flowc.model.typed import Apply, Column, Const, In, Typed


def membership(node: Apply | In, columns: Columns) -> ast.expr | None:
    """The test of the member, where the node compares a union's discriminator with written
    texts; else None. That nothing on the way is null is tested before it."""
    match node:
        case Apply(function="==" | "!=", arguments=(Column() as column, Const() as value)):
            return _test(column, (value,), columns, node.function == "==")
        case Apply(function="==" | "!=", arguments=(Const() as value, Column() as column)):
            return _test(column, (value,), columns, node.function == "==")
        case In(value=Column() as column, items=items, collection=None):
            return _test(column, items, columns, not node.negated)
        case _:
            return None


def _test(
    column: Column, values: tuple[Typed, ...], columns: Columns, among: bool
) -> ast.expr | None:
    found = columns.members(column.path)
    if found is None or not all(isinstance(value, Const) for value in values):
        return None
    union, classes = found
    texts = [value.value for value in values if isinstance(value, Const)]
    wanted = [name for tag, name in classes.items() if tag in texts]
    if not wanted:
        return ast.Constant(not among)
    kind = wanted[0] if len(wanted) == 1 else ast.Tuple(wanted, ast.Load())
    test = call(ast.Name("isinstance"), union, kind)
    return test if among else negated(test)
