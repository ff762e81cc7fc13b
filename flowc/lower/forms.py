"""The Python forms of overloads, and what is known of evaluating them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import assert_never

from flowc.lower.constants import Imports
from flowc.lower.context import Names
from flowc.lower.pyast import ARITHMETIC, attribute, call, infix, is_plain, name
from flowc.model.typed import (
    Apply,
    AttributeForm,
    BinaryForm,
    BuiltinCall,
    CodecForm,
    MethodCall,
    PythonForm,
    RecordsCall,
    RuntimeCall,
    TextForm,
    UnaryForm,
)
from flowc.model.types import FLOAT, DecimalType, Type, strip_null

_DECIMALS = frozenset({"divide_decimal", "floor_divide_decimal", "modulo_decimal"})


def written(form: PythonForm, arguments: Sequence[ast.expr], imports: Imports) -> ast.expr:
    """The form with its arguments."""
    match form:
        case RuntimeCall(module, function):
            return call(imports.runtime(module, function), *arguments)
        case BuiltinCall(function):
            return call(name(function), *arguments)
        case MethodCall(method):
            return call(attribute(arguments[0], method), *arguments[1:])
        case BinaryForm(symbol, swapped):
            left, right = arguments
            return infix(right, symbol, left) if swapped else infix(left, symbol, right)
        case UnaryForm():
            return ast.UnaryOp(ast.USub(), arguments[0])
        case AttributeForm(field):
            return attribute(arguments[0], field)
        case TextForm():
            return texts(arguments)
        case RecordsCall():
            raise ValueError("the class of its records is known to the lowering alone")
        case _:
            assert_never(form)


def widened(have: Type, wanted: Type, value: ast.expr, imports: Imports) -> ast.expr:
    """A value of one type as one of a wider, where Python writes them differently."""
    have, wanted = strip_null(have), strip_null(wanted)
    if wanted == FLOAT and have != FLOAT:
        return call(name("float"), value)
    if isinstance(wanted, DecimalType) and not isinstance(have, DecimalType):
        return call(imports.name("decimal", "Decimal"), value)
    return value


def decoded(form: CodecForm, arguments: Sequence[ast.expr], names: Names) -> ast.expr:
    """A codec made for its type, and the call that decodes: ``JsonText(Payment).decode(text)``."""
    given = (names.annotation(form.type), *map(ast.Constant, form.arguments))
    codec = call(names.runtime(form.module, form.name), *given)
    return call(attribute(codec, "decode"), *arguments)


def texts(parts: Sequence[ast.expr]) -> ast.expr:
    """Texts joined: an f-string of plain values, a sum where something is computed."""
    if len(parts) == 1:
        return parts[0]
    if all(is_plain(part) for part in parts):
        pieces: list[ast.expr] = [
            part if isinstance(part, ast.Constant) else ast.FormattedValue(part, -1)
            for part in parts
        ]
        return ast.JoinedStr(_merged(pieces))
    result = parts[0]
    for part in parts[1:]:
        result = infix(result, "+", part)
    return result


def _merged(pieces: Sequence[ast.expr]) -> list[ast.expr]:
    """Neighbouring constants as one, as Python's own parser gives them."""
    merged: list[ast.expr] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, ast.Constant) and isinstance(last, ast.Constant):
            merged[-1] = ast.Constant(str(last.value) + str(piece.value))
        elif not (isinstance(piece, ast.Constant) and piece.value == ""):
            merged.append(piece)
    return merged


def is_arithmetic(node: Apply) -> bool:
    """Whether it computes with numbers as they are, infinities and large integers included."""
    match node.python:
        case BinaryForm(symbol):
            return symbol in ARITHMETIC
        case UnaryForm():
            return True
        case RuntimeCall("values.numbers", function):
            return function in _DECIMALS
        case _:
            return False


def is_transparent(node: Apply) -> bool:
    """Whether a function hands infinities and large integers on, to be checked behind it."""
    return bool(node.checked) and isinstance(node.python, BuiltinCall)
