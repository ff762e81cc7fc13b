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
from typing import Annotated, Any, ClassVar

import msgspec

from ..environment import Environment
from ..errors import Diagnosis, ResourceError, ValidationError
from ..records import Batch, Capabilities, Option, Position
from .databases import require_columns, require_database
from .sqlite_tables import diagnose, difference, no_table, table_columns, table_ddl
from .table_values import Column, RowReader, RowWriter, quoted

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
        self._rows = RowReader(columns, make)
        self._environment = environment
        self._connection: sqlite3.Connection | None = None
        self._by_rowid = False
        self._position: Position = {}

    def open(self, position: Position | None) -> None:
        """Connect read-only and check that the table has the columns."""
        path, table = self._options.path, self._options.table
        require_database(path)
        self._connection = _connect(f"file:{_uri_path(path)}?mode=ro", 5.0)
        found = table_columns(self._connection, table)
        if not found:
            raise ResourceError(no_table(self._connection, path, table))
        require_columns(path, table, self._columns, [name for name, _, _ in found.values()])
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
        names = ", ".join(quoted(column.name) for column in self._columns)
        table = quoted(self._options.table)
        if self._by_rowid:
            after = int(self._position.get("rowid", -(2**63) - 1))
            where, order = ("WHERE rowid > ?", (after,)) if after >= -(2**63) else ("", ())
            # Identifiers cannot be parameters; they are quoted, values are bound.
            statement = f"SELECT rowid, {names} FROM {table} {where} ORDER BY rowid"  # noqa: S608
            cursor = self._connection.execute(statement, order)
        else:
            cursor = self._connection.execute(f"SELECT NULL, {names} FROM {table}")  # noqa: S608
        while rows := cursor.fetchmany(_BATCH):
            yield self._rows.batch(rows)

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of reading means."""
        return diagnose(error, self._options.path, self._options.table)


class _Held:
    """The one transaction of all sinks that hold back in one database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.sinks = 0
        self.complete = True


_HELD: dict[str, _Held] = {}
"""By the path of the database: a second connection could not write beside the first."""


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
        self._rows = RowWriter(columns, row)
        self._environment = environment
        self._connection: sqlite3.Connection | None = None
        self._uncommitted = 0
        self._holds = False
        places = ", ".join("?" * len(self._columns))
        names = ", ".join(quoted(column.name) for column in self._columns)
        table = quoted(options.table)
        self._insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608

    def hold(self) -> None:
        """Commit once, when the run is complete; else leave the database as it was."""
        self._holds = True

    def open(self) -> None:
        """Connect, and create the table or check that the records fit the one there is."""
        path, table = self._options.path, self._options.table
        held = _HELD.get(os.path.realpath(path)) if self._holds else None
        if held is None:
            self._connection = self._connected()
        else:
            held.sinks += 1
            self._connection = held.connection
        self._begin()
        found = table_columns(self._connection, table)
        if not found:
            self._connection.execute(table_ddl(table, self._columns))
        if not self._holds:
            self._connection.execute("COMMIT")
        if found:
            diagnosis = difference(path, table, self._columns, found)
            if diagnosis is not None:
                raise ResourceError(diagnosis)

    def _connected(self) -> sqlite3.Connection:
        path = self._options.path
        connection = _connect(f"file:{_uri_path(path)}?mode=rwc", self._options.busy_timeout)
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = NORMAL")
        if self._holds:
            held = _HELD[os.path.realpath(path)] = _Held(connection)
            held.sinks = 1
        return connection

    def write(self, records: list[Any]) -> None:
        """Insert the records into the open transaction."""
        self._insert_all(self._begin(), self._rows.rows(records))
        if self._uncommitted >= _TRANSACTION:
            self.flush()

    def commit(self, records: list[Any], source: str, position: Position) -> None:
        """Insert the records and note `source`'s position in one transaction with them."""
        rows = self._rows.rows(records)
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
        if not table_columns(self._connection, _POSITIONS):
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

    def flush(self) -> None:
        """Commit what was written."""
        if self._connection is not None and self._connection.in_transaction:
            if not self._holds:
                self._connection.execute("COMMIT")
            self.confirmed += self._uncommitted
            self._uncommitted = 0

    def close(self, complete: bool) -> None:
        """Commit and disconnect; unless held, rows that were confirmed stay, `complete` or not."""
        if self._connection is None:
            return
        try:
            self.flush()
            if self._holds:
                self._release(complete)
        finally:
            connection, self._connection = self._connection, None
            if not self._holds or os.path.realpath(self._options.path) not in _HELD:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()

    def _release(self, complete: bool) -> None:
        """Commit with the last of the sinks that hold back, or nothing of any."""
        path = os.path.realpath(self._options.path)
        held = _HELD[path]
        held.sinks -= 1
        held.complete = held.complete and complete
        if held.sinks == 0:
            del _HELD[path]
            if held.complete and held.connection.in_transaction:
                held.connection.execute("COMMIT")

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of writing means."""
        return diagnose(error, self._options.path, self._options.table)


def _uri_path(path: str) -> str:
    from urllib.parse import quote

    return quote(os.path.abspath(path))


def _connect(uri: str, timeout: float) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
