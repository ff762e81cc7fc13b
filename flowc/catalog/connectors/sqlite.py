"""SQLite tables: ``sqlite://out.db/orders``, ``sqlite:///var/shop.db/orders``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from flowc.catalog.databases import DatabaseFile, TableColumn
from flowc.model.effects import Capabilities
from flowc.model.types import (
    BOOL,
    BYTES,
    DATE,
    FLOAT,
    INT,
    JSON,
    NUMBER,
    STRING,
    TIMESTAMP,
    UUID,
    Type,
)
from flowc_runtime.connectors import sqlite as runtime
from flowc_runtime.connectors.sqlite_tables import keeps, storage_class
from flowc_runtime.errors import ResourceError


class Sqlite(DatabaseFile):
    prefix = "sqlite://"
    product = "SQLite"
    name = "sqlite"
    schemes = ("sqlite",)
    summary = "a table of a SQLite database"
    doc = (
        "`sqlite://out.db/orders` is the table `orders` of `out.db` in the current folder; "
        "`sqlite:///var/shop.db/orders` is absolute. The path ends at the first part with an "
        "extension. A sink without a table writes to the one named after the record type; a "
        "table that is missing is created, one that exists must fit. `validate` and `build` "
        "read the schema of a database file that is there, read-only.\n\n"
        "How each type is kept:\n\n"
        "- bool: INTEGER 0 or 1; int, int32, uint32: INTEGER\n"
        "- uint64, bigint, decimal: TEXT with all their digits\n"
        "- float: REAL; number: a column without a type\n"
        "- string, uuid, enum: TEXT; bytes: BLOB\n"
        "- timestamp, date, duration: TEXT in ISO 8601\n"
        "- records, lists, maps, unions, json: TEXT in JSON\n\n"
        "How columns are read: BOOLEAN as bool, INT as int, REAL, FLOAT and DOUBLE as float, "
        "DECIMAL and NUMERIC as number, CHAR, TEXT and CLOB as string, BLOB as bytes, DATE as "
        "date, TIMESTAMP and DATETIME as timestamp, UUID as uuid, JSON and a column without a "
        "type as json. A value that is not of its column's type is a ConversionError.\n"
    )
    module = "connectors.sqlite"
    source_options = runtime.SourceOptions
    sink_options = runtime.SinkOptions
    capabilities = Capabilities(
        replayable=runtime.CAPABILITIES.replayable,
        ordered=runtime.CAPABILITIES.ordered,
        idempotent=runtime.CAPABILITIES.idempotent,
        transactional=runtime.CAPABILITIES.transactional,
    )
    packages = ()
    examples = (
        "orders.jsonl | filter amount > 100 | sqlite://out.db/big_orders",
        "sqlite://shop.db/orders | select id, amount | orders.jsonl",
    )

    def look(
        self, full: Path, path: str, table: str
    ) -> tuple[tuple[TableColumn, ...], tuple[str, ...]]:
        try:
            with closing(_open(full)) as database:
                columns = _columns(database, table)
                return columns, () if columns else _tables(database)
        except sqlite3.Error as error:
            found = runtime.diagnose(error, path, "")
            assert found is not None, "each error of the database has its meaning"
            raise ResourceError(found) from error

    def declared(self, column: runtime.Column) -> str:
        return storage_class(column.type)

    def keeps(self, declared: str, column: runtime.Column) -> bool:
        return keeps(declared, column)


#: What a declared type means, by a word in it; the first that fits counts.
_DECLARED: tuple[tuple[str, Type], ...] = (
    ("BOOL", BOOL),
    ("INT", INT),
    ("TIMESTAMP", TIMESTAMP),
    ("DATETIME", TIMESTAMP),
    ("DATE", DATE),
    ("UUID", UUID),
    ("JSON", JSON),
    ("CHAR", STRING),
    ("CLOB", STRING),
    ("TEXT", STRING),
    ("BLOB", BYTES),
    ("REAL", FLOAT),
    ("FLOA", FLOAT),
    ("DOUB", FLOAT),
    ("NUMERIC", NUMBER),
    ("DECIMAL", NUMBER),
)


def _type_of(declared: str) -> Type:
    upper = declared.upper()
    return next((type for word, type in _DECLARED if word in upper), JSON)


def _open(path: Path) -> sqlite3.Connection:
    """The database, read-only: nothing is created or changed."""
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=2.0)


def _columns(database: sqlite3.Connection, table: str) -> tuple[TableColumn, ...]:
    rows = database.execute(
        'SELECT name, type, "notnull", dflt_value IS NOT NULL, pk FROM pragma_table_info(?)',
        (table,),
    )
    # The key of a rowid table is never null, though it need not say so.
    return tuple(
        TableColumn(
            name,
            declared,
            _type_of(declared),
            bool(required) or (pk > 0 and "INT" in declared.upper()),
            bool(default),
            pk > 0,
        )
        for name, declared, required, default, pk in rows
    )


def _tables(database: sqlite3.Connection) -> tuple[str, ...]:
    rows = database.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_flowc!_%' ESCAPE '!' "
        "ORDER BY name LIMIT 1000"
    )
    return tuple(name for (name,) in rows)


CONNECTOR = Sqlite()
