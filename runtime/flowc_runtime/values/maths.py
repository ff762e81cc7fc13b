"""Functions of numbers beside arithmetic. What has no finite result is an ArithmeticError."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from ..errors import ConversionError, OverflowError_, shorten
from .context import CONTEXT
from .numbers import finite, int64

__all__ = [
    "acos",
    "asin",
    "atan",
    "atan2",
    "bit_and",
    "bit_count",
    "bit_not",
    "bit_or",
    "bit_xor",
    "clamp",
    "cos",
    "degrees",
    "exp",
    "from_base",
    "gcd",
    "lcm",
    "lcm_big",
    "ln",
    "log",
    "log2",
    "log10",
    "pi",
    "power",
    "power_big",
    "power_decimal",
    "power_int",
    "radians",
    "shift_left",
    "shift_left_big",
    "shift_right",
    "sign",
    "sin",
    "sqrt",
    "tan",
    "to_base",
    "trunc",
    "trunc_digits",
    "trunc_digits_decimal",
]

_Ordered = TypeVar("_Ordered", int, float, Decimal)
_BITS = 1 << 14
_TOWARDS_ZERO = decimal.Context(
    prec=400, rounding=decimal.ROUND_DOWN, Emin=-999_999, Emax=999_999, traps=[]
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _computed(name: str, function: Callable[..., float], *values: float) -> float:
    try:
        return finite(function(*values))
    except ValueError:
        shown = ", ".join(shorten(value) for value in values)
        raise ArithmeticError(f"{name}({shown}) is no real number") from None
    except OverflowError:
        shown = ", ".join(shorten(value) for value in values)
        raise OverflowError_(f"{name}({shown}) is too large") from None


def sqrt(value: float) -> float:
    """The square root."""
    return _computed("sqrt", math.sqrt, value)


def exp(value: float) -> float:
    """e to that power."""
    return _computed("exp", math.exp, value)


def ln(value: float) -> float:
    """The natural logarithm."""
    return _computed("ln", math.log, value)


def log10(value: float) -> float:
    """The logarithm to base 10."""
    return _computed("log10", math.log10, value)


def log2(value: float) -> float:
    """The logarithm to base 2."""
    return _computed("log2", math.log2, value)


def log(base: float, value: float) -> float:
    """The logarithm of a value to a base."""
    below = ln(base)
    if not below:
        raise ZeroDivisionError("no logarithm has the base 1")
    return finite(ln(value) / below)


def sin(angle: float) -> float:
    """The sine of an angle in radians."""
    return math.sin(angle)


def cos(angle: float) -> float:
    """The cosine of an angle in radians."""
    return math.cos(angle)


def tan(angle: float) -> float:
    """The tangent of an angle in radians."""
    return _computed("tan", math.tan, angle)


def asin(value: float) -> float:
    """The angle in radians with that sine."""
    return _computed("asin", math.asin, value)


def acos(value: float) -> float:
    """The angle in radians with that cosine."""
    return _computed("acos", math.acos, value)


def atan(value: float) -> float:
    """The angle in radians with that tangent."""
    return math.atan(value)


def atan2(y: float, x: float) -> float:
    """The angle in radians of the point (x, y)."""
    return math.atan2(y, x)


def radians(degrees: float) -> float:
    """Degrees in radians."""
    return math.radians(degrees)


def degrees(radians: float) -> float:
    """Radians in degrees."""
    return finite(math.degrees(radians))


def pi() -> float:
    """The ratio of a circle's circumference to its diameter."""
    return math.pi


def power(base: float, exponent: float) -> float:
    """The base to that power."""
    if not base and exponent < 0:
        raise ZeroDivisionError(f"0 to the power of {shorten(exponent)}")
    return _computed("pow", math.pow, base, exponent)


def power_int(base: int, exponent: int) -> int:
    """The same of integers, exactly; a negative exponent has no integer."""
    return int64(power_big(base, exponent))


def power_big(base: int, exponent: int) -> int:
    """The same of integers of any size."""
    if exponent < 0:
        raise ArithmeticError(f"pow({shorten(base)}, {exponent}) is no integer")
    if abs(base) > 1 and base.bit_length() * exponent > _BITS:
        raise OverflowError_(f"pow({shorten(base)}, {exponent}) is too large")
    return int(base**exponent)


def power_decimal(base: Decimal, exponent: int) -> Decimal:
    """The same of a decimal, exactly."""
    if exponent < 0:
        raise ArithmeticError(f"pow({base}, {exponent}) is no exact decimal")
    result = Decimal(1)
    # Repeated products are exact or trapped; CONTEXT.power would round.
    for _ in range(_few(base, exponent)):
        result = CONTEXT.multiply(result, base)
    return result


def _few(base: Decimal, exponent: int) -> int:
    if exponent > 1_000 and base not in (0, 1, -1):
        raise OverflowError_(f"pow({base}, {exponent}) has too many digits")
    return exponent if exponent <= 1_000 else 2 - exponent % 2


def sign(value: int | float | Decimal) -> int:
    """-1, 0 or 1."""
    return (value > 0) - (value < 0)


def trunc(value: float | Decimal) -> int:
    """The whole part."""
    return int64(math.trunc(value))


def trunc_digits(value: float, digits: int) -> float:
    """The number without the digits behind so many places."""
    return float(trunc_digits_decimal(Decimal(repr(value)), digits))


def trunc_digits_decimal(value: Decimal, digits: int) -> Decimal:
    """The same of a decimal."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return value
    return value.quantize(Decimal(1).scaleb(-digits), context=_TOWARDS_ZERO)


def gcd(left: int, right: int) -> int:
    """The greatest number that divides both."""
    return math.gcd(left, right)


def lcm(left: int, right: int) -> int:
    """The least number that both divide."""
    return int64(math.lcm(left, right))


def lcm_big(left: int, right: int) -> int:
    """The same of integers of any size."""
    return math.lcm(left, right)


def bit_and(left: int, right: int) -> int:
    """The bits that both have."""
    return left & right


def bit_or(left: int, right: int) -> int:
    """The bits that one has."""
    return left | right


def bit_xor(left: int, right: int) -> int:
    """The bits that one alone has."""
    return left ^ right


def bit_not(value: int) -> int:
    """The other bits."""
    return ~value


def bit_count(value: int) -> int:
    """How many bits of the number, without its sign, are set."""
    return value.bit_count()


def shift_left(value: int, bits: int) -> int:
    """The number times 2 to that power."""
    return int64(shift_left_big(value, bits))


def shift_left_big(value: int, bits: int) -> int:
    """The same of integers of any size."""
    if bits < 0:
        raise ArithmeticError(f"{bits} is no number of bits")
    if value and bits > _BITS:
        raise OverflowError_(f"a shift by {bits} bits is too large")
    return value << bits if value else 0


def shift_right(value: int, bits: int) -> int:
    """The number divided by 2 to that power, and floored."""
    if bits < 0:
        raise ArithmeticError(f"{bits} is no number of bits")
    return value >> bits


def clamp(value: _Ordered, low: _Ordered, high: _Ordered) -> _Ordered:
    """The value, or the bound that it is beyond."""
    if low > high:
        raise ArithmeticError(f"no number is at least {low} and at most {high}")
    return low if value < low else high if value > high else value


def to_base(value: int, base: int) -> str:
    """The integer in digits and small letters of a base from 2 to 36."""
    if not 2 <= base <= 36:
        raise ConversionError(f"{base} is no base from 2 to 36")
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, base)
        digits = _DIGITS[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


def from_base(text: str, base: int) -> int:
    """The integer that a text writes in a base; `0x`, `0o` and `0b` may stand before it."""
    if not 2 <= base <= 36:
        raise ConversionError(f"{base} is no base from 2 to 36")
    plain = text.strip()
    if not plain.isascii() or "_" in plain or len(plain) > 4_000:
        raise ConversionError(f"{shorten(text)} is no integer in base {base}")
    try:
        return int64(int(plain, base))
    except (ValueError, OverflowError_):
        raise ConversionError(f"{shorten(text)} is no int in base {base}") from None
