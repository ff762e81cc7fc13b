"""What SQLite's tables are like, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from itertools import islice

from ..errors import Diagnosis
from .sqlite_types import Column, storage_class

__all__ = ["Found", "diagnose", "difference", "no_table", "quoted", "table_columns", "table_ddl"]

Found = dict[str, tuple[str, str, bool]]
"""Columns of a table: lower-case name to (name, declared type, whether a row must bring a value)."""


def quoted(name: str) -> str:
    """An SQL identifier that means exactly this name."""
    return '"' + name.replace('"', '""') + '"'


def table_ddl(table: str, columns: Sequence[Column]) -> str:
    """The statement that makes a table for these columns."""
    lines = ",\n".join(
        f"  {quoted(column.name)} {storage_class(column.type)}".rstrip()
        + ("" if column.nullable else " NOT NULL")
        for column in columns
    )
    return f"CREATE TABLE {quoted(table)} (\n{lines}\n)"


def diagnose(error: Exception, path: str, table: str) -> Diagnosis | None:
    """Say what an error of the database at `path` means, or nothing if it is not of a database."""
    if not isinstance(error, sqlite3.Error):
        return None
    text = str(error)
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        return Diagnosis(
            "FC0802",
            f"{path} is a folder, not a database",
            "a SQLite database is one file",
            (f"Name a file in it, as in {os.path.join(path, 'data.db')}",),
        )
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
        return Diagnosis(
            "FC0805",
            f"cannot open {path}",
            f"the folder {folder} does not exist",
            (f"Create it: mkdir -p {folder}", "Check the spelling of the path"),
        )
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


def _keeps(affinity: str, storage: str) -> bool:
    """Whether a column of this affinity keeps values of this storage class as they are."""
    if affinity in (storage, "BLOB"):
        return True
    return storage == "BLOB" or (affinity == "NUMERIC" and storage == "INTEGER")


def no_table(connection: sqlite3.Connection, path: str, table: str) -> Diagnosis:
    """That there is no such table, and which are like it."""
    import difflib

    names = [
        name
        for (name,) in islice(
            connection.execute(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            ),
            1_000,
        )
    ]
    near = difflib.get_close_matches(table, names, n=3)
    return Diagnosis(
        "FC0808",
        f"no table {table} in {path}",
        f"it has {', '.join(names[:10])}" if names else "it has no tables",
        tuple(f"Did you mean {name}?" for name in near)
        or (f"See its tables: sqlite3 {path} .tables",),
    )


def difference(path: str, table: str, columns: Sequence[Column], found: Found) -> Diagnosis | None:
    """What keeps records of these columns from going into the table that exists, or nothing."""
    altered = f"ALTER TABLE {quoted(table)}"
    wrong: list[str] = []
    cures: list[str] = []
    for column in columns:
        wanted = storage_class(column.type)
        if column.name.lower() not in found:
            wrong.append(f"it has no column {column.name}")
            cures.append(f"{altered} ADD COLUMN {quoted(column.name)} {wanted}".rstrip())
            continue
        _, declared, needs_value = found[column.name.lower()]
        if not _keeps(_affinity(declared), wanted):
            wrong.append(f"column {column.name} is {declared or 'untyped'}, not {wanted}")
        if needs_value and column.nullable:
            wrong.append(f"column {column.name} is NOT NULL, but the field may be null")
    ours = {column.name.lower() for column in columns}
    for key, (name, _, needs_value) in found.items():
        if needs_value and key not in ours:
            wrong.append(f"its column {name} needs a value that the records do not have")
    if not wrong:
        return None
    if len(cures) == len(wrong):
        remedy = "Add what is missing: " + "; ".join(cures)
    else:
        ddl = " ".join(table_ddl(table, columns).split())
        old = quoted(table + "_old")
        remedy = f"Start a new table: {altered} RENAME TO {old}; {ddl}"
    return Diagnosis(
        "FC0811",
        f"table {table} of {path} does not fit the records",
        "; ".join(wrong),
        (remedy, "Write to another table", "Change the fields with `select` or `cast`"),
    )
