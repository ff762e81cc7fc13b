"""SQLite: a table as a source or a sink. Every value is kept exactly.

How types are kept: bool as INTEGER 0 or 1; int, int32, uint32 as INTEGER; uint64, bigint, decimal
as TEXT in decimal notation; float as REAL; timestamp, date, duration as TEXT in ISO 8601; string,
uuid, enum as TEXT; bytes as BLOB; records, lists, maps and json as TEXT in JSON.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, ClassVar

import msgspec

from ..environment import Environment
from ..errors import Diagnosis, RecordError, ResourceError, ValidationError
from ..records import Batch, Capabilities, Option, Position, Reject
from .sqlite_types import Column, reader, storage_class, writer
from .trouble import similar_names

__all__ = [
    "CAPABILITIES",
    "Column",
    "Sink",
    "SinkOptions",
    "Source",
    "SourceOptions",
    "diagnose",
    "table_ddl",
]

CAPABILITIES = Capabilities(replayable=True, ordered=True, idempotent=False, transactional=True)

_BATCH = 1_000
_TRANSACTION = 10_000
_POSITIONS = "_flowc_positions"


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Which table to read."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    path: Annotated[str, Option("the database file, relative to the current folder or absolute")]
    table: Annotated[str, Option("the table or view to read")]


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """Which table to write."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    path: Annotated[str, Option("the database file; created if it does not exist")]
    table: Annotated[str, Option("the table to append to; created if it does not exist")]
    busy_timeout: Annotated[float, Option("seconds to wait while another program writes")] = 5.0


def _quoted(name: str) -> str:
    """An SQL identifier that means exactly this name."""
    return '"' + name.replace('"', '""') + '"'


def table_ddl(table: str, columns: Sequence[Column]) -> str:
    """The statement that makes a table for these columns."""
    lines = ",\n".join(
        f"  {_quoted(column.name)} {storage_class(column.type)}".rstrip()
        + ("" if column.nullable else " NOT NULL")
        for column in columns
    )
    return f"CREATE TABLE {_quoted(table)} (\n{lines}\n)"


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


class Source:
    """Reads the rows of a table in the order in which SQLite keeps them.

    `make` builds a record from the tuple of the columns' values. A row with a value that its
    column's type cannot be is rejected, with the row as JSON in place of its bytes.
    """

    endless = False

    def __init__(
        self,
        options: SourceOptions,
        columns: Sequence[Column],
        make: Callable[[tuple[Any, ...]], Any],
        environment: Environment,
    ) -> None:
        self.label = f"{options.path}, table {options.table}"
        self.resource = f"{os.path.realpath(options.path)}#{options.table.lower()}"
        self._options = options
        self._columns = tuple(columns)
        self._readers = [reader(column) for column in self._columns]
        self._make = make
        self._environment = environment
        self._connection: sqlite3.Connection | None = None
        self._by_rowid = False
        self._position: Position = {}

    def open(self, position: Position | None) -> None:
        """Connect read-only and check that the table has the columns."""
        path, table = self._options.path, self._options.table
        if not os.path.exists(path):
            near = similar_names(path)
            raise ResourceError(
                Diagnosis(
                    "FC0801",
                    f"no such database: {path}",
                    f"it does not exist, seen from the current folder {os.getcwd()}",
                    tuple(f"Did you mean {name}?" for name in near)
                    or (f"See what is there: ls {os.path.dirname(path) or '.'}",),
                )
            )
        self._connection = _connect(f"file:{_uri_path(path)}?mode=ro", 5.0)
        found = _table_columns(self._connection, table)
        if not found:
            raise ResourceError(_no_table(self._connection, path, table))
        missing = [column.name for column in self._columns if column.name.lower() not in found]
        if missing:
            raise ResourceError(
                Diagnosis(
                    "FC0808",
                    f"table {table} of {path} has no column {', '.join(missing)}",
                    f"it has {', '.join(name for name, _, _ in found.values())}",
                    ("Name one of its columns", "Read the table's own type by leaving out `as`"),
                )
            )
        kind = self._connection.execute(
            "SELECT wr, type FROM pragma_table_list WHERE schema = 'main' AND name = ? "
            "COLLATE NOCASE",
            (table,),
        ).fetchone()
        self._by_rowid = kind is not None and kind[1] == "table" and not kind[0]
        self._position = position or {}

    def batches(self) -> Iterator[Batch]:
        """Yield rows in batches; a position is the last row's rowid, where there is one."""
        assert self._connection is not None, "open comes before batches"
        names = ", ".join(_quoted(column.name) for column in self._columns)
        table = _quoted(self._options.table)
        if self._by_rowid:
            after = int(self._position.get("rowid", -(2**63) - 1))
            where, order = ("WHERE rowid > ?", (after,)) if after >= -(2**63) else ("", ())
            # Identifiers cannot be parameters; they are quoted, values are bound.
            statement = f"SELECT rowid, {names} FROM {table} {where} ORDER BY rowid"  # noqa: S608
            cursor = self._connection.execute(statement, order)
        else:
            cursor = self._connection.execute(f"SELECT NULL, {names} FROM {table}")  # noqa: S608
        while rows := cursor.fetchmany(_BATCH):
            yield self._batch(rows)

    def _batch(self, rows: list[tuple[Any, ...]]) -> Batch:
        records: list[Any] = []
        rejects: list[Reject] = []
        for row in rows:
            try:
                values = tuple(read(value) for read, value in zip(self._readers, row[1:]))
                records.append(self._make(values))
            except (RecordError, msgspec.ValidationError) as error:
                rejects.append(Reject(len(records), self._as_json(row[1:]), error, _at(row)))
        return Batch(records, _at(rows[-1]), rejects)

    def _as_json(self, row: tuple[Any, ...]) -> bytes:
        named = {column.name: value for column, value in zip(self._columns, row)}
        return msgspec.json.encode(named)

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of reading means."""
        return diagnose(error, self._options.path, self._options.table)


def _at(row: tuple[Any, ...]) -> Position:
    return {} if row[0] is None else {"rowid": row[0]}


class Sink:
    """Appends records to a table, in transactions of some thousands.

    `row` gives the tuple of the columns' values of a record; by default the attributes named by
    the columns. `confirmed` counts rows as the database reports them, once committed.
    """

    def __init__(
        self,
        options: SinkOptions,
        columns: Sequence[Column],
        environment: Environment,
        row: Callable[[Any], tuple[Any, ...]] | None = None,
    ) -> None:
        self.label = f"{options.path}, table {options.table}"
        self.resource = f"{os.path.realpath(options.path)}#{options.table.lower()}"
        self.confirmed = 0
        self._options = options
        self._columns = tuple(columns)
        self._row = row or _attributes(self._columns)
        writers = [(i, write) for i, c in enumerate(self._columns) if (write := writer(c))]
        self._writers = writers
        self._environment = environment
        self._connection: sqlite3.Connection | None = None
        self._uncommitted = 0
        places = ", ".join("?" * len(self._columns))
        names = ", ".join(_quoted(column.name) for column in self._columns)
        table = _quoted(options.table)
        self._insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608

    def open(self) -> None:
        """Connect, and create the table or check that the records fit the one there is."""
        path, table = self._options.path, self._options.table
        self._connection = _connect(f"file:{_uri_path(path)}?mode=rwc", self._options.busy_timeout)
        self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("BEGIN IMMEDIATE")
        found = _table_columns(self._connection, table)
        if not found:
            self._connection.execute(table_ddl(table, self._columns))
        self._connection.execute("COMMIT")
        if found:
            difference = self._difference(found)
            if difference is not None:
                raise ResourceError(difference)

    def _difference(self, found: dict[str, tuple[str, str, bool]]) -> Diagnosis | None:
        """What keeps the records from going into the table that exists."""
        table = _quoted(self._options.table)
        wrong: list[str] = []
        cures: list[str] = []
        for column in self._columns:
            wanted = storage_class(column.type)
            if column.name.lower() not in found:
                wrong.append(f"it has no column {column.name}")
                cures.append(
                    f"ALTER TABLE {table} ADD COLUMN {_quoted(column.name)} {wanted}".rstrip()
                )
                continue
            _, declared, needs_value = found[column.name.lower()]
            if not _keeps(_affinity(declared), wanted):
                wrong.append(f"column {column.name} is {declared or 'untyped'}, not {wanted}")
            if needs_value and column.nullable:
                wrong.append(f"column {column.name} is NOT NULL, but the field may be null")
        ours = {column.name.lower() for column in self._columns}
        for key, (name, _, needs_value) in found.items():
            if needs_value and key not in ours:
                wrong.append(f"its column {name} needs a value that the records do not have")
        if not wrong:
            return None
        if len(cures) == len(wrong):
            remedy = "Add what is missing: " + "; ".join(cures)
        else:
            ddl = " ".join(table_ddl(self._options.table, self._columns).split())
            old = _quoted(self._options.table + "_old")
            remedy = f"Start a new table: ALTER TABLE {table} RENAME TO {old}; {ddl}"
        return Diagnosis(
            "FC0811",
            f"table {self._options.table} of {self._options.path} does not fit the records",
            "; ".join(wrong),
            (remedy, "Write to another table", "Change the fields with `select` or `cast`"),
        )

    def write(self, records: list[Any]) -> None:
        """Insert the records into the open transaction."""
        self._insert_all(self._begin(), self._rows(records))
        if self._uncommitted >= _TRANSACTION:
            self.flush()

    def commit(self, records: list[Any], source: str, position: Position) -> None:
        """Insert the records and note `source`'s position in one transaction with them."""
        rows = self._rows(records)
        self.flush()
        connection = self._begin()
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {_POSITIONS} ("
            "sink_table TEXT NOT NULL, source TEXT NOT NULL, position TEXT NOT NULL, "
            "PRIMARY KEY (sink_table, source))"
        )
        self._insert_all(connection, rows)
        connection.execute(
            f"INSERT OR REPLACE INTO {_POSITIONS} VALUES (?, ?, ?)",  # noqa: S608
            (self._options.table, source, msgspec.json.encode(position).decode()),
        )
        self.flush()

    def position(self, source: str) -> Position | None:
        """The position that was committed last for `source`."""
        assert self._connection is not None, "open comes before position"
        if not _table_columns(self._connection, _POSITIONS):
            return None
        found = self._connection.execute(
            f"SELECT position FROM {_POSITIONS} WHERE sink_table = ? AND source = ?",  # noqa: S608
            (self._options.table, source),
        ).fetchone()
        return None if found is None else msgspec.json.decode(found[0], type=Position)

    def _begin(self) -> sqlite3.Connection:
        assert self._connection is not None, "open comes before write"
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def _insert_all(self, connection: sqlite3.Connection, rows: list[Any]) -> None:
        """Insert all rows or none. A row that breaks a constraint is the record's error."""
        connection.execute("SAVEPOINT flowc_batch")
        try:
            self._uncommitted += connection.executemany(self._insert, rows).rowcount
        except (sqlite3.IntegrityError, OverflowError, UnicodeEncodeError) as error:
            connection.execute("ROLLBACK TO flowc_batch")
            raise ValidationError(f"{self._options.table} refuses the row: {error}") from error
        finally:
            if connection.in_transaction:
                connection.execute("RELEASE flowc_batch")

    def _rows(self, records: list[Any]) -> list[Any]:
        rows: list[Any] = list(map(self._row, records))
        if not self._writers:
            return rows
        for at, row in enumerate(rows):
            values = list(row)
            for i, write in self._writers:
                if values[i] is not None:
                    values[i] = write(values[i])
            rows[at] = values
        return rows

    def flush(self) -> None:
        """Commit what was written."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("COMMIT")
            self.confirmed += self._uncommitted
            self._uncommitted = 0

    def close(self, complete: bool) -> None:
        """Commit and disconnect; rows that were confirmed stay, whether or not `complete`."""
        if self._connection is None:
            return
        try:
            self.flush()
        finally:
            connection, self._connection = self._connection, None
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of writing means."""
        return diagnose(error, self._options.path, self._options.table)


def _attributes(columns: Sequence[Column]) -> Callable[[Any], tuple[Any, ...]]:
    names = [column.attribute or column.name for column in columns]

    def row(record: Any) -> tuple[Any, ...]:
        return tuple(getattr(record, name) for name in names)

    return row


def _uri_path(path: str) -> str:
    from urllib.parse import quote

    return quote(os.path.abspath(path))


def _connect(uri: str, timeout: float) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)


def _table_columns(connection: sqlite3.Connection, table: str) -> dict[str, tuple[str, str, bool]]:
    """Lower-case name to (name, declared type, whether a row must bring a value)."""
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


def _no_table(connection: sqlite3.Connection, path: str, table: str) -> Diagnosis:
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
