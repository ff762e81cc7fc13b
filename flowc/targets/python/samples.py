"""Values of every type, for the tests of a generated project."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from flowc.model.types import (
    DecimalType,
    EnumType,
    Kind,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
)
from flowc.targets.base import EmissionError
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.settings import constant
from flowc.targets.python.syntax import call

#: Ordinary values, small ones with null and absence, and large ones.
VARIANTS = 3

#: Below this, the smallest value of a type is not looked for.
_HIGHEST = 6

_SCALARS: dict[Kind, tuple[object, object, object]] = {
    Kind.BOOL: (True, False, True),
    Kind.INT: (7, 0, 2**63 - 1),
    Kind.INT32: (7, 0, -(2**31)),
    Kind.UINT32: (7, 0, 2**32 - 1),
    Kind.UINT64: (7, 0, 2**64 - 1),
    Kind.BIGINT: (7, 0, 2**200),
    Kind.FLOAT: (1234.5, 0.0, -1.7e308),
    Kind.NUMBER: (7, 0.5, -(2**63)),
    Kind.STRING: ("text", "", 'ß "quoted" \\ \n 漢字'),
    Kind.BYTES: (b"bytes", b"", bytes(range(8))),
    Kind.TIMESTAMP: (
        datetime(2024, 1, 31, 10, 30, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ),
    Kind.DATE: (date(2024, 2, 29), date(1970, 1, 1), date(9999, 12, 31)),
    Kind.DURATION: (timedelta(hours=1, minutes=30), timedelta(), timedelta(days=-3)),
    Kind.JSON: ("text", None, 7),
}


class Samples:
    """Writes records of the declared classes, for the module that ``imports`` are of."""

    def __init__(self, classes: RecordClasses, imports: Imports, package: str) -> None:
        self._classes = classes
        self._imports = imports
        self._types = f"{package}.types"

    def record(self, of: RecordClass, variant: int, depth: int = 0) -> ast.Call:
        """A record of a class; variant 1 leaves out what may be absent."""
        if of.record.members is not None:
            value = self.value(of.record.members, variant, depth)
            assert isinstance(value, ast.Call)
            return value
        made = call(self._imports.name(self._types, of.name))
        for field in of.record.fields:
            if field.name == of.tag or (field.optional and variant == 1):
                continue
            value = self.value(field.type, variant, depth)
            made.keywords.append(ast.keyword(of.attributes[field.name], value))
        return made

    def _height(self, type: Type, most: int) -> int:
        """How deep the smallest value of a type is, up to ``most``."""
        if most == 0:
            return 0
        match self._classes.resolved(type):
            case Record(fields=fields):
                parts = (self._height(f.type, most - 1) for f in fields if not f.optional)
                return 1 + max(parts, default=0)
            case Union(variants=variants):
                return min(self._height(each.type, most - 1) for each in variants)
            case _:
                return 0

    def value(self, type: Type, variant: int, depth: int = 0) -> ast.expr:
        """A value of a type; below a few levels as small as it can be."""
        match type:
            case Scalar(kind=Kind.UUID):
                name = self._imports.name("uuid", "UUID")
                return call(name, ast.Constant(str(UUID(int=variant * 2**100))))
            case Scalar(kind=kind):
                return constant(_SCALARS[kind][variant], self._imports)
            case DecimalType(scale=scale):
                digits = (Decimal("1.5"), Decimal(0), Decimal("-9.99"))[variant]
                return constant(round(digits, min(scale, 2)) if scale else digits, self._imports)
            case EnumType(values=values):
                return ast.Constant(values[variant % len(values)])
            case Nullable(inner=inner):
                small = variant == 1 or depth > 4
                return ast.Constant(None) if small else self.value(inner, variant, depth + 1)
            case NullType() | Never():
                return ast.Constant(None)
            case ListType(item=item):
                small = variant == 1 or depth > 4
                items = [] if small else [self.value(item, variant, depth + 1)]
                return ast.List(items, ast.Load())
            case MapType(value=inner):
                if variant == 1 or depth > 4:
                    return ast.Dict([], [])
                return ast.Dict([ast.Constant("key")], [self.value(inner, variant, depth + 1)])
            case Record():
                return self.record(self._classes.of(type), variant, depth + 1)
            case Union():
                members = list(self._classes.members(type).values())
                chosen = members[variant % len(members)]
                if depth > 2:
                    chosen = min(members, key=lambda of: self._height(of.record, _HIGHEST))
                return self.record(chosen, variant, depth + 1)
            case Ref():
                return self.value(self._classes.resolved(type), 1, depth + 1)
            case Poison():
                raise EmissionError("a type with an error has no values")
            case _:
                assert_never(type)
