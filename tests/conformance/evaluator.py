"""What expressions mean, a second time: from the tree as written, value by value.

Slow and plain on purpose. It shares nothing with the checker, the lowering or the runtime:
it reads the untyped tree and the types of the columns, and works with Python's numbers,
texts and times. Where this and the generated code differ, one of them is wrong.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import re2

from conformance.conversions import (
    CONVERSIONS,
    INT64,
    UNITS,
    Failure,
    arithmetic_error,
    exactly,
    scale,
    to_duration,
    to_timestamp,
)
from conformance.library import FUNCTIONS, SEES_NULL
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
            case x.Inside(base, step):
                return self.step(self.value(base), step)
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
            here = self.step(here, step)
        return here

    def step(self, here: Any, step: x.FieldStep | x.IndexStep) -> Any:
        if isinstance(step, x.FieldStep):
            return here.get(step.name) if isinstance(here, dict | Mapping) else None
        index = self.value(step.index)
        return None if here is None or index is None else item(here, index)

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
        if name in CLOCK:
            return CLOCK[name](self.now)
        if name in ("coalesce", "least", "greatest"):
            return self.of_several(name, arguments, like)
        computing = name == "abs" or (name == "round" and len(arguments) == 2)
        likes = self.likes(name, arguments)
        values: list[Any] = []
        for argument, one in zip(arguments, likes, strict=True):
            value = self.operand(argument, one) if computing else self.raw(argument, one)
            if value is None and name not in SEES_NULL:
                return None
            values.append(value)
        if not computing:
            for value, argument in zip(values, arguments, strict=True):
                self._finite(self._in_range(value, argument))
        if name in ("pow", "power") and "number" in map(self.kind, arguments):
            values = [float(value) for value in values]
        return FUNCTIONS[name](*values)

    def likes(self, name: str, arguments: tuple[x.Expr, ...]) -> list[str]:
        """What each argument is read as: like the others where all are of one type."""
        if name not in ALIKE:
            return [""] * len(arguments)
        like = next((kind for each in arguments if (kind := self.kind(each))), "")
        if not like and any(written_kind(each) == "float" for each in arguments):
            like = "float"
        return [like] * len(arguments)

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
            case x.Call("round" | "trunc", arguments) if len(arguments) == 2:
                return self.kind(arguments[0])
            case x.Call("list_sum" | "list_min" | "list_max", arguments):
                return self.kind(arguments[0]).removeprefix("list of ")
            case x.Call(name, arguments) if name in SAME_KIND:
                return self.kind(arguments[SAME_KIND[name]])
            case x.Call(name) if name in KINDS:
                return KINDS[name]
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
            case ListType(Scalar(kind)):
                return f"list of {kind.value}"
            case _:
                return ""


#: Functions of the clock and of chance, which stand still in tests.
CLOCK: dict[str, Any] = {
    "now": lambda now: now,
    "today": lambda now: now.date(),
    "random": lambda now: 0.5,
    "uuid4": lambda now: uuid.UUID(int=4 << 76 | 2 << 62),
}
#: Functions whose arguments have one type, functions that give the type of an argument, and
#: functions that give a type of their own.
ALIKE = frozenset({"clamp", "nullif"})
SAME_KIND = dict.fromkeys(
    (
        *("clamp", "nullif", "pow", "power", "gcd", "lcm", "bit_and", "bit_or", "bit_xor"),
        *("bit_not", "shift_left", "shift_right", "add_days", "add_months"),
    ),
    0,
) | {"date_trunc": 1}
KINDS = (
    dict.fromkeys(
        (
            *("now", "parse_time", "assume_zone", "time_bucket", "from_epoch_ms"),
            *("from_epoch_us", "make_timestamp"),
        ),
        "timestamp",
    )
    | dict.fromkeys(("today", "local_date", "last_day", "make_date"), "date")
    | dict.fromkeys(("uuid4", "uuid5"), "uuid")
    | {"utc_offset": "duration"}
)


def item(collection: Any, index: Any) -> Any:
    if isinstance(collection, dict):
        return collection.get(index) if isinstance(index, str) else None
    if isinstance(collection, list) and isinstance(index, int):
        return collection[index] if -len(collection) <= index < len(collection) else None
    return None


def compute(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return compute_decimal(operator, Decimal(left), Decimal(right))
    if isinstance(left, float) and isinstance(right, timedelta):
        left, right = right, left
    if isinstance(left, timedelta) and isinstance(right, int | float) and operator in ("*", "/"):
        return compute_length(operator, left, right)
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


def compute_length(operator: str, length: timedelta, number: float) -> timedelta:
    micros = Fraction(length // timedelta(microseconds=1))
    if operator == "/" and number == 0:
        raise arithmetic_error("division by zero")
    exact = micros * Fraction(number) if operator == "*" else micros / Fraction(number)
    try:
        return timedelta(microseconds=round(exact))
    except OverflowError:
        raise arithmetic_error("too long") from None


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


# --- literals -------------------------------------------------------------------------


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
