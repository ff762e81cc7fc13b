"""Values and their conversions, a second time: from texts, to texts, between numbers."""

from __future__ import annotations

import base64
import decimal
import json
import math
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

INT64 = range(-(2**63), 2**63)


class Failure(Exception):
    """An error of the record; ``args[0]`` is its name."""


def arithmetic_error(why: str) -> Failure:
    return Failure("ArithmeticError", why)


def conversion_error(why: str) -> Failure:
    return Failure("ConversionError", why)


UNITS = {"us": 1, "ms": 10**3, "s": 10**6, "m": 6 * 10**7, "h": 36 * 10**8}
UNITS |= {"d": 24 * UNITS["h"], "w": 7 * 24 * UNITS["h"]}


def scale(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def exactly(value: Fraction, places: int) -> Decimal:
    """The value with so many places; more than 76 digits are an error."""
    whole = value * 10**places
    assert whole.denominator == 1
    if abs(whole.numerator) >= 10**76:
        raise arithmetic_error("more than 76 digits")
    with decimal.localcontext(decimal.Context(prec=200)):
        return Decimal(whole.numerator).scaleb(-places)


def text_of(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float():
            return float_text(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case timedelta():
            return duration_text(value)
        case bytes():
            return base64.b64encode(value).decode()
        case list() | dict():
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        case _:
            return str(value)


def float_text(value: float) -> str:
    """The fewest digits; from 1e16 on and below 1e-5 with an exponent."""
    if value == 0 or 1e-5 <= abs(value) < 1e16:
        plain = f"{Decimal(repr(value)):f}"
        return plain if "." in plain else plain + ".0"
    return re.sub(r"e(-?)\+?0?", r"e\1", repr(value))


def duration_text(value: timedelta) -> str:
    micros = value // timedelta(microseconds=1)
    sign = "-" if micros < 0 else ""
    seconds = Fraction(abs(micros), 10**6)
    days, rest = divmod(seconds, 86400)
    shown = f"{float(rest):.6f}".rstrip("0").rstrip(".")
    return sign + "P" + (f"{days}D" if days else "") + (f"T{shown}S" if rest or not days else "")


def to_bool(value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
    if value not in (0, 1) or value is None:
        raise conversion_error(f"{value!r} is no bool")
    return bool(value)


def integer(low: int | None = None, high: int | None = None) -> Any:
    def convert(value: Any) -> int:
        if isinstance(value, str):
            if not re.fullmatch(r"[+-]?[0-9]{1,4000}", value.strip()):
                raise conversion_error(f"{value!r} is no integer")
            value = int(value)
        elif isinstance(value, bool | int | float | Decimal) and value == int(value):
            value = int(value)
        else:
            raise conversion_error(f"{value!r} is no integer")
        if low is not None and high is not None and not low <= value <= high:
            raise conversion_error(f"{value} is too large")
        return value

    return convert


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def to_float(value: Any) -> float:
    if isinstance(value, str):
        if not NUMBER.fullmatch(value.strip()):
            raise conversion_error(f"{value!r} is no float")
        value = value.strip()
    elif not isinstance(value, bool | int | float | Decimal):
        raise conversion_error(f"{value!r} is no float")
    try:
        number = float(value)
    except OverflowError:
        raise conversion_error("too large") from None
    if not math.isfinite(number):
        raise conversion_error(f"{value!r} is not finite")
    return number


def to_number(value: Any) -> int | float:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value.strip(), re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else to_float(value)


def to_decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        if not NUMBER.fullmatch(value.strip()):
            raise conversion_error(f"{value!r} is no decimal")
        value = value.strip()
    elif not isinstance(value, int | Decimal):
        raise conversion_error(f"{value!r} is no decimal")
    number = Decimal(value)
    if len(number.as_tuple().digits) > 76:
        raise conversion_error("more than 76 digits")
    return number


def to_timestamp(value: Any) -> datetime:
    match value:
        case datetime():
            return value
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        case int() | float() if not isinstance(value, bool):
            try:
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
            except OverflowError:
                raise conversion_error("too far") from None
        case str():
            text = re.sub(r"([.,]\d{6})\d+", r"\1", value.strip()).replace(",", ".")
            try:
                read = datetime.fromisoformat(text)
            except ValueError:
                raise conversion_error(f"{value!r} is no timestamp") from None
            return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)
    raise conversion_error(f"{value!r} is no timestamp")


def to_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise conversion_error(f"{value!r} is no date") from None
    return to_timestamp(value).date() if isinstance(value, str) else value


def to_duration(value: Any) -> timedelta:
    if isinstance(value, int | float):
        return timedelta(seconds=value)
    text = value.strip()
    iso = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", text)
    if iso and text[-1] not in "PT":
        days, hours, minutes, seconds = (Fraction(part or 0) for part in iso.groups())
        return timedelta(
            microseconds=int((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 10**6)
        )
    found = re.findall(r"(\d+)(us|ms|[wdhms])", text)
    if not found or "".join(n + unit for n, unit in found) != text:
        raise conversion_error(f"{value!r} is no duration")
    return timedelta(microseconds=sum(int(n) * UNITS[unit] for n, unit in found))


def to_uuid(value: Any) -> uuid.UUID:
    try:
        if isinstance(value, str) and len(value.strip()) in (32, 36):
            return uuid.UUID(value.strip())
    except ValueError:
        pass
    raise conversion_error(f"{value!r} is no uuid")


def to_bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise conversion_error(f"{value!r} is not base64") from None


def to_json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise conversion_error(f"{value!r} is not JSON") from None


CONVERSIONS = {
    "bool": to_bool,
    "int": integer(-(2**63), 2**63 - 1),
    "int32": integer(-(2**31), 2**31 - 1),
    "uint32": integer(0, 2**32 - 1),
    "uint64": integer(0, 2**64 - 1),
    "bigint": integer(),
    "float": to_float,
    "number": to_number,
    "decimal": to_decimal,
    "string": text_of,
    "bytes": to_bytes,
    "timestamp": to_timestamp,
    "date": to_date,
    "duration": to_duration,
    "uuid": to_uuid,
    "json": to_json,
}
