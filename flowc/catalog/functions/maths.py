"""Functions of mathematics. What has no finite result is an ArithmeticError."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog.signatures import COMPUTES, CONVERTS, examples, gives
from flowc.catalog.spec import CallContext, Function, Overload
from flowc.model.effects import ARITHMETIC_ERROR
from flowc.model.expr import Call
from flowc.model.typed import Apply, RuntimeCall, Typed, Wrong
from flowc.model.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    INT,
    NUMBER,
    POISON,
    STRING,
    Ref,
    Type,
    may_be_null,
    nullable,
)

_MODULE = "values.maths"
_NUMBERS = (INT, BIGINT, FLOAT, NUMBER, DECIMAL)


def _call(name: str) -> RuntimeCall:
    return RuntimeCall(_MODULE, name)


def _of_float(
    name: str, summary: str, fails: bool, words: str, *shown: tuple[str, str]
) -> Function:
    errors = COMPUTES if fails else frozenset()
    return Function(
        name,
        summary,
        tuple(gives(FLOAT, _call(name), errors, number=type) for type in (FLOAT, NUMBER)),
        examples(*shown),
        corrections=dict.fromkeys(words.split(), name),
    )


def _clamp(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
    unified = check.unify(arguments, "the arguments of `clamp`")
    if unified is None:
        return Wrong(POISON, call.span)
    type, values = unified
    null = any(may_be_null(value.type) for value in values)
    made: Type = nullable(type) if null else type
    errors = frozenset({ARITHMETIC_ERROR})
    return Apply("clamp", _call("clamp"), values, made, errors=errors, span=call.span)


def _bits(name: str, summary: str, words: str, *shown: tuple[str, str]) -> Function:
    return Function(
        name,
        summary,
        tuple(gives(type, _call(name), left=type, right=type) for type in (INT, BIGINT)),
        examples(*shown),
        corrections=dict.fromkeys(words.split(), name),
    )


FUNCTIONS = (
    Function(
        "sign",
        "-1 of a number below zero, 0 of zero, 1 of one above",
        tuple(gives(INT, _call("sign"), number=type) for type in _NUMBERS),
        examples(("sign(-2.5)", "-1"), ("sign(0)", "0")),
        corrections={"signum": "sign", "sgn": "sign"},
    ),
    Function(
        "trunc",
        "the whole part of a number, as an int; or the number with so many digits, the rest cut off",
        (
            *(
                gives(INT, _call("trunc"), COMPUTES, number=type)
                for type in (FLOAT, NUMBER, DECIMAL)
            ),
            gives(FLOAT, _call("trunc_digits"), COMPUTES, number=FLOAT, digits=INT),
            gives(DECIMAL, _call("trunc_digits_decimal"), number=DECIMAL, digits=INT),
        ),
        examples(
            ("trunc(-1.9)", "-1"), ("trunc(3.149, 2)", "3.14"), ("trunc(1e300)", "ArithmeticError")
        ),
        corrections={"truncate": "trunc", "fix": "trunc"},
    ),
    Function(
        "pow",
        "a number to a power: exact of ints (from 0 on) and decimals, a float of floats",
        (
            gives(INT, _call("power_int"), COMPUTES, base=INT, exponent=INT),
            gives(BIGINT, _call("power_big"), COMPUTES, base=BIGINT, exponent=INT),
            gives(DECIMAL, _call("power_decimal"), COMPUTES, base=DECIMAL, exponent=INT),
            gives(FLOAT, _call("power"), COMPUTES, base=FLOAT, exponent=FLOAT),
            gives(FLOAT, _call("power"), COMPUTES, base=NUMBER, exponent=NUMBER),
        ),
        examples(
            ("pow(2, 10)", "1024"),
            ("pow(2.0, -1)", "0.5"),
            ("pow(2, -1)", "ArithmeticError"),
            ("pow(-8.0, 0.5)", "ArithmeticError"),
        ),
        spellings=("power",),
    ),
    _of_float(
        "sqrt",
        "the square root of a number",
        True,
        "square_root",
        ("sqrt(2.25)", "1.5"),
        ("sqrt(-1)", "ArithmeticError"),
    ),
    _of_float(
        "exp",
        "e to the power of a number",
        True,
        "",
        ("exp(0)", "1.0"),
        ("exp(1000)", "ArithmeticError"),
    ),
    _of_float(
        "ln",
        "the natural logarithm of a number above zero",
        True,
        "loge log_e",
        ("ln(1)", "0.0"),
        ("ln(0)", "ArithmeticError"),
    ),
    _of_float("log10", "the logarithm of a number to base 10", True, "lg", ("log10(1000)", "3.0")),
    _of_float("log2", "the logarithm of a number to base 2", True, "", ("log2(8)", "3.0")),
    Function(
        "log",
        "the logarithm to a base, which comes first, of a number",
        tuple(
            gives(FLOAT, _call("log"), COMPUTES, base=type, number=type) for type in (FLOAT, NUMBER)
        ),
        examples(("log(4, 16)", "2.0"), ("log(1, 2)", "ArithmeticError")),
    ),
    _of_float("sin", "the sine of an angle in radians", False, "", ("sin(0)", "0.0")),
    _of_float("cos", "the cosine of an angle in radians", False, "", ("cos(0)", "1.0")),
    _of_float("tan", "the tangent of an angle in radians", True, "", ("tan(0)", "0.0")),
    _of_float(
        "asin",
        "the angle in radians with that sine",
        True,
        "arcsin",
        ("asin(0)", "0.0"),
        ("asin(2)", "ArithmeticError"),
    ),
    _of_float("acos", "the angle in radians with that cosine", True, "arccos", ("acos(1)", "0.0")),
    _of_float(
        "atan", "the angle in radians with that tangent", False, "arctan", ("atan(0)", "0.0")
    ),
    Function(
        "atan2",
        "the angle in radians of the point (x, y), whose y comes first",
        tuple(gives(FLOAT, _call("atan2"), y=type, x=type) for type in (FLOAT, NUMBER)),
        examples(
            ("atan2(0, 1)", "0.0"),
        ),
        corrections={"arctan2": "atan2"},
    ),
    _of_float(
        "radians",
        "degrees in radians",
        False,
        "to_radians deg2rad",
        ("radians(180) == pi()", "true"),
    ),
    _of_float(
        "degrees", "radians in degrees", True, "to_degrees rad2deg", ("degrees(pi())", "180.0")
    ),
    Function(
        "pi",
        "the ratio of a circle's circumference to its diameter",
        (gives(FLOAT, _call("pi")),),
        examples(
            ("round(pi(), 5)", "3.14159"),
        ),
    ),
    Function(
        "clamp",
        "a number, or the bound (the low one first) that it is beyond",
        (gives(Ref("T"), _call("clamp"), COMPUTES, number=Ref("T"), low=Ref("T"), high=Ref("T")),),
        examples(
            ("clamp(12, 0, 10)", "10"),
            ("clamp(0.5, 0, 1)", "0.5"),
            ("clamp(1, 5, 2)", "ArithmeticError"),
        ),
        rule=_clamp,
        corrections={"clip": "clamp", "limit_to": "clamp"},
    ),
    Function(
        "gcd",
        "the greatest integer that divides two",
        tuple(gives(type, _call("gcd"), left=type, right=type) for type in (INT, BIGINT)),
        examples(("gcd(12, -18)", "6"), ("gcd(0, 0)", "0")),
        corrections={"greatest_common_divisor": "gcd"},
    ),
    Function(
        "lcm",
        "the least integer that two divide",
        (
            gives(INT, _call("lcm"), COMPUTES, left=INT, right=INT),
            gives(BIGINT, _call("lcm_big"), left=BIGINT, right=BIGINT),
        ),
        examples(
            ("lcm(4, 6)", "12"),
        ),
        corrections={"least_common_multiple": "lcm"},
    ),
    _bits(
        "bit_and",
        "the bits that two integers both have",
        "bitand bitwise_and",
        ("bit_and(12, 10)", "8"),
        ("bit_and(-1, 7)", "7"),
    ),
    _bits(
        "bit_or",
        "the bits that one of two integers has",
        "bitor bitwise_or",
        ("bit_or(12, 10)", "14"),
    ),
    _bits(
        "bit_xor",
        "the bits that one alone of two integers has",
        "bitxor bitwise_xor xor",
        ("bit_xor(12, 10)", "6"),
    ),
    Function(
        "bit_not",
        "the bits that an integer has not: `-x - 1`",
        tuple(gives(type, _call("bit_not"), number=type) for type in (INT, BIGINT)),
        examples(
            ("bit_not(5)", "-6"),
        ),
        corrections={"bitnot": "bit_not", "bitwise_not": "bit_not"},
    ),
    Function(
        "bit_count",
        "how many bits of an integer, its sign left out, are set",
        tuple(gives(INT, _call("bit_count"), number=type) for type in (INT, BIGINT)),
        examples(
            ("bit_count(13)", "3"),
        ),
        corrections={"popcount": "bit_count", "bits_set": "bit_count"},
    ),
    Function(
        "shift_left",
        "an integer times two to the power of a number of bits",
        (
            gives(INT, _call("shift_left"), COMPUTES, number=INT, bits=INT),
            gives(BIGINT, _call("shift_left_big"), COMPUTES, number=BIGINT, bits=INT),
        ),
        examples(("shift_left(3, 4)", "48"), ("shift_left(1, 63)", "ArithmeticError")),
        corrections={"shl": "shift_left", "bit_shift_left": "shift_left"},
    ),
    Function(
        "shift_right",
        "an integer divided by two to the power of a number of bits, floored",
        tuple(
            gives(type, _call("shift_right"), COMPUTES, number=type, bits=INT)
            for type in (INT, BIGINT)
        ),
        examples(
            ("shift_right(-5, 1)", "-3"),
        ),
        corrections={"shr": "shift_right", "bit_shift_right": "shift_right"},
    ),
    Function(
        "to_base",
        "an integer in the digits of a base from 2 to 36",
        tuple(
            gives(STRING, _call("to_base"), CONVERTS, number=type, base=INT)
            for type in (INT, BIGINT)
        ),
        examples(("to_base(255, 16)", '"ff"'), ("to_base(-5, 2)", '"-101"')),
        corrections={"to_hex": "to_base({0}, 16)", "to_binary": "to_base({0}, 2)"},
    ),
    Function(
        "from_base",
        "the int that a text writes in a base; `0x`, `0o` or `0b` may stand before it",
        (gives(INT, _call("from_base"), CONVERTS, text=STRING, base=INT),),
        examples(('from_base("0xFF", 16)', "255"), ('from_base("12", 2)', "ConversionError")),
        corrections={"parse_hex": "from_base({0}, 16)", "hex_to_int": "from_base({0}, 16)"},
    ),
    Function(
        "random",
        "a number from 0 up to, and without, 1",
        (Overload((), FLOAT, RuntimeCall("environment", "random")),),
        examples(
            ("random() < 1", "true"),
        ),
        deterministic=False,
        corrections={"rand": "random", "runif": "random"},
    ),
)
