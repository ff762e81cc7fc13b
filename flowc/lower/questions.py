"""What is asked of an expression before it is written."""

from __future__ import annotations

import ast

from flowc.check.patterns.python import to_python
from flowc.lower.context import Check
from flowc.lower.forms import is_arithmetic, is_transparent
from flowc.model.typed import Apply, BinaryForm, Column, Const, In, Setting, Typed
from flowc.model.types import may_be_null


def check_inside(node: Apply) -> Check:
    """Which arguments are checked before the overload takes them."""
    if is_arithmetic(node):
        return Check.NONE
    if isinstance(node.python, BinaryForm):
        return Check.INTEGERS
    return Check.NONE if is_transparent(node) else Check.ALL


def none_is_harmless(node: Apply) -> bool:
    """Whether ``==`` with None in it is false, and so true nowhere it should not be."""
    left, right = node.arguments
    nullable = [each for each in (left, right) if may_be_null(each.type)]
    return len(nullable) == 1 and takes_none(nullable[0]) and is_ready(left, right)


def takes_none(value: Typed) -> bool:
    """Whether a value is a field of the row itself, with None for null."""
    return isinstance(value, Column) and value.present and len(value.path) == 1


def has_null_item(node: Typed) -> bool:
    """Whether it is ``in`` with written items that may be null."""
    return isinstance(node, In) and any(may_be_null(item.type) for item in node.items)


def is_ready(*values: Typed) -> bool:
    """Whether nothing is computed, so that it does not matter what is looked at first."""
    return all(isinstance(value, Column | Const | Setting) for value in values)


def pattern(argument: Typed) -> ast.expr:
    """The written pattern of ``matches`` in Python's spelling."""
    assert isinstance(argument, Const)
    return ast.Constant(to_python(str(argument.value)))
