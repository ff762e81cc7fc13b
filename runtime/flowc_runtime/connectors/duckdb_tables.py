"""What DuckDB's tables are like, and what its errors mean."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..errors import Diagnosis, ResourceError
from .databases import Found, a_folder, create_table, misfit, missing_table, no_folder
from .table_values import Column, base, quoted

__all__ = [
    "column_type",
    "column_types",
    "connect",
    "declared_columns",
    "diagnose",
    "difference",
    "keeps",
    "no_table",
    "package",
    "selected",
    "table_columns",
    "table_ddl",
    "table_names",
]


def package() -> Any:
    """The module `duckdb`. Raises a ResourceError if it is not installed."""
    try:
        return import_module("duckdb")
    except ModuleNotFoundError:
        raise ResourceError(
            Diagnosis(
                "FC0825",
                "the package duckdb is not installed",
                "tables of DuckDB are read and written by it",
                ("Install it: pip install duckdb",),
            )
        ) from None


def connect(path: str, *, read_only: bool) -> Any:
    """A connection to the file at `path`, in which moments are told in UTC.

    A reader that comes beside a writer of the same program shares its database.
    """
    module = package()
    # An absolute path is never taken for another service's address. Nothing is downloaded.
    where, config = os.path.abspath(path), {"autoinstall_known_extensions": "false"}
    try:
        connection = module.connect(where, read_only=read_only, config=config)
    except module.ConnectionException:
        if not read_only:
            raise
        connection = module.connect(where, config=config)
    connection.execute("SET TimeZone = 'UTC'")
    # Rows come in the order of their row numbers.
    connection.execute("SET preserve_insertion_order = true")
    return connection


_TYPES = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "int32": "INTEGER",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "bigint": "HUGEINT",
    "float": "DOUBLE",
    "string": "VARCHAR",
    "enum": "VARCHAR",
    "bytes": "BLOB",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "uuid": "UUID",
}
_WIDER = {
    "int": ("HUGEINT",),
    "int32": ("BIGINT", "HUGEINT"),
    "uint32": ("BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT"),
    "uint64": ("HUGEINT", "UHUGEINT"),
    "timestamp": ("TIMESTAMP",),
    "uuid": ("VARCHAR",),
}
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)", re.IGNORECASE)


def column_type(type_: str) -> str:
    """The type of a column that keeps values of `type_` exactly; empty if there is none."""
    if base(type_) == "decimal":
        size = _DECIMAL.fullmatch(type_)
        return f"DECIMAL({size[1]},{size[2]})" if size and int(size[1]) <= 38 else ""
    if base(type_) in ("number", "duration"):
        return ""
    return _TYPES.get(base(type_), "JSON")


def keeps(declared: str, column: Column) -> bool:
    """Whether an existing column of the type `declared` keeps the field's values exactly."""
    wanted = column_type(column.type)
    if declared == wanted or declared in _WIDER.get(base(column.type), ()):
        return True
    if wanted == "JSON":
        return declared == "VARCHAR"
    has, needs = _DECIMAL.fullmatch(declared), _DECIMAL.fullmatch(wanted)
    if has is None or needs is None:
        return False
    whole = int(has[1]) - int(has[2]) >= int(needs[1]) - int(needs[2])
    return whole and int(has[2]) >= int(needs[2])


def table_ddl(table: str, columns: Sequence[Column]) -> str:
    """The statement that makes a table for these columns."""
    return create_table(table, [(column, column_type(column.type)) for column in columns])


def difference(path: str, table: str, columns: Sequence[Column], found: Found) -> Diagnosis | None:
    """What keeps records of these columns from going into the table that exists, or nothing."""
    kept = [(column, column_type(column.type)) for column in columns]
    return misfit(path, table, kept, found, table_ddl(table, columns), keeps)


def declared_columns(connection: Any, table: str) -> list[tuple[str, str, bool, bool]]:
    """The columns of a table or view: name, declared type, whether NOT NULL, whether it has a
    default. None if there is no such table."""
    rows: list[tuple[str, str, bool, bool]] = connection.execute(
        "SELECT column_name, data_type, NOT is_nullable, column_default IS NOT NULL "
        "FROM duckdb_columns() WHERE NOT internal AND database_name = current_database() "
        "AND schema_name = current_schema() AND lower(table_name) = lower($1) "
        "ORDER BY column_index",
        [table],
    ).fetchall()
    return rows


def table_columns(connection: Any, table: str) -> Found:
    """The columns of a table or view; empty if there is none."""
    return {
        name.lower(): (name, declared, required and not default)
        for name, declared, required, default in declared_columns(connection, table)
    }


def column_types(connection: Any, table: str) -> dict[str, Any]:
    """DuckDB's types of a table's columns, by lower-case name."""
    connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")  # noqa: S608
    return {name.lower(): type_ for name, type_, *_ in connection.description}


def table_names(connection: Any) -> list[str]:
    """The tables and views of the database, the first thousand."""
    rows = connection.execute(
        "SELECT DISTINCT table_name FROM duckdb_columns() WHERE NOT internal "
        "AND database_name = current_database() AND schema_name = current_schema() "
        "AND table_name NOT LIKE '!_flowc!_%' ESCAPE '!' ORDER BY table_name LIMIT 1000"
    ).fetchall()
    return [name for (name,) in rows]


def no_table(connection: Any, path: str, table: str) -> Diagnosis:
    """That there is no such table, and which are like it."""
    return missing_table(path, table, table_names(connection), f"duckdb {path} .tables")


_AS_THEY_ARE = frozenset(
    [
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "hugeint",
        "utinyint",
        "usmallint",
        "uinteger",
        "ubigint",
        "uhugeint",
        "float",
        "double",
        "varchar",
    ]
)
_MOMENTS = frozenset(("timestamp", "timestamp_s", "timestamp_ms", "timestamp with time zone"))
_NESTED = frozenset(("list", "array", "struct", "map"))


def selected(name: str, type_: Any) -> str:
    """The SQL that gives a column of DuckDB's type `type_` as `RowReader` takes it: whole numbers,
    floats, texts and blobs as they are, others as their text, nested ones as JSON."""
    column = quoted(name)
    if type_.id == "boolean":
        return f"CAST({column} AS TINYINT)"
    if type_.id == "blob":
        return column
    if type_.id in _NESTED:
        as_json = f"CAST(to_json({_inner(column, type_, 0)}) AS VARCHAR)"
        return f"CASE WHEN {column} IS NULL THEN NULL ELSE {as_json} END"
    if type_.id in _AS_THEY_ARE or type_.id in _MOMENTS:
        return _inner(column, type_, 0)
    return f"CAST({column} AS VARCHAR)"


def _inner(value: str, type_: Any, depth: int) -> str:
    """The SQL that gives a value as what JSON says of it: in a list, a record or a map too."""
    if type_.id in _MOMENTS:
        return f"strftime(CAST({value} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if type_.id == "blob":
        return f"base64({value})"
    if type_.id not in _NESTED or not _changes(type_):
        return value
    each = f"each{depth}"
    children = type_.children
    if type_.id == "struct":
        fields = ", ".join(
            f"{quoted(name)} := {_inner(_part(value, name), child, depth)}"
            for name, child in children
        )
        made = f"struct_pack({fields})"
    elif type_.id == "map":
        item = _inner(_part(each, "value"), children[1][1], depth + 1)
        entries = f"[{{'k': {_part(each, 'key')}, 'v': {item}}} FOR {each} IN map_entries({value})]"
        made = f"map_from_entries({entries})"
    else:
        return f"[{_inner(each, children[0][1], depth + 1)} FOR {each} IN {value}]"
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE {made} END"


def _part(value: str, name: str) -> str:
    # With a dot it could be read as a column of a table.
    literal = name.replace("'", "''")
    return f"struct_extract({value}, '{literal}')"


def _changes(type_: Any) -> bool:
    if type_.id in _NESTED:
        return any(_changes(child) for name, child in type_.children if name != "size")
    return type_.id == "blob" or type_.id in _MOMENTS


def diagnose(error: Exception, path: str, table: str) -> Diagnosis | None:
    """Say what an error of the database at `path` means, or nothing if it is not of a database."""
    if type(error).__module__.partition(".")[0] not in ("duckdb", "_duckdb"):
        return None
    text = str(error).strip()
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        return a_folder(path, "a DuckDB database is one file", "data.duckdb")
    if "Could not set lock" in text or "different configuration" in text:
        return Diagnosis(
            "FC0809",
            f"the database {path} is locked",
            text.partition(". See also")[0],
            (
                f"See which program has it open: fuser {path}",
                "End that program, or let it open the database read-only",
            ),
        )
    if "not a valid DuckDB database" in text:
        return Diagnosis(
            "FC0810",
            f"{path} is not a DuckDB database",
            "its first bytes are those of something else",
            (f"See what it is: file {path}", "Name a file that ends in .duckdb"),
        )
    if "No space left" in text:
        return Diagnosis(
            "FC0804",
            f"no space left to write {path}",
            text,
            (f"See what is free: df -h {folder}", "Write to another disk"),
        )
    if not os.path.isdir(folder):
        return no_folder(path)
    if "Permission denied" in text or "read-only" in text.lower():
        return Diagnosis(
            "FC0803",
            f"not permitted to open {path}",
            text,
            (f"See who may: ls -l {path}", "Choose another path"),
        )
    if type(error).__name__ == "ConstraintException":
        return Diagnosis(
            "FC0850",
            f"table {table} of {path} refuses a row",
            text,
            ("Let only rows through that keep to it: `filter` or `dedupe` before the sink",),
        )
    return Diagnosis(
        "FC0816",
        f"the database {path} refused an operation on {table}",
        text,
        (f"Look at the table: duckdb {path} '.schema {table}'",),
    )
