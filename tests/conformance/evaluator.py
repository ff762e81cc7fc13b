"""What expressions mean, a second time: from the tree as written, value by value.

Slow and plain on purpose. It shares nothing with the checker, the lowering or the runtime:
it reads the untyped tree and the types of the columns, and works with Python's numbers,
texts and times. Where this and the generated code differ, one of them is wrong.
"""

from __future__ import annotations

import base64
import decimal
import hashlib
import json
import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import re2

from flowc.model import expr as x
from flowc.model.types import (
    DecimalType,
    EnumType,
    ListType,
    MapType,
    Nullable,
    Record,
    Scalar,
    Type,
)

INT64 = range(-(2**63), 2**63)


class Failure(Exception):
    """An error of the record; ``args[0]`` is its name."""


def arithmetic_error(why: str) -> Failure:
    return Failure("ArithmeticError", why)


def conversion_error(why: str) -> Failure:
    return Failure("ConversionError", why)


class Evaluator:
    """Evaluates expressions over one record: a mapping without the fields that are absent."""

    def __init__(
        self,
        row: Record,
        record: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
        now: datetime = datetime(2024, 6, 1, 12, 0, tzinfo=UTC),
    ) -> None:
        self.row = row
        self.record = record
        self.settings = settings or {}
        self.now = now

    # --- results: checked where they are kept ------------------------------------------

    def value(self, node: x.Expr, like: str = "") -> Any:
        """The value as it is kept: an int in its range, a float finite."""
        return self._finite(self.compared(node, like))

    def compared(self, node: x.Expr, like: str = "") -> Any:
        """The value as it is compared: an int in its range."""
        return self._in_range(self.raw(node, like), node)

    def _in_range(self, result: Any, node: x.Expr) -> Any:
        whole = isinstance(result, int) and not isinstance(result, bool)
        if whole and result not in INT64 and self.kind(node) not in ("bigint", "uint64"):
            raise arithmetic_error(f"{result} is too large")
        return result

    @staticmethod
    def _finite(result: Any) -> Any:
        if isinstance(result, float) and not math.isfinite(result):
            raise arithmetic_error(f"{result} is no finite number")
        return result

    def operand(self, node: x.Expr, like: str = "") -> Any:
        """An operand of arithmetic: other arithmetic is taken as it is."""
        computing = isinstance(node, x.Arithmetic | x.Unary) or (
            isinstance(node, x.Call)
            and (node.name == "abs" or (node.name == "round" and len(node.arguments) == 2))
        )
        return self.raw(node, like) if computing else self.value(node, like)

    # --- truth -------------------------------------------------------------------------

    def holds(self, node: x.Expr) -> bool:
        """Whether a condition is true; what cannot change that is not evaluated."""
        match node:
            case x.Logic("and", operands):
                return all(self.holds(each) for each in operands)
            case x.Logic(_, operands):
                return any(self.holds(each) for each in operands)
            case x.Unary("not", operand):
                return self.refuted(operand)
            case x.Conditional(condition, then, otherwise):
                return self.holds(then) if self.holds(condition) else self.holds(otherwise)
            case _:
                return self.value(node) is True

    def refuted(self, node: x.Expr) -> bool:
        """Whether a condition is false, likewise."""
        match node:
            case x.Logic("and", operands):
                return any(self.refuted(each) for each in operands)
            case x.Logic(_, operands):
                return all(self.refuted(each) for each in operands)
            case x.Unary("not", operand):
                return self.holds(operand)
            case x.Conditional(condition, then, otherwise):
                return self.refuted(then) if self.holds(condition) else self.refuted(otherwise)
            case _:
                return self.value(node) is False

    def kleene(self, node: x.Logic) -> bool | None:
        decisive = node.operator == "or"
        result: bool | None = not decisive
        for each in node.operands:
            value = self.value(each)
            if value is decisive:
                return decisive
            if value is None:
                result = None
        return result

    # --- values ------------------------------------------------------------------------

    def raw(self, node: x.Expr, like: str = "") -> Any:
        match node:
            case x.Literal():
                return literal(node, like)
            case x.Template():
                return self.template(node, like)
            case x.Variable(name):
                return self.settings[name]
            case x.Path():
                return self.path(node)
            case x.Unary("not", operand):
                value = self.value(operand)
                return None if value is None else not value
            case x.Unary("-", x.Literal() as written):
                return -literal(written, like)
            case x.Unary(operator, operand):
                value = self.operand(operand, like)
                return value if value is None or operator == "+" else -value
            case x.Arithmetic():
                return self.arithmetic(node)
            case x.Comparison():
                return self.comparison(node)
            case x.Logic():
                return self.kleene(node)
            case x.Membership():
                return self.membership(node)
            case x.NullTest(value, negated):
                return (self.raw(value) is not None) is negated
            case x.Coalesce(value, default):
                like = like or self.kind(value) or self.kind(default)
                first = self.value(value, like)
                return self.value(default, like) if first is None else first
            case x.Conditional(condition, then, otherwise):
                like = like or self.kind(then) or self.kind(otherwise)
                return self.value(then if self.holds(condition) else otherwise, like)
            case x.Call():
                return self.call(node, like)
            case x.ListExpr(items):
                like = next((kind for item in items if (kind := self.kind(item))), "")
                if not like and any(written_kind(item) == "float" for item in items):
                    like = "float"
                return [self.value(item, like) for item in items]
            case x.RecordExpr(fields):
                return {name: self.value(item) for name, item in fields}
        raise AssertionError(node)

    def template(self, node: x.Template, like: str) -> Any:
        parts = [part if isinstance(part, str) else self.settings[part.name] for part in node.parts]
        return read_text("".join(map(str, parts)), like)

    def path(self, node: x.Path) -> Any:
        here: Any = self.record
        for step in node.steps:
            if isinstance(step, x.FieldStep):
                here = here.get(step.name) if isinstance(here, dict | Mapping) else None
            else:
                index = self.value(step.index)
                here = None if here is None or index is None else item(here, index)
        return here

    def arithmetic(self, node: x.Arithmetic) -> Any:
        kinds = self.kind(node.left), self.kind(node.right)
        like = "decimal" if "decimal" in kinds else ""
        left = self.operand(node.left, like)
        if left is None:
            return None
        right = self.operand(node.right, like)
        if right is None:
            return None
        return compute(node.operator, left, right)

    def comparison(self, node: x.Comparison) -> Any:
        left_like, right_like = self.kind(node.right), self.kind(node.left)
        if node.operator == "matches":
            text = self.value(node.left)
            return None if text is None else bool(re2.search(pattern_of(node.right), text))
        if node.operator in ("is", "is not"):
            left = self.compared(node.left, left_like)
            right = self.compared(node.right, right_like)
            same = right is None if left is None else right is not None and left == right
            return same is (node.operator == "is")
        left = self.raw(node.left, left_like)
        if left is None:
            return None
        right = self.raw(node.right, right_like)
        if right is None:
            return None
        # Ranges are checked once both sides are there.
        self._in_range(left, node.left)
        self._in_range(right, node.right)
        match node.operator:
            case "==" | "=":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
        raise AssertionError(node.operator)

    def membership(self, node: x.Membership) -> bool | None:
        value = self.raw(node.value)
        if value is None:
            return None
        if isinstance(node.collection, x.ListExpr):
            self._in_range(value, node.value)
            like = self.kind(node.value)
            items = [self.compared(item, like) for item in node.collection.items]
            found = any(item is not None and item == value for item in items)
            if not found and None in items:
                return None
        else:
            collection = self.value(node.collection)
            if collection is None:
                return None
            self._in_range(value, node.value)
            found = any(item is not None and item == value for item in collection)
        return found is not node.negated

    # --- functions ---------------------------------------------------------------------

    def call(self, node: x.Call, like: str) -> Any:
        name, arguments = node.name, node.arguments
        if name == "try":
            try:
                return self.value(arguments[0], like)
            except Failure:
                return None
        if name == "now":
            return self.now
        if name in ("coalesce", "least", "greatest"):
            return self.of_several(name, arguments, like)
        computing = name == "abs" or (name == "round" and len(arguments) == 2)
        values: list[Any] = []
        for argument in arguments:
            value = self.operand(argument) if computing else self.raw(argument)
            if value is None:
                return None
            values.append(value)
        if not computing:
            for value, argument in zip(values, arguments, strict=True):
                self._finite(self._in_range(value, argument))
        return FUNCTIONS[name](*values)

    def of_several(self, name: str, arguments: tuple[x.Expr, ...], like: str) -> Any:
        like = like or next((kind for each in arguments if (kind := self.kind(each))), "")
        if name == "coalesce":
            for argument in arguments:
                value = self.value(argument, like)
                if value is not None:
                    return value
            return None
        known = [v for v in (self.value(each, like) for each in arguments) if v is not None]
        if not known:
            return None
        return min(known) if name == "least" else max(known)

    # --- the little that must be known of types ------------------------------------------

    def kind(self, node: x.Expr) -> str:
        """The name of a scalar type where columns and functions tell it; empty for literals."""
        match node:
            case x.Path():
                return self.kind_of_path(node)
            case x.Arithmetic(operator, left, right):
                kinds = [kind for kind in (self.kind(left), self.kind(right)) if kind]
                times = [kind for kind in kinds if kind in ("timestamp", "date")]
                if operator == "-" and len(times) == 2:
                    return "duration"
                if times:
                    return times[0]
                if "bigint" in kinds or "uint64" in kinds:
                    return "bigint" if operator != "/" else "float"
                return kinds[0] if kinds else ""
            case x.Literal(x.LiteralKind.INT, text):
                return "" if int(text) in INT64 else "bigint"
            case x.Unary("-", x.Literal(x.LiteralKind.INT, text)):
                return "" if -int(text) in INT64 else "bigint"
            case x.Unary(_, operand):
                return self.kind(operand)
            case x.Coalesce(value, default) | x.Conditional(_, value, default):
                return self.kind(value) or self.kind(default)
            case x.Call("coalesce" | "least" | "greatest" | "abs" | "try", arguments):
                return next((kind for each in arguments if (kind := self.kind(each))), "")
            case x.Call("round", arguments) if len(arguments) == 2:
                return self.kind(arguments[0])
            case x.Call("now" | "parse_time"):
                return "timestamp"
            case x.Call(name) if name in CONVERSIONS:
                return name
            case _:
                return ""

    def kind_of_path(self, node: x.Path) -> str:
        here: Type = self.row
        for step in node.steps:
            here = here.inner if isinstance(here, Nullable) else here
            match here, step:
                case Record(), x.FieldStep(name):
                    field = here.field(name)
                    assert field is not None
                    here = field.type
                case MapType(value), _:
                    here = value
                case ListType(one), _:
                    here = one
                case _:
                    return ""
        here = here.inner if isinstance(here, Nullable) else here
        match here:
            case Scalar(kind):
                return kind.value
            case DecimalType():
                return "decimal"
            case EnumType():
                return "string"
            case _:
                return ""


def item(collection: Any, index: Any) -> Any:
    if isinstance(collection, dict):
        return collection.get(index) if isinstance(index, str) else None
    if isinstance(collection, list) and isinstance(index, int):
        return collection[index] if -len(collection) <= index < len(collection) else None
    return None


def compute(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return compute_decimal(operator, Decimal(left), Decimal(right))
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "//":
                return left // right
            case "%":
                return left % right
    except ZeroDivisionError:
        raise arithmetic_error("division by zero") from None
    except OverflowError as error:
        raise arithmetic_error(str(error)) from None
    raise AssertionError(operator)


def compute_decimal(operator: str, left: Decimal, right: Decimal) -> Decimal:
    a, b = Fraction(left), Fraction(right)
    scales = scale(left), scale(right)
    if operator in ("/", "//", "%") and b == 0:
        raise arithmetic_error("division by zero")
    match operator:
        case "+" | "-":
            return exactly(a + b if operator == "+" else a - b, max(scales))
        case "*":
            return exactly(a * b, sum(scales))
        case "/":
            places = max(*scales, 6)
            return exactly(Fraction(round(a / b * 10**places), 10**places), places)
        case "//":
            return exactly(Fraction(a // b), 0)
        case "%":
            return exactly(a % b, max(scales))
    raise AssertionError(operator)


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


# --- literals -------------------------------------------------------------------------

UNITS = {"us": 1, "ms": 10**3, "s": 10**6, "m": 6 * 10**7, "h": 36 * 10**8}
UNITS |= {"d": 24 * UNITS["h"], "w": 7 * 24 * UNITS["h"]}


def literal(node: x.Literal, like: str) -> Any:
    kind = x.LiteralKind
    match node.kind:
        case kind.NULL:
            return None
        case kind.BOOL:
            return node.text == "true"
        case kind.INT:
            number = int(node.text)
            return (
                float(number)
                if like == "float"
                else Decimal(number)
                if like == "decimal"
                else number
            )
        case kind.FLOAT:
            return Decimal(node.text) if like == "decimal" else float(node.text)
        case kind.STRING:
            return read_text(node.text, like)
        case kind.DATE:
            return read_text(node.text, "timestamp" if like == "timestamp" else "date")
        case kind.TIMESTAMP:
            return read_text(node.text, "timestamp")
        case kind.DURATION:
            found = re.findall(r"(\d+)([a-z]+)", node.text)
            return timedelta(microseconds=sum(int(n) * UNITS[unit] for n, unit in found))
        case kind.SIZE:
            count, unit = re.fullmatch(r"(\d+)([KMGT]?)i?B", node.text).groups()  # type: ignore[union-attr]
            return int(count) * (1024 if "i" in node.text else 1000) ** " KMGT".index(unit or " ")
        case kind.PERCENT:
            return float(Decimal(node.text.rstrip("%")) / 100)
    raise AssertionError(node.kind)


def written_kind(node: x.Expr) -> str:
    return node.kind.value if isinstance(node, x.Literal) else ""


def read_text(text: str, like: str) -> Any:
    match like:
        case "timestamp":
            return to_timestamp(text)
        case "date":
            return date.fromisoformat(text)
        case "uuid":
            return uuid.UUID(text)
        case "decimal":
            return Decimal(text)
        case "duration":
            return to_duration(text)
        case _:
            return text


def pattern_of(node: x.Expr) -> str:
    assert isinstance(node, x.Literal)
    return node.text


# --- functions ------------------------------------------------------------------------


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


def substr(text: str, start: int, length: int | None = None) -> str:
    first = max(0, len(text) + start) if start < 0 else start
    characters = [c for i, c in enumerate(text) if i >= first]
    return "".join(characters if length is None else characters[: max(0, length)])


def split(text: str, separator: str) -> list[str]:
    if not separator:
        raise conversion_error("an empty separator")
    parts, rest = [], text
    while separator in rest:
        part, _, rest = rest.partition(separator)
        parts.append(part)
    return [*parts, rest]


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


def parse_time(text: str, form: str) -> datetime:
    try:
        read = datetime.strptime(text, form)
    except ValueError:
        raise conversion_error(f"{text!r} is no time like {form}") from None
    # What the form lacks is that of 1970; strptime takes 1900.
    if "%Y" not in form and "%y" not in form:
        read = read.replace(year=1970)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


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
FUNCTIONS: dict[str, Any] = {
    **CONVERSIONS,
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "length": len,
    "len": len,
    "contains": lambda whole, part: part in whole,
    "starts_with": lambda text, start: text[: len(start)] == start,
    "ends_with": lambda text, end: not end or text[-len(end) :] == end,
    "replace": lambda text, part, by: by.join(text.split(part)) if part else text.replace(part, by),
    "split": split,
    "substr": substr,
    "concat": lambda *parts: "".join(parts),
    "abs": abs,
    "round": rounded,
    "floor": lambda number: whole_number(number, math.floor),
    "ceil": lambda number: whole_number(number, math.ceil),
    "ceiling": lambda number: whole_number(number, math.ceil),
    "year": lambda time: time.year,
    "month": lambda time: time.month,
    "day": lambda time: time.day,
    "hour": lambda time: time.hour,
    # The C library does not pad years below 1000.
    "format_time": lambda time, form: time.strftime(form.replace("%Y", f"{time.year:04d}")),
    "parse_time": parse_time,
    "hash": lambda value: hashlib.sha256(text_of(value).encode()).hexdigest(),
}
