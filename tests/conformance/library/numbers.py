"""Functions of numbers, by fractions and complex numbers."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conformance.conversions import INT64, arithmetic_error, conversion_error, exactly, scale


def in_range(number: int) -> int:
    if number not in INT64:
        raise arithmetic_error(f"{number} is too large")
    return number


def rounded(number: Any, digits: int | None = None) -> Any:
    if isinstance(number, Decimal):
        places = digits or 0
        whole = round(Fraction(number) * Fraction(10) ** places)
        return (
            exactly(Fraction(whole) / Fraction(10) ** places, max(0, places))
            if places >= 0
            else Decimal(whole).scaleb(-places)
        )
    if digits is None:
        return whole_number(number, round)
    try:
        return round(number, digits)
    except OverflowError:
        raise arithmetic_error("too large") from None


def whole_number(number: Any, how: Any) -> int:
    try:
        return in_range(how(number))
    except (OverflowError, ValueError):
        raise arithmetic_error("no whole number") from None


def trunc(number: Any, digits: int | None = None) -> Any:
    if digits is None:
        return whole_number(number, lambda value: int(value))
    exact = Fraction(Decimal(repr(number)) if isinstance(number, float) else number)
    places = Fraction(10) ** digits
    cut = Fraction(math.floor(abs(exact) * places)) / places * (1 if exact >= 0 else -1)
    if isinstance(number, float):
        return float(cut)
    if scale(number) <= digits:
        return number
    return exactly(cut, digits) if digits >= 0 else Decimal(int(cut)).scaleb(digits).scaleb(-digits)


def real(how: Callable[..., Any]) -> Callable[..., float]:
    """A function computed among complex numbers: what leaves the real ones is an error."""

    def compute(*numbers: Any) -> float:
        try:
            result = how(*(complex(float(number)) for number in numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            raise arithmetic_error("no result") from None
        if abs(result.imag) > 1e-9 * max(1.0, abs(result.real)):
            raise arithmetic_error("not real")
        return float(result.real)

    return compute


def plain(how: Callable[..., float]) -> Callable[..., float]:
    def compute(*numbers: Any) -> float:
        try:
            return how(*map(float, numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            raise arithmetic_error("no result") from None

    return compute


def power(base: Any, exponent: Any) -> Any:
    if isinstance(base, float) or isinstance(exponent, float):
        return plain(math.pow)(base, exponent)
    if exponent < 0:
        raise arithmetic_error("no whole power")
    if isinstance(base, Decimal):
        return exactly(Fraction(base) ** exponent, scale(base) * exponent)
    if base not in (-1, 0, 1) and base.bit_length() * exponent > 2**14:
        raise arithmetic_error("too large")
    return base**exponent


def gcd(left: int, right: int) -> int:
    while right:
        left, right = right, left % right
    return abs(left)


def clamp(number: Any, low: Any, high: Any) -> Any:
    if low > high:
        raise arithmetic_error("no such number")
    return sorted((low, number, high))[1]


def shifted(number: int, bits: int) -> int:
    if bits > 2**14 and number:
        raise arithmetic_error("too far")
    return number * 2**bits if number else 0


def bits_of(how: Callable[[bool, bool], bool]) -> Callable[[int, int], int]:
    def compute(left: int, right: int) -> int:
        width = max(left.bit_length(), right.bit_length()) + 1
        total = sum(
            2**bit
            for bit in range(width)
            if how(bool(left // 2**bit % 2), bool(right // 2**bit % 2))
        )
        return total - 2**width if total >= 2 ** (width - 1) else total

    return compute


def checked_bits(how: Callable[[int, int], int]) -> Callable[[int, int], int]:
    def compute(number: int, bits: int) -> int:
        if bits < 0:
            raise arithmetic_error("a negative number of bits")
        return how(number, bits)

    return compute


DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def based(base: int) -> int:
    if not 2 <= base <= 36:
        raise conversion_error("no such base")
    return base


def to_base(number: int, base: int) -> str:
    if number < 0:
        return "-" + to_base(-number, base)
    whole, digit = divmod(number, based(base))
    return (to_base(whole, base) if whole else "") + DIGITS[digit]


def from_base(text: str, base: int) -> int:
    plain, sign, total = text.strip().lower(), 1, 0
    based(base)
    if plain[:1] in ("-", "+"):
        sign, plain = -1 if plain[0] == "-" else 1, plain[1:]
    if plain[:2] == {16: "0x", 8: "0o", 2: "0b"}.get(base):
        plain = plain[2:]
    for char in plain or "?":
        if char not in DIGITS[:base]:
            raise conversion_error("no such digit")
        total = total * base + DIGITS.index(char)
    if sign * total not in INT64:
        raise conversion_error("too large")
    return sign * total


FUNCTIONS: dict[str, Any] = {
    "abs": abs,
    "round": rounded,
    "floor": lambda number: whole_number(number, math.floor),
    "ceil": lambda number: whole_number(number, math.ceil),
    "ceiling": lambda number: whole_number(number, math.ceil),
    "trunc": trunc,
    "sign": lambda number: 0 if number == 0 else int(math.copysign(1, number)),
    "pow": power,
    "power": power,
    "sqrt": plain(math.sqrt),
    "exp": plain(math.exp),
    "ln": plain(math.log),
    "log10": plain(math.log10),
    "log2": plain(math.log2),
    "log": plain(lambda base, number: math.log(number) / math.log(base)),
    "sin": plain(math.sin),
    "cos": plain(math.cos),
    "tan": plain(math.tan),
    "asin": real(cmath.asin),
    "acos": real(cmath.acos),
    "atan": plain(lambda number: math.atan2(number, 1)),
    "atan2": plain(math.atan2),
    "radians": plain(lambda number: number * math.pi / 180),
    "degrees": plain(lambda number: number * 180 / math.pi),
    "pi": lambda: 4 * math.atan(1),
    "clamp": clamp,
    "gcd": gcd,
    "lcm": lambda left, right: abs(left * right) // gcd(left, right) if left and right else 0,
    "bit_and": bits_of(lambda a, b: a and b),
    "bit_or": bits_of(lambda a, b: a or b),
    "bit_xor": bits_of(lambda a, b: a is not b),
    "bit_not": lambda number: -number - 1,
    "bit_count": lambda number: bin(abs(number)).count("1"),
    "shift_left": checked_bits(shifted),
    "shift_right": checked_bits(lambda number, bits: number // 2**bits),
    "to_base": to_base,
    "from_base": from_base,
}
