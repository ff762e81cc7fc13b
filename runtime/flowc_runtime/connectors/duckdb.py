"""DuckDB: a table as a source or a sink. Every value is kept exactly.

A sink keeps bool as BOOLEAN; int, int32, uint32, uint64 as BIGINT, INTEGER, UINTEGER, UBIGINT;
bigint as HUGEINT; float as DOUBLE; decimal(p, s) as DECIMAL(p,s); string and enum as VARCHAR; bytes
as BLOB; timestamp as TIMESTAMPTZ; date as DATE; uuid as UUID; records, lists, maps and json as JSON.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec

from ..environment import Environment
from ..errors import Diagnosis, ResourceError, ValidationError
from ..records import Batch, Capabilities, Option, Position
from .databases import require_columns, require_database
from .duckdb_tables import (
    column_type,
    column_types,
    connect,
    diagnose,
    difference,
    no_table,
    selected,
    table_columns,
    table_ddl,
)
from .table_values import Column, RowReader, RowWriter, base, quoted

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
_TRANSACTION = 100_000
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


class Source:
    """Reads the rows of a table in the order of their row numbers.

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
        self._connection: Any = None
        self._position: Position = {}

    def open(self, position: Position | None) -> None:
        """Check that the table has the columns."""
        path, table = self._options.path, self._options.table
        require_database(path)
        # A sink of the same run could not write to a database that is held open read-only.
        with contextlib.closing(connect(path, read_only=True)) as connection:
            found = table_columns(connection, table)
            if not found:
                raise ResourceError(no_table(connection, path, table))
            require_columns(path, table, self._columns, [name for name, _, _ in found.values()])
        self._position = position or {}

    def batches(self) -> Iterator[Batch]:
        """Yield rows in batches; a position is the last row's number, where there is one."""
        connection = self._connection = connect(self._options.path, read_only=True)
        table = quoted(self._options.table)
        types = column_types(connection, self._options.table)
        [(views,)] = connection.execute(
            "SELECT count(*) FROM duckdb_views() WHERE NOT internal "
            "AND database_name = current_database() AND lower(view_name) = lower($1)",
            [self._options.table],
        ).fetchall()
        values = [selected(column.name, types[column.name.lower()]) for column in self._columns]
        numbered = not views and "rowid" not in types
        columns = ", ".join(["rowid" if numbered else "NULL", *values])
        after = self._position.get("rowid") if numbered else None
        where = "" if after is None else f"WHERE rowid > {int(after)}"
        # Identifiers cannot be parameters; they are quoted.
        cursor = connection.execute(f"SELECT {columns} FROM {table} {where}")  # noqa: S608
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


class _Transactions:
    """A connection, and the transaction on it: of one sink, or of all that hold back in one
    database, which are published together."""

    def __init__(self, path: str) -> None:
        self.connection = connect(path, read_only=False)
        self.sinks = 1
        self.complete = True
        self._begun = False

    def begin(self) -> Any:
        """The connection, in a transaction."""
        if not self._begun:
            self.connection.execute("BEGIN")
            self._begun = True
        return self.connection

    def commit(self) -> None:
        """Make what was written last."""
        if self._begun:
            self._begun = False
            self.connection.execute("COMMIT")

    def fail(self) -> None:
        """Undo what was written; an error has ended the transaction."""
        self.complete = False
        if self._begun:
            self._begun = False
            self.connection.execute("ROLLBACK")


_HELD: dict[str, _Transactions] = {}
"""By the path of the database."""


class Sink:
    """Appends records to a table, in transactions of many thousands.

    `row` gives the tuple of the columns' values of a record; by default the attributes named by
    the columns. `confirmed` counts rows once they are committed.
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
        self._shared: _Transactions | None = None
        self._uncommitted = 0
        self._holds = False
        self._insert = ""
        self._refuses: list[tuple[str, str]] = []

    def hold(self) -> None:
        """Commit once, when the run is complete; else leave the database as it was."""
        self._holds = True

    def open(self) -> None:
        """Connect, and create the table or check that the records fit the one there is."""
        path, table = self._options.path, self._options.table
        key = os.path.realpath(path)
        shared = _HELD.get(key) if self._holds else None
        if shared is None:
            shared = _Transactions(path)
            if self._holds:
                _HELD[key] = shared
        else:
            shared.sinks += 1
        self._shared = shared
        connection = shared.begin()
        found = table_columns(connection, table)
        if not found:
            connection.execute(table_ddl(table, self._columns))
        if not self._holds:
            shared.commit()
        diagnosis = difference(path, table, self._columns, found) if found else None
        if diagnosis is not None:
            raise ResourceError(diagnosis)
        self._prepare({key: declared for key, (_, declared, _) in found.items()})
        if found:
            self._refuses = list(self._constraints(connection))

    def _prepare(self, found: dict[str, str]) -> None:
        """The statement: a column of a batch is bound as one list, and read as rows again."""
        self._given = ", ".join(
            f"unnest(CAST(${at} AS {found.get(c.name.lower()) or column_type(c.type)}[])) "
            f"AS {quoted(c.name)}"
            for at, c in enumerate(self._columns, 1)
        )
        names = ", ".join(quoted(column.name) for column in self._columns)
        table = quoted(self._options.table)
        self._insert = f"INSERT INTO {table} ({names}) SELECT {self._given}"

    def _constraints(self, connection: Any) -> Iterator[tuple[str, str]]:
        """Of each constraint that is asked before rows are inserted, its text, and the query that
        gives a row if the batch breaks it: a breach would end the whole transaction."""
        table = quoted(self._options.table)
        ours = {column.name.lower() for column in self._columns}
        rows = connection.execute(
            "SELECT constraint_type, constraint_column_names, expression, constraint_text "
            "FROM duckdb_constraints() WHERE database_name = current_database() "
            "AND schema_name = current_schema() AND lower(table_name) = lower($1)",
            [self._options.table],
        ).fetchall()
        for kind, names, expression, text in rows:
            if not all(name.lower() in ours for name in names):
                continue
            batch = f"WITH batch AS (SELECT {self._given})"
            if kind == "CHECK":
                yield text, f"{batch} SELECT 1 FROM batch WHERE NOT ({expression}) LIMIT 1"  # noqa: S608
            elif kind in ("PRIMARY KEY", "UNIQUE"):
                keys = ", ".join(map(quoted, names))
                known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
                yield (
                    text,
                    f"{batch} SELECT 1 FROM batch WHERE {known} GROUP BY {keys} "  # noqa: S608
                    f"HAVING count(*) > 1 UNION ALL SELECT 1 FROM batch SEMI JOIN {table} "
                    f"USING ({keys}) LIMIT 1",
                )

    def write(self, records: list[Any]) -> None:
        """Insert the records into the open transaction."""
        assert self._shared is not None, "open comes before write"
        self._insert_all(self._shared, self._checked(records))
        if self._uncommitted >= _TRANSACTION:
            self.flush()

    def commit(self, records: list[Any], source: str, position: Position) -> None:
        """Insert the records and note `source`'s position in one transaction with them."""
        assert self._shared is not None, "open comes before commit"
        columns = self._checked(records)
        self.flush()
        connection = self._shared.begin()
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {_POSITIONS} ("
            "sink_table VARCHAR NOT NULL, source VARCHAR NOT NULL, position VARCHAR NOT NULL, "
            "PRIMARY KEY (sink_table, source))"
        )
        self._insert_all(self._shared, columns)
        connection.execute(
            f"INSERT OR REPLACE INTO {_POSITIONS} VALUES ($1, $2, $3)",  # noqa: S608
            [self._options.table, source, msgspec.json.encode(position).decode()],
        )
        self.flush()

    def position(self, source: str) -> Position | None:
        """The position that was committed last for `source`."""
        assert self._shared is not None, "open comes before position"
        connection = self._shared.connection
        if not table_columns(connection, _POSITIONS):
            return None
        found = connection.execute(
            f"SELECT position FROM {_POSITIONS} WHERE sink_table = $1 AND source = $2",  # noqa: S608
            [self._options.table, source],
        ).fetchone()
        return None if found is None else msgspec.json.decode(found[0], type=Position)

    def _checked(self, records: list[Any]) -> list[list[Any]]:
        """The values by column. Raises a ValidationError for one that cannot be kept: an error
        while they are inserted would end the whole transaction."""
        rows = self._rows.rows(records)
        columns = [list(values) for values in zip(*rows)] if rows else []
        for column, values in zip(self._columns, columns):
            match base(column.type):
                case "string":
                    for value in values:
                        if value is not None and not value.isascii():
                            _encoded(value, column)
                case "bigint":
                    for value in values:
                        if value is not None and not -(2**127) <= int(value) < 2**127:
                            raise ValidationError(
                                f"{column.name} is beyond the 128 bits that a table keeps"
                            )
        return columns

    def _insert_all(self, shared: _Transactions, columns: list[list[Any]]) -> None:
        """Insert all rows or none. A row that breaks a constraint is the record's error."""
        if not columns:
            return
        connection = shared.begin()
        try:
            for text, breach in self._refuses:
                if connection.execute(breach, columns).fetchone() is not None:
                    raise ValidationError(f"{self._options.table} refuses the row: {text}")
            connection.execute(self._insert, columns)
        except ValidationError:
            raise
        except Exception:
            shared.fail()
            self._uncommitted = 0
            raise
        self._uncommitted += len(columns[0])

    def flush(self) -> None:
        """Commit what was written."""
        if self._shared is not None:
            if not self._holds:
                self._shared.commit()
            self.confirmed += self._uncommitted
            self._uncommitted = 0

    def close(self, complete: bool) -> None:
        """Commit and disconnect; unless held, rows that were confirmed stay, `complete` or not."""
        if self._shared is None:
            return
        shared, self._shared = self._shared, None
        self.confirmed += self._uncommitted
        self._uncommitted = 0
        shared.sinks -= 1
        shared.complete = shared.complete and (complete or not self._holds)
        if shared.sinks:
            return
        if self._holds:
            del _HELD[os.path.realpath(self._options.path)]
        try:
            if shared.complete:
                shared.commit()
        finally:
            with contextlib.suppress(Exception):
                shared.connection.close()

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of writing means."""
        return diagnose(error, self._options.path, self._options.table)


def _encoded(value: str, column: Column) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(f"{column.name} is no text: {error}") from None
