"""Functions between records and rows: what CSV and tables read and write."""

from __future__ import annotations

import ast
from typing import assert_never

from flowc.model.types import (
    DecimalType,
    EnumType,
    Field,
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
    may_be_null,
    strip_null,
)
from flowc.targets.base import EmissionError
from flowc.targets.names import Names
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.syntax import annotated, attribute, call, generic, tuple_of
from flowc.targets.python.views import CommentView, FunctionView, PartView

_READERS = {
    Kind.BOOL: "read_bool",
    Kind.INT: "read_int",
    Kind.INT32: "read_int32",
    Kind.UINT32: "read_uint32",
    Kind.UINT64: "read_uint64",
    Kind.BIGINT: "read_bigint",
    Kind.FLOAT: "read_float",
    Kind.NUMBER: "read_number",
    Kind.BYTES: "read_bytes",
    Kind.TIMESTAMP: "read_timestamp",
    Kind.DATE: "read_date",
    Kind.DURATION: "read_duration",
    Kind.UUID: "read_uuid",
}


class RowWriter:
    """Writes the functions between a class and its rows."""

    def __init__(self, imports: Imports, classes: RecordClasses, names: Names) -> None:
        self._imports = imports
        self._classes = classes
        self._names = names

    def from_texts(
        self, name: str, comment: CommentView, record: RecordClass, checked: str | None = None
    ) -> FunctionView:
        """A record from the texts of its columns, None for null (CSV); ``checked`` is the
        function that it then goes through."""
        return self._from_row(name, comment, record, checked, texts=True)

    def from_values(
        self, name: str, comment: CommentView, record: RecordClass, checked: str | None = None
    ) -> FunctionView:
        """A record from the values of its columns, already of their types (tables); likewise."""
        return self._from_row(name, comment, record, checked, texts=False)

    def to_row(self, name: str, comment: CommentView, record: RecordClass) -> FunctionView:
        """The values of a record's columns; null for one that is absent."""
        values: list[ast.expr] = []
        for field in record.record.fields:
            value: ast.expr = attribute(ast.Name("record"), record.attributes[field.name])
            if field.optional:
                value = call(self._imports.runtime("values.null", "null_if_absent"), value)
            values.append(value)
        returns = generic("tuple", ast.Name("object"), ast.Constant(...))
        return FunctionView(
            self._names.variable(name, "row"),
            comment,
            annotated(record=ast.Name(record.name)),
            returns,
            (PartView(None, 1, (ast.Return(tuple_of(values)),)),),
        )

    def _from_row(
        self,
        name: str,
        comment: CommentView,
        record: RecordClass,
        checked: str | None,
        *,
        texts: bool,
    ) -> FunctionView:
        scope = self._names.child()
        scope.take("row")
        fields = record.record.fields
        locals_ = [scope.variable(f"{field.name}", "column") for field in fields]
        keywords = [
            ast.keyword(
                record.attributes[field.name],
                self._read(field, ast.Name(local)) if texts else self._check(field, local),
            )
            for field, local in zip(fields, locals_, strict=True)
        ]
        statements: list[ast.stmt] = []
        if fields:
            targets = ast.Tuple([ast.Name(local) for local in locals_], ast.Store())
            statements.append(ast.Assign([targets], ast.Name("row"), lineno=0))
        made = ast.Call(ast.Name(record.name), [], keywords)
        statements.append(ast.Return(made if checked is None else call(ast.Name(checked), made)))
        cell: ast.expr
        if texts:
            cell = ast.BinOp(ast.Name("str"), ast.BitOr(), ast.Constant(None))
        else:
            cell = self._imports.name("typing", "Any")
        return FunctionView(
            self._names.variable(name, "row"),
            comment,
            annotated(row=generic("tuple", cell, ast.Constant(...))),
            ast.Name(record.name),
            (PartView(None, 1, tuple(statements)),),
        )

    def _check(self, field: Field, local: str) -> ast.expr:
        value = ast.Name(local)
        if field.optional:
            return _if_none(value, self._imports.name("msgspec", "UNSET"), value)
        if may_be_null(field.type):
            return value
        required = self._imports.runtime("values.null", "required")
        return call(required, value, ast.Constant(field.name))

    def _read(self, field: Field, value: ast.Name) -> ast.expr:
        read = self._reader(strip_null(field.type), value, field.name)
        if field.optional:
            return _if_none(value, self._imports.name("msgspec", "UNSET"), read)
        if may_be_null(field.type):
            return value if read is value else _if_none(value, ast.Constant(None), read)
        if read is value:
            required = self._imports.runtime("values.null", "required")
            return call(required, value, ast.Constant(field.name))
        return read

    def _reader(self, type: Type, value: ast.expr, name: str) -> ast.expr:
        label = ast.Constant(name)
        match type:
            case Scalar(kind=Kind.STRING):
                return value
            case Scalar(kind=Kind.JSON):
                shape: ast.expr = self._imports.name("typing", "Any")
                return call(self._function("read_json"), value, label, shape)
            case Scalar(kind=kind):
                return call(self._function(_READERS[kind]), value, label)
            case DecimalType(precision=precision, scale=scale):
                bounds = [] if precision is None else [ast.Constant(precision), ast.Constant(scale)]
                return call(self._function("read_decimal"), value, label, *bounds)
            case EnumType(values=values):
                known = call(ast.Name("frozenset"), tuple_of([ast.Constant(v) for v in values]))
                return call(self._function("read_enum"), value, label, known)
            case ListType() | MapType() | Record() | Union() | Ref():
                shape = self._classes.annotation(type, name, imports=self._imports)
                return call(self._function("read_json"), value, label, shape)
            case NullType() | Never():
                return ast.Constant(None)
            case Nullable() | Poison():
                raise EmissionError(f"the column {name} has no type")
            case _:
                assert_never(type)

    def _function(self, name: str) -> ast.expr:
        return self._imports.runtime("codecs.fields", name)


def _if_none(value: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
    """``then if value is None else otherwise``."""
    return ast.IfExp(ast.Compare(value, [ast.Is()], [ast.Constant(None)]), then, otherwise)
