"""Small makers of Python expressions."""

from __future__ import annotations

import ast
from collections.abc import Sequence

_ARITHMETIC: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
}
_COMPARISON: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "in": ast.In,
    "not in": ast.NotIn,
    "is": ast.Is,
    "is not": ast.IsNot,
}
_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}

#: Symbols of arithmetic; the others compare.
ARITHMETIC = frozenset(_ARITHMETIC)


def none() -> ast.expr:
    return ast.Constant(None)


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def attribute(value: ast.expr, text: str) -> ast.expr:
    return ast.Attribute(value, text, ast.Load())


def call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [])


def infix(left: ast.expr, symbol: str, right: ast.expr) -> ast.expr:
    """``left SYMBOL right``, arithmetic or a comparison."""
    if symbol in _ARITHMETIC:
        return ast.BinOp(left, _ARITHMETIC[symbol](), right)
    return ast.Compare(left, [_COMPARISON[symbol]()], [right])


def all_of(parts: Sequence[ast.expr]) -> ast.expr:
    """``a and b and …``; a part that is itself such a chain is taken in."""
    return _chain(ast.And(), parts)


def any_of(parts: Sequence[ast.expr]) -> ast.expr:
    """``a or b or …``, likewise."""
    return _chain(ast.Or(), parts)


def _chain(operator: ast.boolop, parts: Sequence[ast.expr]) -> ast.expr:
    flat: list[ast.expr] = []
    for part in parts:
        if isinstance(part, ast.BoolOp) and isinstance(part.op, type(operator)):
            flat.extend(part.values)
        else:
            flat.append(part)
    return flat[0] if len(flat) == 1 else ast.BoolOp(operator, flat)


def negated(test: ast.expr) -> ast.expr:
    """``not test``, said the short way where that means the same for every value."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            inverse = _INVERSE.get(type(operator))
            if inverse is not None:
                return ast.Compare(left, [inverse()], [right])
        case ast.Constant(value=bool(value)):
            return ast.Constant(not value)
    return ast.UnaryOp(ast.Not(), test)


def choice(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
    """``then if test else otherwise``."""
    return ast.IfExp(test, then, otherwise)


def or_none(tests: Sequence[ast.expr], body: ast.expr) -> ast.expr:
    """``None if a is None or b is None else body``, for the tests that they are not."""
    if not tests:
        return body
    return choice(any_of([negated(test) for test in tests]), none(), body)


def collection(values: list[ast.expr]) -> ast.expr:
    """What `in` looks into: a tuple, or a set where many constants are written."""
    if len(values) > 4 and all(isinstance(value, ast.Constant) for value in values):
        return ast.Set(values)
    return ast.Tuple(values, ast.Load())


def is_plain(value: ast.expr) -> bool:
    """Whether evaluating the expression again costs and changes nothing: names, attributes,
    constants."""
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name | ast.Constant)
