"""Numbers: checked ranges, exact decimals, and the operators Python spells differently.

`+ - *` of all numbers and `// %` of integers and floats are Python's own; the decimal context is
set by the engine. Every function raises ConversionError or OverflowError_ for the record at hand.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from ..errors import ConversionError, OverflowError_, shorten
from .context import CONTEXT

__all__ = [
    "absolute",
    "ceil",
    "divide",
    "divide_decimal",
    "finite",
    "floor",
    "floor_divide_decimal",
    "int32",
    "int64",
    "modulo_decimal",
    "number",
    "round_half_even",
    "round_number",
    "sum_exact",
    "to_bigint",
    "to_bool",
    "to_decimal",
    "to_float",
    "to_int",
    "to_int32",
    "to_number",
    "to_uint32",
    "to_uint64",
    "uint32",
    "uint64",
]

_WIDE = decimal.Context(
    prec=400,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""Rounding happens here on purpose, where the context of expressions would trap it."""

_Number = TypeVar("_Number", int, float, Decimal)


def int64(value: int) -> int:
    """The value if it is a 64-bit signed integer."""
    if -9223372036854775808 <= value <= 9223372036854775807:
        return value
    raise OverflowError_(f"{shorten(value)} is outside the range of int")


def int32(value: int) -> int:
    """The value if it is a 32-bit signed integer."""
    if -2147483648 <= value <= 2147483647:
        return value
    raise OverflowError_(f"{shorten(value)} is outside the range of int32")


def uint32(value: int) -> int:
    """The value if it is a 32-bit unsigned integer."""
    if 0 <= value <= 4294967295:
        return value
    raise OverflowError_(f"{shorten(value)} is outside the range of uint32")


def uint64(value: int) -> int:
    """The value if it is a 64-bit unsigned integer."""
    if 0 <= value <= 18446744073709551615:
        return value
    raise OverflowError_(f"{shorten(value)} is outside the range of uint64")


def finite(value: float, isfinite: Callable[[float], bool] = math.isfinite) -> float:
    """The value if it is neither infinite nor not a number."""
    if isfinite(value):
        return value
    raise OverflowError_(f"the result is {value}, which is no finite number")


def number(value: int | float) -> int | float:
    """The value if it is a 64-bit signed integer, or a float that is finite."""
    return int64(value) if isinstance(value, int) else finite(value)


def divide(left: float, right: float) -> float:
    """True division of integers and floats, rounded once to the nearest float."""
    if not right:
        raise ZeroDivisionError(f"{shorten(left)} / 0")
    try:
        return finite(left / right)
    except OverflowError:
        raise OverflowError_(f"{shorten(left)} / {shorten(right)} is too large") from None


def divide_decimal(left: Decimal | int, right: Decimal | int) -> Decimal:
    """True division, rounded half-even at the larger of both scales and 6."""
    left, right = Decimal(left), Decimal(right)
    if not right:
        raise ZeroDivisionError(f"{left} / 0")
    scale = max(_scale(left), _scale(right), 6)
    # Rounding twice could err: the quotient of integers is rounded only once.
    numerator, denominator = left.as_integer_ratio()
    upper, lower = right.as_integer_ratio()
    top, bottom = numerator * lower * 10**scale, denominator * upper
    if bottom < 0:
        top, bottom = -top, -bottom
    whole, rest = divmod(top, bottom)
    twice = 2 * rest
    if twice > bottom or (twice == bottom and whole & 1):
        whole += 1
    return _fit(Decimal(whole).scaleb(-scale, _WIDE))


def floor_divide_decimal(left: Decimal | int, right: Decimal | int) -> Decimal:
    """The largest whole number that is not above the quotient."""
    numerator, denominator = Decimal(left).as_integer_ratio()
    upper, lower = Decimal(right).as_integer_ratio()
    if not upper:
        raise ZeroDivisionError(f"{left} // 0")
    return _fit(Decimal(numerator * lower // (denominator * upper)))


def modulo_decimal(left: Decimal | int, right: Decimal | int) -> Decimal:
    """The rest of floor division; it has the sign of the divisor."""
    left, right = Decimal(left), Decimal(right)
    if not right:
        raise ZeroDivisionError(f"{left} % 0")
    rest = _WIDE.remainder(left, right)
    if rest and (rest < 0) != (right < 0):
        rest = _WIDE.add(rest, right)
    return _fit(rest)


def _scale(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _fit(value: Decimal) -> Decimal:
    if len(value.as_tuple().digits) > CONTEXT.prec:
        raise OverflowError_(f"{shorten(str(value))} has more than {CONTEXT.prec} digits")
    return value


def round_half_even(value: _Number, digits: int = 0) -> _Number:
    """Round to `digits` places after the point, a half to the even neighbour; keeps the type."""
    if isinstance(value, Decimal):
        return _fit(value.quantize(Decimal(1).scaleb(-digits), context=_WIDE))
    if isinstance(value, int):
        return round(value, digits) if digits < 0 else value
    return round(value, digits)


def round_number(value: float) -> int:
    """Round to a whole number, a half to the even neighbour; gives an int."""
    return _whole(value, round)


def floor(value: float | Decimal) -> int:
    """The largest integer not above the value."""
    return _whole(value, math.floor)


def ceil(value: float | Decimal) -> int:
    """The smallest integer not below the value."""
    return _whole(value, math.ceil)


def _whole(value: float | Decimal, method: Callable[[Any], int]) -> int:
    try:
        return int64(method(value))
    except (OverflowError, ValueError):
        raise OverflowError_(f"{shorten(value)} has no whole number") from None


def absolute(value: _Number) -> _Number:
    """The value without its sign; the smallest int has none in its range."""
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


def sum_exact(values: list[float]) -> float:
    """The sum of floats as if computed exactly and rounded once."""
    return finite(math.fsum(values))


# Conversions


def _fail(value: object, target: str, why: str = "") -> ConversionError:
    return ConversionError(f"{shorten(value)} is not {target}{why and ': ' + why}")


def to_bool(value: object) -> bool:
    """true and false in any case, 1 and 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        match value.strip().lower():
            case "true" | "1":
                return True
            case "false" | "0":
                return False
    raise _fail(value, "a bool")


def to_bigint(value: object) -> int:
    """A whole number of any size: from text in decimal digits, or a number without fraction."""
    match value:
        case bool():
            return int(value)
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case Decimal() if value.is_finite() and value == value.to_integral_value(context=_WIDE):
            return int(value)
        case float() | Decimal():
            raise _fail(value, "an integer", "round, floor or ceil it first")
        case str():
            text = value.strip()
            digits = text[1:] if text[:1] in ("+", "-") else text
            if digits.isascii() and digits.isdigit() and len(digits) <= 4_000:
                return int(text)
    raise _fail(value, "an integer")


def _in_range(check: Callable[[int], int]) -> Callable[[object], int]:
    def convert(value: object) -> int:
        number = to_bigint(value)
        try:
            return check(number)
        except OverflowError_ as error:
            raise ConversionError(str(error)) from None

    convert.__doc__ = f"A whole number in the range of {check.__name__}."
    return convert


to_int = _in_range(int64)
to_int32 = _in_range(int32)
to_uint32 = _in_range(uint32)
to_uint64 = _in_range(uint64)


def _number_text(value: str, target: str) -> str:
    text = value.strip()
    if not text or not text.isascii() or not set(text) <= set("0123456789+-.eE"):
        raise _fail(value, target)
    return text


def to_float(value: object) -> float:
    """A finite float: from text in decimal notation, or the float nearest to a number."""
    try:
        match value:
            case bool() | int() | float() | Decimal():
                number = float(value)
            case str():
                number = float(value)
                # Python also reads digits of other scripts and underscores; data does not.
                if "_" in value or not value.isascii():
                    raise _fail(value, "a float")
            case _:
                raise _fail(value, "a float")
    except (ValueError, OverflowError):
        raise _fail(value, "a float") from None
    if not math.isfinite(number):
        raise _fail(value, "a finite float")
    return number


def to_number(value: object) -> int | float:
    """An integer where the value is written as one, else a float."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = _number_text(value, "a number")
        if not any(mark in text for mark in ".eE"):
            return to_bigint(text)
    return to_float(value)


def to_decimal(value: object, precision: int | None = None, scale: int | None = None) -> Decimal:
    """An exact decimal; with `scale`, rounded half-even to so many places.

    Raises ConversionError when it then has more than `precision` digits.
    """
    try:
        match value:
            case bool() | int() | Decimal():
                number = Decimal(value)
            case float():
                # The shortest text that reads back as this float is what people mean by it.
                number = Decimal(repr(value))
            case str():
                number = Decimal(_number_text(value, "a decimal"))
            case _:
                raise _fail(value, "a decimal")
    except decimal.InvalidOperation:
        raise _fail(value, "a decimal") from None
    if not number.is_finite():
        raise _fail(value, "a decimal")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > 6_000:
        raise _fail(value, "a decimal", "its exponent is too large")
    if scale is not None:
        try:
            number = number.quantize(Decimal(1).scaleb(-scale), context=_WIDE)
        except decimal.InvalidOperation:
            raise _fail(value, f"a decimal({precision}, {scale})") from None
    digits = max(len(number.as_tuple().digits), _scale(number))
    if digits > (precision or CONTEXT.prec):
        kind = "a decimal" if precision is None else f"a decimal({precision}, {scale})"
        raise _fail(value, kind, f"it has {digits} digits")
    return number
