"""What is asked of an expression before it is written."""

from __future__ import annotations

import ast

from flowc.check.patterns.python import to_python
from flowc.lower.context import Check
from flowc.lower.forms import is_arithmetic, is_transparent
from flowc.model.typed import (
    Apply,
    BinaryForm,
    BuiltinCall,
    Column,
    Const,
    In,
    Setting,
    Try,
    Typed,
    UnaryForm,
    Widen,
    children,
)
from flowc.model.types import (
    Kind,
    ListType,
    Record,
    Scalar,
    Type,
    may_be_null,
    strip_null,
)

_NUMBERS = frozenset(
    {Kind.INT, Kind.INT32, Kind.UINT32, Kind.UINT64, Kind.BIGINT, Kind.FLOAT, Kind.NUMBER}
)


def may_raise(node: Typed) -> bool:
    """Whether evaluating the expression, the check of its own result left out, can raise."""
    stack: list[tuple[Typed, Check]] = [(node, Check.NONE)]
    while stack:
        here, check = stack.pop()
        if isinstance(here, Try):
            continue
        inside = Check.ALL
        if isinstance(here, Apply):
            if is_checked(here, check) or (here.errors and not _never_raises(here)):
                return True
            inside = check_inside(here)
        elif isinstance(here, Widen):
            inside = Check.INTEGERS
        stack.extend((child, inside) for child in children(here))
    return False


def _never_raises(node: Apply) -> bool:
    """``+ - *`` and signs of Python's numbers; what is too large shows in the check."""
    type = strip_null(node.type)
    if not (isinstance(type, Scalar) and type.kind in _NUMBERS):
        return False
    match node.python:
        case BinaryForm(symbol):
            return symbol in ("+", "-", "*")
        case UnaryForm() | BuiltinCall("abs"):
            return True
        case _:
            return False


def is_checked(node: Apply, check: Check) -> bool:
    """Whether its result is checked where its place asks for ``check``."""
    if check is Check.INTEGERS:
        return node.checked not in ("", "finite")
    return check is Check.ALL and bool(node.checked)


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


def none_is_not_among(node: In) -> bool:
    """Whether ``in`` with None left of it is false, as it should be."""
    return (
        not node.negated
        and node.collection is None
        and takes_none(node.value)
        and is_ready(*node.items)
        and not has_null_item(node)
    )


def takes_none(value: Typed) -> bool:
    """Whether a value is a field of the row itself, with None for null."""
    return isinstance(value, Column) and value.present and len(value.path) == 1


def has_null_item(node: Typed) -> bool:
    """Whether it is ``in`` with written items that may be null."""
    return isinstance(node, In) and any(may_be_null(item.type) for item in node.items)


def is_ready(*values: Typed) -> bool:
    """Whether nothing is computed, so that it does not matter what is looked at first."""
    return all(isinstance(value, Column | Const | Setting) for value in values)


def record_of(type: Type) -> Record:
    """The record that a list of records holds."""
    inner = strip_null(type)
    item = inner.item if isinstance(inner, ListType) else inner
    assert isinstance(item, Record)
    return item


def pattern(argument: Typed) -> ast.expr:
    """The written pattern of ``matches`` in Python's spelling."""
    assert isinstance(argument, Const)
    return ast.Constant(to_python(str(argument.value)))
