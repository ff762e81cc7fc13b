"""Real flights from CSV to SQLite: the table answers as DuckDB does when it reads the CSV itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fetch_flights import ROWS, FetchError, fetch

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Question:
    """The same question in three forms, and how many rows the pipeline's table must have.

    `line` is a pipeline for the command line and `document` the same as YAML; both write
    out.db/flights. `of_table` asks SQLite about that table, `of_csv` asks DuckDB about the CSV, which
    it knows as `flights`.
    """

    line: str
    document: str
    rows: int
    of_table: str
    of_csv: str


DELAYED = Question(
    line='"flights.csv?null_text=NA" | filter dep_delay > 0'
    " | select carrier, flight, origin, dest, distance, dep_delay, air_time"
    " | sqlite://out.db/flights",
    document="""\
source: flights.csv?null_text=NA
process: filter dep_delay > 0 | select carrier, flight, origin, dest, distance, dep_delay, air_time
sink: sqlite://out.db/flights
""",
    rows=128_432,
    of_table="""
        SELECT carrier, origin, count(*), sum(flight), sum(distance), sum(dep_delay),
               count(air_time), sum(air_time), min(dest), max(dest)
        FROM flights GROUP BY carrier, origin ORDER BY carrier, origin
    """,
    of_csv="""
        SELECT carrier, origin, count(*), sum(flight), sum(distance), sum(dep_delay),
               count(air_time), sum(air_time), min(dest), max(dest)
        FROM flights WHERE dep_delay > 0 GROUP BY carrier, origin ORDER BY carrier, origin
    """,
)

# Null in, null out (made_up, speed), null replaced (waited), and a condition that null fails (late).
SUMMER = Question(
    line='"flights.csv?null_text=NA"'
    ' | filter month >= 6 and month <= 8 and (origin == "JFK" or origin == "LGA")'
    " | set made_up = dep_delay - arr_delay, waited = (dep_delay ?? 0) + 1,"
    " speed = distance / (air_time / 60),"
    ' late = if (arr_delay ?? 0) > 30 then 1 else 0, plane = lower(tailnum ?? "none")'
    " | select month, dest, made_up, waited, speed, late, plane"
    " | sqlite://out.db/flights",
    document="""\
source: flights.csv?null_text=NA
process:
  - filter month >= 6 and month <= 8 and (origin == "JFK" or origin == "LGA")
  - set made_up = dep_delay - arr_delay, waited = (dep_delay ?? 0) + 1
  - set speed = distance / (air_time / 60)
  - set late = if (arr_delay ?? 0) > 30 then 1 else 0, plane = lower(tailnum ?? "none")
  - select month, dest, made_up, waited, speed, late, plane
sink: sqlite://out.db/flights
""",
    rows=55_986,
    of_table="""
        SELECT month, count(*), count(made_up), sum(made_up), sum(waited), count(speed),
               sum(speed), sum(late), count(DISTINCT plane), min(plane), max(plane),
               sum(plane = 'none'), count(DISTINCT dest)
        FROM flights GROUP BY month ORDER BY month
    """,
    of_csv="""
        SELECT month, count(*), count(dep_delay - arr_delay), sum(dep_delay - arr_delay),
               sum(coalesce(dep_delay, 0) + 1), count(distance / (air_time / 60)),
               sum(distance / (air_time / 60)),
               count(*) FILTER (arr_delay > 30), count(DISTINCT coalesce(lower(tailnum), 'none')),
               min(coalesce(lower(tailnum), 'none')), max(coalesce(lower(tailnum), 'none')),
               count(*) FILTER (tailnum IS NULL), count(DISTINCT dest)
        FROM flights WHERE month BETWEEN 6 AND 8 AND origin IN ('JFK', 'LGA')
        GROUP BY month ORDER BY month
    """,
)

CANCELLED = Question(
    line='"flights.csv?null_text=NA" | filter dep_time is null'
    " | select day = month * 100 + day, flight, plane = tailnum, dep_time, arr_delay"
    " | sqlite://out.db/flights",
    document="""\
source: flights.csv?null_text=NA
process:
  - filter dep_time is null
  - select day = month * 100 + day, flight, plane = tailnum, dep_time, arr_delay
sink: sqlite://out.db/flights
""",
    rows=8_255,
    of_table="""
        SELECT day, count(*), sum(flight), count(plane), count(dep_time), count(arr_delay),
               min(plane), max(plane)
        FROM flights GROUP BY day ORDER BY day
    """,
    of_csv="""
        SELECT month * 100 + day, count(*), sum(flight), count(tailnum), 0, 0,
               min(tailnum), max(tailnum)
        FROM flights WHERE dep_time IS NULL GROUP BY ALL ORDER BY ALL
    """,
)

QUESTIONS = {"delayed": DELAYED, "summer": SUMMER, "cancelled": CANCELLED}


@pytest.fixture(scope="session")
def flights() -> Path:
    try:
        return fetch()
    except FetchError as error:
        pytest.skip(f"{error}; to fetch the data: python tests/real/fetch_flights.py")


def ask_csv(flights: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.read_csv(str(flights), na_values="NA", sample_size=-1).create_view("flights")
        return connection.execute(question).fetchall()


def ask_table(database: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def run_flowc(folder: Path, pipeline: str) -> None:
    paths = [str(ROOT), str(ROOT / "runtime"), os.environ.get("PYTHONPATH", "")]
    finished = subprocess.run(
        [sys.executable, "-m", "flowc", "run", pipeline],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert not list(folder.glob("*.dead.jsonl")), finished.stderr


def assert_same(found: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]) -> None:
    """Equal row by row; floats up to the order in which a sum was taken."""

    def loose(value: Any) -> Any:
        return pytest.approx(value, rel=1e-12, abs=0) if type(value) is float else value

    assert found == [tuple(map(loose, row)) for row in expected]


@pytest.mark.parametrize("form", ["line", "yaml"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_table_made_by_flowc_answers_as_the_csv_does(
    name: str, form: str, flights: Path, tmp_path: Path
) -> None:
    question = QUESTIONS[name]
    (tmp_path / "flights.csv").symlink_to(flights)
    if form == "line":
        run_flowc(tmp_path, question.line)
    else:
        (tmp_path / f"{name}.yaml").write_text(question.document, encoding="utf-8")
        run_flowc(tmp_path, f"{name}.yaml")
    database = tmp_path / "out.db"
    assert ask_table(database, "SELECT count(*) FROM flights") == [(question.rows,)]
    assert_same(ask_table(database, question.of_table), ask_csv(flights, question.of_csv))


def test_every_column_of_every_flight_arrives(flights: Path, tmp_path: Path) -> None:
    """No stage at all: 19 inferred columns, six of them with nulls."""
    (tmp_path / "flights.csv").symlink_to(flights)
    run_flowc(tmp_path, '"flights.csv?null_text=NA" | sqlite://out.db/flights')
    described = ask_table(tmp_path / "out.db", "SELECT name FROM pragma_table_info('flights')")
    names = [name for (name,) in described]
    with flights.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\n")
    assert names == header.split(",")
    counts = ", ".join(f"count({name}), count(DISTINCT {name})" for name in names)
    texts = {"carrier", "tailnum", "origin", "dest", "time_hour"}
    sums = ", ".join(f"sum({name})" for name in names if name not in texts)
    question = f"SELECT count(*), {counts}, {sums} FROM flights"  # noqa: S608
    found = ask_table(tmp_path / "out.db", question)
    assert found[0][0] == ROWS
    assert_same(found, ask_csv(flights, question))
