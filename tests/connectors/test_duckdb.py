from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from flowc.cli.app import main
from flowc_runtime.connectors import duckdb_tables
from flowc_runtime.connectors.duckdb import (
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

from .alike import run_and_build
from .battery import THINGS, SinkBattery, SourceBattery, Thing, check_options, environment

__all__ = ["environment"]

COLUMNS = (Column("id", "int", nullable=False), Column("name", "string"))
#: Long enough that the database must look at it to know.
NO_DATABASE = "this is no database, it is a text of some length" * 400


def reading(environment: Environment, path: str = "t.duckdb", table: str = "things") -> Source:
    return Source(SourceOptions(path, table), COLUMNS, lambda row: Thing(*row), environment)


def writing(environment: Environment, path: str = "t.duckdb", table: str = "things") -> Sink:
    return Sink(SinkOptions(path, table), COLUMNS, environment)


def execute(path: str, *statements: str) -> list[Any]:
    with closing(duckdb.connect(path)) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    return rows


def fill(environment: Environment) -> None:
    Path("t.duckdb").unlink(missing_ok=True)
    sink = writing(environment)
    sink.open()
    sink.write(THINGS)
    sink.close(complete=True)


class TestSource(SourceBattery):
    replayable = CAPABILITIES.replayable

    def source(self, environment: Environment) -> Source:
        if not Path("t.duckdb").exists():
            fill(environment)
        return reading(environment)

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        execute("empty.duckdb", "CREATE TABLE thing (id BIGINT)")
        Path("text.duckdb").write_text(NO_DATABASE)
        Path("folder").mkdir()
        yield reading(environment, "missing.duckdb"), "FC0801"
        yield reading(environment, "text.duckdb"), "FC0810"
        yield reading(environment, "folder"), "FC0802"
        yield reading(environment, "empty.duckdb"), "FC0808"
        yield reading(environment, "empty.duckdb", "thing"), "FC0808"


class TestSink(SinkBattery):
    def sink(self, environment: Environment) -> Sink:
        return writing(environment)

    def stored(self, environment: Environment) -> list[Thing]:
        return [Thing(*row) for row in execute("t.duckdb", "SELECT id, name FROM things")]

    def broken(self, environment: Environment) -> Iterator[tuple[Sink, str]]:
        Path("text.duckdb").write_text(NO_DATABASE)
        Path("folder").mkdir()
        yield writing(environment, "text.duckdb"), "FC0810"
        yield writing(environment, "folder"), "FC0802"
        yield writing(environment, "missing/t.duckdb"), "FC0805"
        execute("other.duckdb", "CREATE TABLE things (id VARCHAR, name VARCHAR NOT NULL)")
        yield writing(environment, "other.duckdb"), "FC0811"
        execute(
            "unique.duckdb",
            "CREATE TABLE things (id BIGINT NOT NULL, name VARCHAR)",
            "CREATE UNIQUE INDEX one ON things (name)",
        )
        yield writing(environment, "unique.duckdb"), "FC0850"
        with locked("locked.duckdb"):
            yield writing(environment, "locked.duckdb"), "FC0809"


class locked:
    """A database that another process has open."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        code = f"import duckdb; c = duckdb.connect({self._path!r}); print(1, flush=True); input()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def __exit__(self, *_: object) -> None:
        self._process.communicate(b"\n")


@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_options_are_documented(options: Any) -> None:
    check_options(options)


class Wide(Struct):
    flag: bool | None
    whole: int | None
    small: int | None
    unsigned: int | None
    large: int | None
    real: float | None
    exact: Decimal | None
    text: str | None
    blob: bytes | None
    moment: datetime | None
    day: date | None
    key: uuid.UUID | None
    tags: list[str] | None


WIDE = (
    Column("flag", "bool"),
    Column("whole", "int"),
    Column("small", "int32"),
    Column("unsigned", "uint64"),
    Column("large", "bigint"),
    Column("real", "float"),
    Column("exact", "decimal(38, 6)"),
    Column("text", "string"),
    Column("blob", "bytes"),
    Column("moment", "timestamp"),
    Column("day", "date"),
    Column("key", "uuid"),
    Column("tags", "list<string>", shape=list[str]),
)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
ANY = st.builds(
    Wide,
    st.none() | st.booleans(),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.integers(0, 2**64 - 1),
    st.none() | st.integers(-(2**127), 2**127 - 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.decimals(-(10**31), 10**31, places=6, allow_nan=False, allow_infinity=False),
    st.none() | TEXT,
    st.none() | st.binary(max_size=8),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.dates(),
    st.none() | st.uuids(),
    st.none() | st.lists(TEXT, max_size=3),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=6))
def test_every_type_is_kept_exactly(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    path = str(tmp_path_factory.mktemp("db") / "wide.duckdb")
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


def test_the_statement_that_makes_a_table() -> None:
    assert table_ddl("t", (*COLUMNS, *WIDE[-7:-5])) == (
        'CREATE TABLE "t" (\n  "id" BIGINT NOT NULL,\n  "name" VARCHAR,\n'
        '  "exact" DECIMAL(38,6),\n  "text" VARCHAR\n)'
    )


@pytest.mark.parametrize("name", ['sel"ect', "'; DROP", "$1", "a\nb", "rowid", "each0", "things"])
def test_odd_names_are_only_names(environment: Environment, name: str) -> None:
    columns = (Column(name, "int", attribute="id"),)
    for table in ('or"der; DROP TABLE x', "select", name):
        sink = Sink(SinkOptions("t.duckdb", table), columns, environment)
        sink.open()
        sink.write([Thing(7, None)])
        sink.close(complete=True)
        source = Source(SourceOptions("t.duckdb", table), columns, lambda row: row, environment)
        source.open(None)
        assert [batch.records for batch in source.batches()] == [[(7,)]]
        source.close()


def test_a_value_that_its_type_does_not_have_is_rejected(environment: Environment) -> None:
    execute(
        "t.duckdb",
        "CREATE TABLE t (d DATE, m TIMESTAMP, f DOUBLE)",
        "INSERT INTO t VALUES ('infinity', NULL, 1), ('2020-01-01', NULL, 1),"
        "(NULL, '-infinity', 1), (NULL, NULL, 'nan'), ('20000-01-01', NULL, 1)",
    )
    columns = (Column("d", "date"), Column("m", "timestamp"), Column("f", "float"))
    source = Source(SourceOptions("t.duckdb", "t"), columns, lambda row: row, environment)
    source.open(None)
    [batch] = source.batches()
    source.close()
    assert batch.records == [(date(2020, 1, 1), None, 1.0)]
    assert [reject.position for reject in batch.rejects] == [{"rowid": n} for n in (0, 2, 3, 4)]


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
    assert execute("t.duckdb", "SELECT count(*) FROM things") == [(3,)]


def test_a_run_that_is_cut_short_publishes_nothing(environment: Environment) -> None:
    fill(environment)
    first, second = writing(environment), writing(environment, table="others")
    for sink in (first, second):
        sink.hold()
        sink.open()
        sink.write(THINGS[:5])
        sink.flush()
    first.close(complete=True)
    second.close(complete=False)
    assert execute("t.duckdb", "SELECT count(*) FROM things") == [(len(THINGS),)]
    assert execute("t.duckdb", "SELECT table_name FROM duckdb_tables()") == [("things",)]


def test_a_row_that_breaks_a_constraint_is_a_dead_letter(environment: Environment) -> None:
    execute(
        "t.duckdb",
        "CREATE TABLE things (id BIGINT PRIMARY KEY, name VARCHAR UNIQUE, CHECK (id < 10))",
        "INSERT INTO things VALUES (9, 'z')",
    )
    things = [
        *(Thing(1, "a"), Thing(2, "b"), Thing(1, "c"), Thing(3, None), Thing(4, None)),
        *(Thing(5, "z"), Thing(11, "d"), Thing(6, "e")),
    ]
    result = run(line(ListSource(things), {}, writing(environment)), RunOptions(), environment)
    assert (result.exit_code, result.dead_letters) == (0, 3)
    rows = execute("t.duckdb", "SELECT id FROM things ORDER BY id")
    assert rows == [(1,), (2,), (3,), (4,), (6,), (9,)]


def test_a_value_beyond_a_column_is_the_record_s_error(environment: Environment) -> None:
    sink = Sink(SinkOptions("t.duckdb", "f"), (Column("id", "bigint"),), environment)
    sink.open()
    with pytest.raises(ValidationError, match="128 bits"):
        sink.write([Thing(2**127, None)])
    sink.write([Thing(2**127 - 1, None)])
    sink.close(complete=True)
    assert execute("t.duckdb", "SELECT * FROM f") == [(2**127 - 1,)]


@pytest.mark.parametrize(
    ("declared", "type", "keeps"),
    [
        ("HUGEINT", "int", True),
        ("INTEGER", "int", False),
        ("UBIGINT", "uint32", True),
        ("TIMESTAMP", "timestamp", True),
        ("TIMESTAMP_NS", "timestamp", False),
        ("DECIMAL(12,4)", "decimal(10, 2)", True),
        ("DECIMAL(10,4)", "decimal(10, 2)", False),
        ("FLOAT", "float", False),
        ("VARCHAR", "json", True),
    ],
)
def test_what_a_column_keeps(declared: str, type: str, keeps: bool) -> None:
    assert duckdb_tables.keeps(declared, Column("x", type)) is keeps


def test_a_missing_package_is_explained(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(environment)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    for end in (lambda: reading(environment).open(None), lambda: writing(environment).open()):
        with pytest.raises(ResourceError) as caught:
            end()
        assert caught.value.diagnosis.code == "FC0825"


def test_a_large_table_streams_in_order(environment: Environment) -> None:
    execute(
        "t.duckdb", "CREATE TABLE things AS SELECT i AS id, NULL AS name FROM range(300000) r(i)"
    )
    source = reading(environment)
    source.open(None)
    ids = [thing.id for batch in source.batches() for thing in batch.records]
    source.close()
    assert ids == list(range(300_000))


NESTED = (
    'CREATE TABLE t (a INTEGER NOT NULL, s STRUCT(x TIMESTAMPTZ, "y z" DECIMAL(20,2)[], b BLOB),'
    "m MAP(VARCHAR, DATE), l INTEGER[2], u UUID, e ENUM('a', 'b'), h HUGEINT, j JSON)",
    "INSERT INTO t VALUES (1, {x: '2020-01-01 00:00:00+02', 'y z': [1.25, NULL], b: '\\x01'},"
    "map {'k': DATE '2020-01-01'}, [1, NULL], '12345678-1234-5678-1234-567812345678', 'b',"
    "170141183460469231731687303715884105727, '{\"n\": 1.10}'),"
    "(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
)


def test_columns_of_every_kind_are_typed_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    execute(str(data / "in.duckdb"), *NESTED)
    monkeypatch.chdir(data)
    assert main(["types", "duckdb://in.duckdb/t | out.jsonl"]) == 0
    shown = capsys.readouterr().out
    for field in (
        "a: int32,",
        "s: {x: timestamp?, `y z`: list<decimal(20, 2)?>?, b: bytes?}?",
        "m: map<date?>?",
        "l: list<int32?>?",
        'e: enum("a", "b")?',
        "h: bigint?",
        "j: json",
    ):
        assert field in shown
    code, files = run_and_build("duckdb://in.duckdb/t | out.jsonl", data, tmp_path, monkeypatch)
    assert code == 0
    first, second = files["out.jsonl"].decode().splitlines()
    assert first == (
        '{"a":1,"s":{"x":"2019-12-31T22:00:00Z","y z":[1.25,null],"b":"AQ=="},'
        '"m":{"k":"2020-01-01"},"l":[1,null],"u":"12345678-1234-5678-1234-567812345678",'
        '"e":"b","h":170141183460469231731687303715884105727,"j":{"n":1.1}}'
    )
    assert second.startswith('{"a":2,"s":null,')


def test_a_run_and_a_built_project_write_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, built, project = tmp_path / "memory", tmp_path / "built", tmp_path / "project"
    word = "orders.jsonl as {id: int, tags: list<string>} | duckdb://out.duckdb/order"
    for folder in (memory, built):
        folder.mkdir()
        (folder / "orders.jsonl").write_text('{"id": 1, "tags": ["é"]}\n{"id": 2, "tags": []}\n')
    monkeypatch.chdir(memory)
    assert main(["run", word]) == 0
    monkeypatch.chdir(built)
    assert main(["build", word, "-o", str(project)]) == 0
    assert '"duckdb>=1.1"' in (project / "pyproject.toml").read_text()
    [package] = (path.parent for path in (project / "src").glob("*/__main__.py"))
    done = subprocess.run(
        [sys.executable, "-m", package.name],
        env={"PYTHONPATH": str(project / "src")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    for folder in (memory, built):
        rows = execute(str(folder / "out.duckdb"), 'SELECT * FROM "order"')
        assert rows == [(1, '["é"]'), (2, "[]")]


YAML = """\
source: {duckdb: {path: in.duckdb, table: things}}
process:
  - filter: id > 1
sink:
  duckdb: {path: in.duckdb, table: copies}
"""


def test_a_file_reads_and_writes_one_database(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(
        "in.duckdb",
        "CREATE TABLE things (id BIGINT, name VARCHAR)",
        "INSERT INTO things VALUES (1, 'a'), (2, 'b')",
    )
    Path("copy.yaml").write_text(YAML)
    assert main(["run", "copy.yaml"]) == 0, capsys.readouterr().err
    assert execute("in.duckdb", "SELECT * FROM copies") == [(2, "b")]


def test_the_missing_package_is_told_when_compiling(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(environment)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert main(["validate", "duckdb://t.duckdb/things | -"]) != 0
    assert "the package duckdb is not installed" in capsys.readouterr().err


def test_a_column_without_a_type_of_flowc_is_read_as_text(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(
        "t.duckdb",
        "CREATE TABLE t (id BIGINT, wait INTERVAL, times TIME[])",
        "INSERT INTO t VALUES (1, INTERVAL 1 MONTH, ['01:02:03'])",
    )
    assert main(["run", "duckdb://t.duckdb/t | out.jsonl"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "FC0780" in said
    assert "column wait of table t of t.duckdb is INTERVAL" in said
    assert "column times is TIME[]" in said
    typed = "as {id: int, wait: string, times: string}"
    assert main(["run", f"duckdb://t.duckdb/t {typed} | out.jsonl"]) == 0
    assert json.loads(Path("out.jsonl").read_text()) == {
        "id": 1,
        "wait": "1 month",
        "times": '["01:02:03"]',
    }


@pytest.mark.parametrize(
    ("type", "cast"), [("number", "float"), ("decimal", "decimal(38, 9)"), ("duration", "string")]
)
def test_a_type_that_no_column_keeps_is_an_error_with_a_cast(
    environment: Environment, capsys: pytest.CaptureFixture[str], type: str, cast: str
) -> None:
    source = f"- as {{x: {type}}}"
    assert main(["validate", f"{source} | duckdb://t.duckdb/t"]) == 1
    assert f"cast x as {cast}" in " ".join(capsys.readouterr().err.split())
    assert main(["validate", f"{source} | cast x as {cast} | duckdb://t.duckdb/t"]) == 0
    assert not Path("t.duckdb").exists()


def test_a_table_that_does_not_fit_is_told_before_the_run(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    execute("t.duckdb", "CREATE TABLE t (id INTEGER, name VARCHAR NOT NULL)")
    assert main(["validate", "- as {id: int, name: string?, x: uuid} | duckdb://t.duckdb/t"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "FC0732" in said
    assert "column id is INTEGER, but the field is int" in said
    assert "column name is NOT NULL, but the field may be null" in said
    assert 'ALTER TABLE "t" ADD COLUMN "x" UUID' in said
