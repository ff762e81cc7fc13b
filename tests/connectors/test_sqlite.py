from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from flowc_runtime.connectors.sqlite import (
    CAPABILITIES,
    Column,
    Sink,
    SinkOptions,
    Source,
    SourceOptions,
    table_ddl,
)
from flowc_runtime.engine import RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.errors import ResourceError, ValidationError
from tests.runtime.ends import ListSource, line

from .battery import THINGS, SinkBattery, SourceBattery, Thing, check_options, environment

__all__ = ["environment"]

COLUMNS = (Column("id", "int", nullable=False), Column("name", "string"))


def reading(environment: Environment, path: str = "t.db", table: str = "things") -> Source:
    return Source(SourceOptions(path, table), COLUMNS, lambda row: Thing(*row), environment)


def writing(environment: Environment, path: str = "t.db", table: str = "things") -> Sink:
    return Sink(SinkOptions(path, table, busy_timeout=0.05), COLUMNS, environment)


def execute(path: str, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        connection.commit()
    return rows


def fill(environment: Environment) -> None:
    Path("t.db").unlink(missing_ok=True)
    sink = writing(environment)
    sink.open()
    sink.write(THINGS)
    sink.close(complete=True)


class TestSource(SourceBattery):
    replayable = CAPABILITIES.replayable

    def source(self, environment: Environment) -> Source:
        if not Path("t.db").exists():
            fill(environment)
        return reading(environment)

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        execute("empty.db", "CREATE TABLE thing (id INTEGER)")
        Path("text.db").write_text("this is no database, it is a text of some length" * 40)
        Path("folder").mkdir()
        yield reading(environment, "missing.db"), "FC0801"
        yield reading(environment, "text.db"), "FC0810"
        yield reading(environment, "folder"), "FC0802"
        yield reading(environment, "empty.db"), "FC0808"
        yield reading(environment, "empty.db", "thing"), "FC0808"


class TestSink(SinkBattery):
    def sink(self, environment: Environment) -> Sink:
        return writing(environment)

    def stored(self, environment: Environment) -> list[Thing]:
        return [Thing(*row) for row in execute("t.db", "SELECT id, name FROM things")]

    def broken(self, environment: Environment) -> Iterator[tuple[Sink, str]]:
        Path("text.db").write_text("this is no database, it is a text of some length" * 40)
        Path("folder").mkdir()
        yield writing(environment, "text.db"), "FC0810"
        yield writing(environment, "folder"), "FC0802"
        yield writing(environment, "missing/t.db"), "FC0805"
        execute("other.db", "CREATE TABLE things (id TEXT, name TEXT NOT NULL)")
        yield writing(environment, "other.db"), "FC0811"
        execute("locked.db", "CREATE TABLE x (y)")
        with closing(sqlite3.connect("locked.db", isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            yield writing(environment, "locked.db"), "FC0809"


@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_options_are_documented(options: Any) -> None:
    check_options(options)


class Wide(Struct):
    flag: bool | None
    whole: int | None
    unsigned: int | None
    large: int | None
    real: float | None
    mixed: int | float | None
    exact: Decimal | None
    text: str | None
    blob: bytes | None
    moment: datetime | None
    day: date | None
    length: timedelta | None
    key: uuid.UUID | None
    tags: list[str] | None


WIDE = (
    Column("flag", "bool"),
    Column("whole", "int"),
    Column("unsigned", "uint64"),
    Column("large", "bigint"),
    Column("real", "float"),
    Column("mixed", "number"),
    Column("exact", "decimal(30, 6)"),
    Column("text", "string"),
    Column("blob", "bytes"),
    Column("moment", "timestamp"),
    Column("day", "date"),
    Column("length", "duration"),
    Column("key", "uuid"),
    Column("tags", "list<string>", shape=list[str]),
)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
INT = st.integers(-(2**63), 2**63 - 1)
ANY = st.builds(
    Wide,
    st.none() | st.booleans(),
    st.none() | INT,
    st.none() | st.integers(0, 2**64 - 1),
    st.none() | st.integers(-(10**40), 10**40),
    st.none() | FLOAT,
    st.none() | INT | FLOAT,
    st.none() | st.decimals(places=6, allow_nan=False, allow_infinity=False),
    st.none() | TEXT,
    st.none() | st.binary(max_size=8),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.dates(),
    st.none() | st.timedeltas(timedelta(-1000), timedelta(1000)),
    st.none() | st.uuids(),
    st.none() | st.lists(TEXT, max_size=3),
)


@given(st.lists(ANY, min_size=1, max_size=6))
def test_every_type_is_kept_exactly(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    path = str(tmp_path_factory.mktemp("db") / "wide.db")
    world = Environment({})
    sink = Sink(SinkOptions(path, "wide"), WIDE, world)
    sink.open()
    sink.write(rows)
    sink.close(complete=True)
    source = Source(SourceOptions(path, "wide"), WIDE, lambda row: Wide(*row), world)
    source.open(None)
    [batch] = source.batches()
    source.close()
    assert (batch.records, list(batch.rejects)) == (rows, [])
    assert [type(row.mixed) for row in batch.records] == [type(row.mixed) for row in rows]


def test_odd_names_are_only_names(environment: Environment) -> None:
    table, column = 'or"der; DROP TABLE x', 'sel"ect'
    columns = (Column(column, "int", attribute="id"),)
    sink = Sink(SinkOptions("t.db", table), columns, environment)
    sink.open()
    sink.write([Thing(7, None)])
    sink.close(complete=True)
    source = Source(SourceOptions("t.db", table), columns, lambda row: row, environment)
    source.open(None)
    assert [batch.records for batch in source.batches()] == [[(7,)]]


def test_a_value_of_another_type_is_rejected_with_its_row(environment: Environment) -> None:
    execute(
        "t.db",
        "CREATE TABLE things (id, name)",
        "INSERT INTO things VALUES (1, 'a'), ('x', 'b'), (2, 5), (NULL, 'c'), (3, NULL)",
    )
    source = reading(environment)
    source.open(None)
    [batch] = source.batches()
    assert batch.records == [Thing(1, "a"), Thing(3, None)]
    assert [(r.index, r.original, r.position) for r in batch.rejects] == [
        (1, b'{"id":"x","name":"b"}', {"rowid": 2}),
        (1, b'{"id":2,"name":5}', {"rowid": 3}),
        (1, b'{"id":null,"name":"c"}', {"rowid": 4}),
    ]
    assert str(batch.rejects[0].error) == "column id holds 'x', a text, which is not int"


def test_a_view_and_a_table_without_rowid_are_read(environment: Environment) -> None:
    execute(
        "t.db",
        "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT) WITHOUT ROWID",
        "INSERT INTO things VALUES (1, 'a')",
        "CREATE VIEW seen AS SELECT * FROM things",
    )
    for table in ("things", "seen"):
        source = reading(environment, table=table)
        source.open(None)
        [batch] = source.batches()
        assert (batch.records, batch.position) == ([Thing(1, "a")], {})
        source.close()


def test_not_a_number_is_refused(environment: Environment) -> None:
    sink = Sink(SinkOptions("t.db", "f"), (Column("id", "float"),), environment)
    sink.open()
    with pytest.raises(ValidationError, match="nan"):
        sink.write([Thing(float("nan"), None)])  # type: ignore[arg-type]
    sink.close(complete=True)


def test_a_table_that_fits_is_appended_to(environment: Environment) -> None:
    execute(
        "t.db",
        "CREATE TABLE Things (Name VARCHAR(5), ID BIGINT NOT NULL, more TEXT DEFAULT 'd')",
        "INSERT INTO things (id) VALUES (0)",
    )
    sink = writing(environment)
    sink.open()
    sink.write([Thing(1, "a")])
    sink.close(complete=True)
    rows = execute("t.db", "SELECT id, name, more FROM things")
    assert rows == [(0, None, "d"), (1, "a", "d")]


@pytest.mark.parametrize(
    ("ddl", "why", "cure"),
    [
        (
            "CREATE TABLE things (id INTEGER)",
            "it has no column name",
            'ALTER TABLE "things" ADD COLUMN "name" TEXT',
        ),
        (
            "CREATE TABLE things (id TEXT, name TEXT)",
            "column id is TEXT, not INTEGER",
            'CREATE TABLE "things" ( "id" INTEGER NOT NULL, "name" TEXT )',
        ),
        (
            "CREATE TABLE things (id INTEGER, name TEXT NOT NULL)",
            "column name is NOT NULL, but the field may be null",
            "RENAME TO",
        ),
        (
            "CREATE TABLE things (id INTEGER, name TEXT, x INT NOT NULL)",
            "its column x needs a value",
            "RENAME TO",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_explained(
    environment: Environment, ddl: str, why: str, cure: str
) -> None:
    execute("t.db", ddl)
    sink = writing(environment)
    with pytest.raises(ResourceError) as caught:
        sink.open()
    diagnosis = caught.value.diagnosis
    assert why in diagnosis.why
    assert cure in diagnosis.suggestions[0]
    sink.close(complete=False)
    # The first suggestion settles it.
    statements = diagnosis.suggestions[0].partition(": ")[2].split("; ")
    execute("t.db", *statements)
    again = writing(environment)
    again.open()
    again.close(complete=True)


def test_a_row_that_breaks_a_constraint_is_a_dead_letter(environment: Environment) -> None:
    execute("t.db", "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)")
    things = [Thing(1, "a"), Thing(2, "b"), Thing(1, "c"), Thing(3, "d")]
    result = run(line(ListSource(things), {}, writing(environment)), RunOptions(), environment)
    assert (result.exit_code, result.dead_letters) == (0, 1)
    assert execute("t.db", "SELECT name FROM things") == [("a",), ("b",), ("d",)]
    assert "UNIQUE constraint" in Path("t.dead.jsonl").read_text()


def test_records_and_position_are_committed_together(environment: Environment) -> None:
    sink = writing(environment)
    sink.open()
    assert sink.position("orders") is None
    sink.commit(THINGS[:2], "orders", {"offset": 10})
    sink.commit(THINGS[2:3], "orders", {"offset": 20})
    assert sink.confirmed == 3
    with pytest.raises(ValidationError):
        sink.commit([Thing(1, "\ud800")], "orders", {"offset": 30})
    sink.close(complete=True)
    again = writing(environment)
    again.open()
    assert again.position("orders") == {"offset": 20}
    again.close(complete=True)
    assert execute("t.db", "SELECT count(*) FROM things") == [(3,)]


def test_positions_are_made_only_when_asked_for(environment: Environment) -> None:
    fill(environment)
    assert execute("t.db", "SELECT name FROM sqlite_schema") == [("things",)]


def test_the_statement_that_makes_a_table() -> None:
    assert table_ddl("t", COLUMNS) == (
        'CREATE TABLE "t" (\n  "id" INTEGER NOT NULL,\n  "name" TEXT\n)'
    )
    assert '"mixed",\n' in table_ddl("t", WIDE)


def test_a_table_is_not_read_into_itself(environment: Environment) -> None:
    fill(environment)
    pipeline = line(reading(environment), {}, writing(environment))
    result = run(pipeline, RunOptions(), environment)
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0806"


def test_a_large_table_streams_through_the_engine(environment: Environment) -> None:
    fill(environment)
    pipeline = line(reading(environment), {}, writing(environment, "copy.db"))
    result = run(pipeline, RunOptions(), environment)
    assert result.exit_code == 0
    assert [Thing(*row) for row in execute("copy.db", "SELECT * FROM things")] == THINGS
