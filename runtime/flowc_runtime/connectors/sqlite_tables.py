"""What SQLite's tables are like, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from itertools import islice

from ..errors import Diagnosis
from .databases import Found, a_folder, create_table, misfit, missing_table, no_folder
from .table_values import Column, base

__all__ = [
    "diagnose",
    "difference",
    "keeps",
    "no_table",
    "storage_class",
    "table_columns",
    "table_ddl",
]

_STORAGE = {
    "bool": "INTEGER",
    "int": "INTEGER",
    "int32": "INTEGER",
    "uint32": "INTEGER",
    "float": "REAL",
    "bytes": "BLOB",
    # Without a declared type SQLite keeps an integer and a float apart.
    "number": "",
}


def storage_class(type_: str) -> str:
    """The declared type of a column that keeps values of `type_` exactly."""
    return _STORAGE.get(base(type_), "TEXT")


def table_ddl(table: str, columns: Sequence[Column]) -> str:
    """The statement that makes a table for these columns."""
    return create_table(table, [(column, storage_class(column.type)) for column in columns])


def diagnose(error: Exception, path: str, table: str) -> Diagnosis | None:
    """Say what an error of the database at `path` means, or nothing if it is not of a database."""
    if not isinstance(error, sqlite3.Error):
        return None
    text = str(error)
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        return a_folder(path, "a SQLite database is one file", "data.db")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Diagnosis(
            "FC0809",
            f"the database {path} is locked",
            "another program holds a transaction on it",
            (
                f"See which one: fuser {path}",
                "End that program's transaction, or wait longer with the option busy_timeout",
            ),
        )
    if primary == sqlite3.SQLITE_NOTADB:
        return Diagnosis(
            "FC0810",
            f"{path} is not a SQLite database",
            "its first bytes are those of something else, or it is encrypted",
            (f"See what it is: file {path}", "Name a file that ends in .db"),
        )
    if primary == sqlite3.SQLITE_FULL:
        return Diagnosis(
            "FC0804",
            f"no space left to write {path}",
            text,
            (f"See what is free: df -h {folder}", "Write to another disk"),
        )
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return Diagnosis(
            "FC0803",
            f"not permitted to write {path}",
            text,
            (f"See who may: ls -l {path}", "Choose another path"),
        )
    if primary == sqlite3.SQLITE_CANTOPEN:
        return _cannot_open(path, folder, text)
    if primary == sqlite3.SQLITE_CORRUPT:
        return Diagnosis(
            "FC0810",
            f"the database {path} is damaged",
            text,
            (f"Look at it: sqlite3 {path} 'PRAGMA integrity_check'", "Restore it from a copy"),
        )
    return Diagnosis(
        "FC0816",
        f"the database {path} refused an operation on {table}",
        text,
        (f"Look at the table: sqlite3 {path} '.schema {table}'",),
    )


def _cannot_open(path: str, folder: str, text: str) -> Diagnosis:
    if not os.path.isdir(folder):
        return no_folder(path)
    return Diagnosis("FC0803", f"cannot open {path}", text, (f"See who may: ls -l {folder}",))


def table_columns(connection: sqlite3.Connection, table: str) -> Found:
    """The columns of a table or view; empty if there is none."""
    rows = connection.execute(
        'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', (table,)
    )
    return {
        name.lower(): (name, declared, bool(required) and default is None)
        for name, declared, required, default, _ in rows
    }


def _affinity(declared: str) -> str:
    """SQLite's own rule for what a declared type prefers to keep."""
    upper = declared.upper()
    if "INT" in upper:
        return "INTEGER"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if not upper or "BLOB" in upper:
        return "BLOB"
    if any(part in upper for part in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def keeps(declared: str, column: Column) -> bool:
    """Whether a column of the type `declared` keeps values of the field as they are."""
    affinity, storage = _affinity(declared), storage_class(column.type)
    if affinity in (storage, "BLOB"):
        return True
    return storage == "BLOB" or (affinity == "NUMERIC" and storage == "INTEGER")


def no_table(connection: sqlite3.Connection, path: str, table: str) -> Diagnosis:
    """That there is no such table, and which are like it."""
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    names = [name for (name,) in islice(rows, 1_000)]
    return missing_table(path, table, names, f"sqlite3 {path} .tables")


def difference(path: str, table: str, columns: Sequence[Column], found: Found) -> Diagnosis | None:
    """What keeps records of these columns from going into the table that exists, or nothing."""
    kept = [(column, storage_class(column.type)) for column in columns]
    return misfit(path, table, kept, found, table_ddl(table, columns), keeps)
