"""DuckDB tables: ``duckdb://out.duckdb/orders``, ``duckdb:///var/shop.duckdb/orders``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from flowc.catalog.databases import DatabaseFile, TableColumn, written
from flowc.catalog.spec import SampleContext
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Fix, Label, Safety
from flowc.model.effects import Capabilities
from flowc.model.graph import EndpointBinding
from flowc.model.source import Span
from flowc.model.types import (
    BIGINT,
    BOOL,
    BYTES,
    DATE,
    FLOAT,
    INT,
    INT32,
    JSON,
    STRING,
    TIMESTAMP,
    UINT32,
    UINT64,
    UUID,
    DecimalType,
    EnumType,
    Field,
    ListType,
    MapType,
    Record,
    Type,
    nullable,
)
from flowc.types.show import show, show_name
from flowc_runtime.connectors import duckdb as runtime
from flowc_runtime.connectors import duckdb_tables as tables
from flowc_runtime.errors import ResourceError

NOT_KEPT = declare("FC0783", "no-column-type", "A database has no type that keeps a field exactly")


class DuckDB(DatabaseFile):
    name = "duckdb"
    schemes = ("duckdb",)
    summary = "a table of a DuckDB database"
    doc = (
        "`duckdb://out.duckdb/orders` is the table `orders` of `out.duckdb` in the current "
        "folder; `duckdb:///var/shop.duckdb/orders` is absolute. The path ends at the first part "
        "with an extension. A sink without a table writes to the one named after the record "
        "type; a table that is missing is created, one that exists must fit. `validate` and "
        "`build` read the schema of a database file that is there, read-only. Tables are those "
        "of the schema `main`.\n\n"
        "How each type is kept:\n\n"
        "- bool: BOOLEAN; int: BIGINT; int32: INTEGER; uint32: UINTEGER; uint64: UBIGINT\n"
        "- bigint: HUGEINT, and a value beyond its 128 bits is a ValidationError\n"
        "- float: DOUBLE; decimal(p, s) of up to 38 digits: DECIMAL(p,s)\n"
        "- string, enum: VARCHAR; bytes: BLOB; uuid: UUID\n"
        "- timestamp: TIMESTAMP WITH TIME ZONE; date: DATE\n"
        "- records, lists, maps, unions, json: JSON\n"
        "- number, duration, and decimal of any size: an error; `cast` them\n\n"
        "How columns are read: BOOLEAN as bool; TINYINT, SMALLINT, INTEGER and USMALLINT as "
        "int32, UINTEGER as uint32, BIGINT as int, UBIGINT as uint64, HUGEINT and UHUGEINT as "
        "bigint; FLOAT and DOUBLE as float, DECIMAL as decimal; VARCHAR as string, ENUM as enum, "
        "BLOB as bytes, UUID as uuid, JSON as json; DATE as date, TIMESTAMP (in UTC) and "
        "TIMESTAMP WITH TIME ZONE as timestamp; lists, arrays, STRUCT, and MAP with VARCHAR keys "
        "as lists, records and maps. INTERVAL, TIME, TIMESTAMP_NS, UNION and others are an "
        "error: `as {length: string?}` reads one as text. A value that its type does not have, "
        "as an infinite date, is a ConversionError.\n\n"
        "A row that breaks a PRIMARY KEY, UNIQUE or CHECK of the table is a dead letter; one "
        "that breaks another constraint, such as a FOREIGN KEY, ends the run.\n"
    )
    module = "connectors.duckdb"
    source_options = runtime.SourceOptions
    sink_options = runtime.SinkOptions
    capabilities = Capabilities(
        replayable=runtime.CAPABILITIES.replayable,
        ordered=runtime.CAPABILITIES.ordered,
        idempotent=runtime.CAPABILITIES.idempotent,
        transactional=runtime.CAPABILITIES.transactional,
    )
    packages = ("duckdb>=1.1",)
    examples = (
        "orders.jsonl | filter amount > 100 | duckdb://out.duckdb/big_orders",
        "duckdb://shop.duckdb/orders | select id, amount | orders.jsonl",
    )
    prefix = "duckdb://"
    product = "DuckDB"

    def look(
        self, full: Path, path: str, table: str
    ) -> tuple[tuple[TableColumn, ...], tuple[str, ...]]:
        module = tables.package()
        try:
            with closing(tables.connect(str(full), read_only=True)) as database:
                columns = _columns(database, table)
                return columns, () if columns else tuple(tables.table_names(database))
        except module.Error as error:
            found = runtime.diagnose(error, path, table)
            assert found is not None, "each error of the database has its meaning"
            raise ResourceError(found) from error

    def declared(self, column: runtime.Column) -> str:
        return tables.column_type(column.type)

    def keeps(self, declared: str, column: runtime.Column) -> bool:
        return tables.keeps(declared, column)

    def check_sink(
        self, binding: EndpointBinding, row: Record, span: Span, context: SampleContext
    ) -> None:
        unkept = [field for field in row.fields if not self.declared(written(field))]
        for field in unkept:
            _not_kept(field, span, context)
        if not unkept:
            super().check_sink(binding, row, span, context)


_SCALARS: dict[str, Type] = {
    "boolean": BOOL,
    "tinyint": INT32,
    "smallint": INT32,
    "integer": INT32,
    "bigint": INT,
    "hugeint": BIGINT,
    "utinyint": INT32,
    "usmallint": INT32,
    "uinteger": UINT32,
    "ubigint": UINT64,
    "uhugeint": BIGINT,
    "float": FLOAT,
    "double": FLOAT,
    "varchar": STRING,
    "blob": BYTES,
    "date": DATE,
    "timestamp": TIMESTAMP,
    "timestamp_s": TIMESTAMP,
    "timestamp_ms": TIMESTAMP,
    "timestamp with time zone": TIMESTAMP,
    "uuid": UUID,
}


def _columns(database: Any, table: str) -> tuple[TableColumn, ...]:
    found = tables.declared_columns(database, table)
    types = tables.column_types(database, table) if found else {}
    return tuple(
        TableColumn(name, declared, _type_of(types[name.lower()]), required, default)
        for name, declared, required, default in found
    )


def _type_of(type_: Any) -> Type | None:
    """The type that a column of DuckDB's type is read as; None if there is none like it."""
    kind = type_.id
    if kind in _SCALARS:
        return JSON if str(type_) == "JSON" else _SCALARS[kind]
    if kind not in ("decimal", "enum", "list", "array", "struct", "map"):
        return None
    children = type_.children
    if kind == "decimal":
        (_, precision), (_, scale) = children
        return DecimalType(precision, scale)
    if kind == "enum":
        return EnumType(tuple(children[0][1])) if children[0][1] else None
    if kind == "struct":
        fields = [(name, _type_of(child)) for name, child in children]
        if len({name for name, _ in fields if name}) < len(fields):
            return None
        known = [Field(name, nullable(inner)) for name, inner in fields if inner is not None]
        return Record(tuple(known)) if len(known) == len(fields) else None
    if kind == "map":
        (_, key), (_, value) = children
        inner = _type_of(value)
        return None if inner is None or _type_of(key) != STRING else MapType(nullable(inner))
    inner = _type_of(children[0][1])
    return None if inner is None else ListType(nullable(inner))


def _not_kept(field: Field, span: Span, context: SampleContext) -> None:
    type = written(field).type
    target = {"number": "float", "duration": "string"}.get(type, "decimal(38, 9)")
    name = show_name(field.name)
    context.reporter.error(
        NOT_KEPT,
        f"no type of DuckDB keeps '{field.name}', which is {show(field.type, width=40)}, exactly",
        span,
        labels=[
            Label(o.span, f"'{field.name}' {o.verb}")
            for o in field.origin[-1:]
            if o.span is not None and o.span != span
        ],
        fixes=(Fix(f"choose one: `cast {name} as {target}`", (), Safety.DISPLAY),),
    )


CONNECTOR = DuckDB()
