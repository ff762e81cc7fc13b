"""What JSON decoding leaves to do: timestamps become UTC, decimals must be finite.

Only types that hold such fields pay for it. The decoder rounds a timestamp's digits past
microseconds, where they are to be cut off and counted. So a text that has such digits is decoded
twice, the second time with them gone, and settling takes timestamps from the second value, the
rest from the first: text that only looks like a timestamp stays as it is. In the second text the
last digit is moved by five, so that the two values differ, however the first was rounded, in just
those timestamps that were cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import inspect

from ..errors import ValidationError
from ..values.lost import LOST, note_zoneless

__all__ = ["settler", "without_fine_digits"]

_Settle = Callable[[Any, Any], Any]

_DIGITS = re.compile(rb"\.\d{6}0*[1-9]\d*[Zz+\-\"]")
_TIMESTAMP = re.compile(
    rb'("\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d\.\d{5})(\d)0*[1-9]\d*((?:[Zz]|[+-]\d\d:?\d\d)?")'
)
_MOVED = {b"%d" % digit: b"%d" % ((digit + 5) % 10) for digit in range(10)}


def without_fine_digits(data: bytes | memoryview) -> bytes | None:
    """The JSON text with timestamps cut to microseconds, or nothing if there is nothing to cut.

    The last digit that is left is moved by five, which `settler` takes back.
    """
    return _TIMESTAMP.sub(_cut, bytes(data)) if _DIGITS.search(data) else None


def _cut(found: re.Match[bytes]) -> bytes:
    before, digit, after = found.groups()
    return before + _MOVED[digit] + after


def settler(record_type: Any) -> _Settle | None:
    """A function that settles a decoded value and returns it, or nothing if there is no need.

    It takes the value and the same value decoded `without_fine_digits`. Structs, lists and maps
    are changed in place; timestamps that were cut are counted. It raises ValidationError for a
    decimal that is not a number and for a timestamp that leaves the years 1 to 9999 in UTC.
    """
    return _of(inspect.type_info(record_type), {})


def _of(info: inspect.Type, seen: dict[Any, _Settle]) -> _Settle | None:
    match info:
        case inspect.DateTimeType():
            return _utc
        case inspect.DecimalType():
            return _finite
        case inspect.Metadata(type=inner, extra={"maximum": int(most)}):
            return _at_most(most, _of(inner, seen))
        case inspect.Metadata(extra={"precision": int(precision), "scale": int(scale)}):
            return _digits(precision, scale)
        case inspect.Metadata(type=inner):
            return _of(inner, seen)
        case inspect.StructType():
            return _struct(info, seen)
        case inspect.UnionType():
            return _union(info, seen)
        case inspect.ListType():
            item = _of(info.item_type, seen)
            return None if item is None else _list(item)
        case inspect.DictType():
            item = _of(info.value_type, seen)
            return None if item is None else _dict(item)
        case _:
            return None


def _utc(value: datetime, cut: datetime) -> datetime:
    if value is not cut and value != cut:
        micros = cut.microsecond
        value = cut.replace(microsecond=micros - micros % 10 + (micros + 5) % 10)
        LOST.set(LOST.get() + 1)
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        note_zoneless()
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValidationError(f"{value.isoformat()} is outside the years 1 to 9999") from None


def _finite(value: Decimal, cut: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValidationError(f"{value} is not a number")
    return value


def _at_most(most: int, inner: _Settle | None) -> _Settle:
    def settle(value: Any, cut: Any) -> Any:
        if value > most:
            raise ValidationError(f"Expected `int` <= {most}")
        return value if inner is None else inner(value, cut)

    return settle


def _digits(precision: int, scale: int) -> _Settle:
    def settle(value: Decimal, cut: Decimal) -> Decimal:
        return fit_decimal(_finite(value, cut), precision, scale)

    return settle


def fit_decimal(value: Decimal, precision: int, scale: int) -> Decimal:
    """The value, if `precision` digits with `scale` behind the point hold it as it is.

    Raises ValidationError.
    """
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "a number that is finite"
    if -exponent > scale or len(digits) + exponent > precision - scale:
        raise ValidationError(f"{value} does not fit decimal({precision}, {scale})")
    return value


def _list(item: _Settle) -> _Settle:
    def settle(values: list[Any], cut: list[Any]) -> list[Any]:
        values[:] = map(item, values, cut)
        return values

    return settle


def _dict(item: _Settle) -> _Settle:
    def settle(values: dict[str, Any], cut: dict[str, Any]) -> dict[str, Any]:
        for key, value in values.items():
            values[key] = item(value, cut[key])
        return values

    return settle


def _struct(info: inspect.StructType, seen: dict[Any, _Settle]) -> _Settle | None:
    if info.cls in seen:
        return seen[info.cls]
    fields: list[tuple[str, _Settle]] = []
    set_field = msgspec.structs.force_setattr

    def settle(record: Any, cut: Any) -> Any:
        for name, change in fields:
            old = getattr(record, name)
            if old is msgspec.UNSET:
                continue
            new = change(old, getattr(cut, name))
            if new is not old:
                set_field(record, name, new)
        return record

    # A type that holds itself finds this function under way; it stays even if it has no fields.
    seen[info.cls] = settle
    for field in info.fields:
        change = _of(field.type, seen)
        if change is not None:
            fields.append((field.name, change))
    return settle if fields else None


_KINDS: dict[type[inspect.Type], tuple[type, ...]] = {
    inspect.IntType: (int,),
    inspect.DateTimeType: (datetime,),
    inspect.DecimalType: (Decimal,),
    inspect.ListType: (list,),
    inspect.DictType: (dict,),
}


def _union(info: inspect.UnionType, seen: dict[Any, _Settle]) -> _Settle | None:
    cases: list[tuple[tuple[type, ...], _Settle]] = []
    for member in info.types:
        change = _of(member, seen)
        if change is not None:
            kind = member.type if isinstance(member, inspect.Metadata) else member
            known = (kind.cls,) if isinstance(kind, inspect.StructType) else _KINDS[type(kind)]
            cases.append((known, change))
    if not cases:
        return None

    def settle(value: Any, cut: Any) -> Any:
        for kind, change in cases:
            if isinstance(value, kind):
                return change(value, cut)
        return value

    return settle
