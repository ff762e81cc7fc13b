"""Functions that ask of a record, as it is read, what its schema states beyond the types."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from flowc.check.patterns.python import to_python
from flowc.lower.constants import constant
from flowc.model.types import (
    DATE,
    FLOAT,
    NUMBER,
    TIMESTAMP,
    DecimalType,
    Field,
    ListType,
    MapType,
    Record,
    Ref,
    Refinement,
    Type,
    may_be_null,
    strip_null,
)
from flowc.targets.names import Names
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClasses
from flowc.targets.python.syntax import annotated, attribute, call
from flowc.targets.python.views import CommentView, FunctionView, PartView

_MODULE = "codecs.refine"


class RefinementWriter:
    """Writes the function that checks a source's records; none where nothing is stated."""

    def __init__(self, imports: Imports, classes: RecordClasses, names: Names) -> None:
        self._imports = imports
        self._classes = classes
        self._names = names

    def check(
        self, name: str, comment: CommentView, record: Record, class_name: str
    ) -> FunctionView | None:
        """A function from a record to itself; it raises ValidationError."""
        if record.members is not None or not _states(record, self._classes, ()):
            return None
        scope = self._names.child()
        scope.take("record")
        body = [
            *self._fields(record, ast.Name("record"), "", scope, ()),
            ast.Return(ast.Name("record")),
        ]
        return FunctionView(
            self._names.variable(name, "check"),
            comment,
            annotated(record=ast.Name(class_name)),
            ast.Name(class_name),
            (PartView(None, 1, tuple(body)),),
        )

    def _fields(
        self, record: Record, value: ast.expr, prefix: str, scope: Names, above: tuple[str, ...]
    ) -> Iterator[ast.stmt]:
        attributes = self._classes.of(record).attributes
        for field in record.fields:
            place = attribute(value, attributes[field.name])
            yield from self._stated(field, place, f"{prefix}{field.name}")
            yield from self._inside(
                field.type, field.optional, place, field.name, prefix, scope, above
            )

    def _inside(
        self,
        type: Type,
        optional: bool,
        place: ast.expr,
        name: str,
        prefix: str,
        scope: Names,
        above: tuple[str, ...],
    ) -> Iterator[ast.stmt]:
        """What is stated of records inside a value."""
        inner = strip_null(type)
        if not _states(inner, self._classes, above):
            return
        if isinstance(inner, Ref):
            above = (*above, inner.name)
        resolved = strip_null(self._classes.resolved(inner))
        body: list[ast.stmt] = []
        if isinstance(resolved, Record):
            body = list(self._fields(resolved, place, f"{prefix}{name}.", scope, above))
        elif isinstance(resolved, ListType | MapType):
            item = resolved.item if isinstance(resolved, ListType) else resolved.value
            local = scope.variable("item", "item")
            each = list(
                self._inside(item, False, ast.Name(local), f"{name}[]", prefix, scope, above)
            )
            source = place if isinstance(resolved, ListType) else call(attribute(place, "values"))
            body = [ast.For(ast.Name(local, ast.Store()), source, each, [], lineno=0)]
        tests: list[ast.expr] = []
        if may_be_null(type):
            tests.append(ast.Compare(place, [ast.IsNot()], [ast.Constant(None)]))
        if optional:
            unset = self._imports.name("msgspec", "UNSET")
            tests.append(ast.Compare(place, [ast.IsNot()], [unset]))
        if not tests:
            yield from body
        else:
            test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
            yield ast.If(test, body, [])

    def _stated(self, field: Field, place: ast.expr, name: str) -> Iterator[ast.stmt]:
        stated = field.refinement
        type = strip_null(self._classes.resolved(strip_null(field.type)))
        label = ast.Constant(name)
        for function, bound in (("at_least", stated.minimum), ("at_most", stated.maximum)):
            value = None if bound is None else _bound(bound, type)
            if value is not None:
                made = constant(value, self._imports)
                yield ast.Expr(call(self._runtime(function), place, made, label))
        if stated.pattern is not None:
            pattern = ast.Constant(to_python(stated.pattern))
            yield ast.Expr(call(self._runtime("matching"), place, pattern, label))

    def _runtime(self, name: str) -> ast.expr:
        return self._imports.runtime(_MODULE, name)


def _bound(text: str, type: Type) -> object:
    """A bound as a value of the field's type; the schema's reader has seen that it is one."""
    if type in (DATE, TIMESTAMP):
        moment = datetime.fromisoformat(text)
        if type == DATE:
            return date(moment.year, moment.month, moment.day)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    number = Decimal(text)
    if isinstance(type, DecimalType):
        return number
    if type not in (FLOAT, NUMBER) and number == number.to_integral_value():
        return int(number)
    return float(number)


def _states(type: Type, classes: RecordClasses, above: tuple[str, ...]) -> bool:
    """Whether something is stated of a value of the type, or of what is in it.

    ``above`` are the names it stands in: a type that holds itself is looked into once.
    """
    inner = strip_null(type)
    if isinstance(inner, Ref):
        if inner.name in above:
            return False
        above = (*above, inner.name)
        inner = strip_null(classes.resolved(inner))
    match inner:
        case Record(fields=fields):
            return any(_asks(f.refinement) or _states(f.type, classes, above) for f in fields)
        case ListType(item=item):
            return _states(item, classes, above)
        case MapType(value=value):
            return _states(value, classes, above)
        case _:
            return False


def _asks(stated: Refinement) -> bool:
    return any(each is not None for each in (stated.minimum, stated.maximum, stated.pattern))
