"""Calling the user's functions: conversion both ways, and the promise that types hold after them."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, is_typeddict

import msgspec

from .errors import OverflowError_, ValidationError
from .segments import UserCode

__all__ = ["caller"]


def caller(segment: UserCode) -> Callable[[Any], list[Any]]:
    """A function from one record to the records that the user's code makes of it.

    Raises what the user's code raises; ValidationError or OverflowError_ for a result that does
    not fit `gives`.
    """
    function, gives, kind = segment.function, segment.gives, segment.kind
    into = _into(segment.takes)
    convert = msgspec.convert

    def accept(result: Any) -> Any:
        record = convert(result, type=gives, from_attributes=True)
        _check_finite(record)
        return record

    def one(record: Any) -> list[Any]:
        result = function(into(record))
        if result is None:
            raise ValidationError("the processor returned None, but its annotation says a record")
        return [accept(result)]

    def maybe(record: Any) -> list[Any]:
        result = function(into(record))
        return [] if result is None else [accept(result)]

    def many(record: Any) -> list[Any]:
        return [accept(result) for result in function(into(record))]

    match kind:
        case "one":
            return one
        case "maybe":
            return maybe
        case "many":
            return many


def _into(takes: Any) -> Callable[[Any], Any]:
    convert = msgspec.convert
    if is_typeddict(takes):
        return lambda record: convert(_plain(record), type=takes)
    return lambda record: convert(record, type=takes, from_attributes=True)


def _plain(value: Any) -> Any:
    """Structs as dictionaries, all the way down, with absent fields left out."""
    if isinstance(value, msgspec.Struct):
        return {
            field.encode_name: _plain(item)
            for field in msgspec.structs.fields(value)
            if (item := getattr(value, field.name)) is not msgspec.UNSET
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _check_finite(value: Any) -> None:
    match value:
        case float():
            if not math.isfinite(value):
                raise OverflowError_(f"the processor returned {value}, which no format can keep")
        case Decimal():
            if not value.is_finite():
                raise OverflowError_(f"the processor returned {value}, which no format can keep")
        case msgspec.Struct():
            for name in value.__struct_fields__:
                _check_finite(getattr(value, name))
        case list():
            for item in value:
                _check_finite(item)
        case dict():
            for item in value.values():
                _check_finite(item)
