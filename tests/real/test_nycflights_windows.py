"""Real flights in windows of time, ranked and without duplicates, as DuckDB answers the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fetch_flights import FetchError, fetch
from flowing import ran

SOURCE = (
    '"flights.csv?null_text=NA" as {month: int, carrier: string, origin: string, dest: string,'
    " flight: int, arr_delay: float?, dep_delay: float?, time_hour: timestamp} time time_hour"
)

QUESTIONS = {
    # The delay of each carrier on each day.
    "aggregate flights = count(), delay = sum(arr_delay), worst = max(dep_delay) by carrier"
    " over tumbling 1d | set day = date(window.start) | drop window | sort day, carrier": """
        SELECT carrier, count(*), sum(arr_delay), max(dep_delay),
               strftime(time_hour, '%Y-%m-%d') AS date
        FROM flights GROUP BY carrier, date ORDER BY date, carrier
    """,
    # Flights in the six hours up to each third hour.
    "filter carrier == 'HA' | aggregate n = count(), d = sum(dep_delay)"
    " over sliding 6h every 3h | select till = string(window.end), n, d | sort till": """
        WITH ends AS (
            SELECT time_bucket(INTERVAL 3 HOURS, time_hour, TIMESTAMP '1970-01-01')
                   + to_hours(h) AS till, dep_delay
            FROM flights, (VALUES (3), (6)) AS hours(h) WHERE carrier = 'HA'
        )
        SELECT strftime(till, '%Y-%m-%dT%H:%M:%SZ') AS t, count(*), sum(dep_delay)
        FROM ends GROUP BY t ORDER BY t
    """,
    # The ten worst routes of every month: thirty days of the clock, so that windows are fixed.
    "aggregate delay = sum(arr_delay), n = count() by origin, dest over tumbling 30d"
    " | filter delay is not null | set days = window.end | drop window"
    " | top 10 delay desc, origin, dest by days as place | set days = string(days)"
    " | sort days, place": """
        WITH months AS (
            SELECT origin, dest, sum(arr_delay) AS delay, count(*) AS n,
                   time_bucket(INTERVAL 30 DAYS, time_hour, TIMESTAMP '1970-01-01')
                   + INTERVAL 30 DAYS AS days
            FROM flights GROUP BY ALL HAVING delay IS NOT NULL
        ), ranked AS (
            SELECT *, row_number() OVER (
                PARTITION BY days ORDER BY delay DESC, origin, dest) AS place
            FROM months
        )
        SELECT origin, dest, delay, n, strftime(days, '%Y-%m-%dT%H:%M:%SZ') AS days, place
        FROM ranked WHERE place <= 10 ORDER BY days, place
    """,
    # The same with windows of `top` itself.
    "filter arr_delay is not null | top 10 arr_delay desc, carrier, flight, time_hour, origin"
    " over tumbling 30d as place"
    " | select till = string(window.end), place, carrier, flight, arr_delay | sort till, place": """
        WITH ranked AS (
            SELECT *, time_bucket(INTERVAL 30 DAYS, time_hour, TIMESTAMP '1970-01-01')
                      + INTERVAL 30 DAYS AS till,
                   row_number() OVER (PARTITION BY till
                       ORDER BY arr_delay DESC, carrier, flight, time_hour, origin) AS place
            FROM flights WHERE arr_delay IS NOT NULL
        )
        SELECT strftime(till, '%Y-%m-%dT%H:%M:%SZ') AS t, place, carrier, flight, arr_delay
        FROM ranked WHERE place <= 10 ORDER BY t, place
    """,
    # Days on which each carrier served each route: sessions of flights less than two days apart.
    "filter carrier == 'OO' | aggregate n = count() by dest over session 2d"
    " | select dest, begin = string(window.start), n | sort dest, begin": """
        WITH gaps AS (
            SELECT dest, time_hour, coalesce(time_hour - lag(time_hour) OVER (
                PARTITION BY dest ORDER BY time_hour) >= INTERVAL 2 DAYS, true) AS breaks
            FROM flights WHERE carrier = 'OO'
        ), numbered AS (
            SELECT dest, time_hour, sum(breaks::INT) OVER (
                PARTITION BY dest ORDER BY time_hour) AS session
            FROM gaps
        )
        SELECT dest, strftime(min(time_hour), '%Y-%m-%dT%H:%M:%SZ') AS b, count(*)
        FROM numbered GROUP BY dest, session ORDER BY dest, b
    """,
    # One flight of each number, carrier and origin.
    "dedupe by carrier, flight, origin | aggregate n = count() by carrier | sort carrier": """
        SELECT carrier, count(DISTINCT (flight, origin)) FROM flights
        GROUP BY carrier ORDER BY carrier
    """,
}


@pytest.fixture(scope="module")
def flights() -> Path:
    try:
        return fetch()
    except FetchError as error:
        pytest.skip(f"{error}; to fetch the data: python tests/real/fetch_flights.py")


@pytest.mark.parametrize("stages", QUESTIONS, ids=range(len(QUESTIONS)))
def test_the_answers_are_duckdbs(
    stages: str, flights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flights.csv").symlink_to(flights)
    got = ran(f"{SOURCE} | {stages} | out.jsonl", tmp_path)
    with duckdb.connect() as base:
        read = base.read_csv(str(flights), na_values="NA", sample_size=-1)
        read.create_view("read")
        base.execute(
            "CREATE VIEW flights AS SELECT * REPLACE (time_hour::TIMESTAMP AS time_hour) FROM read"
        )
        expected: list[Any] = base.execute(QUESTIONS[stages]).fetchall()
    assert len(expected) > 3
    assert not got.dead
    assert [tuple(row.values()) for row in got.rows] == [
        tuple(json.loads(json.dumps(value)) for value in row) for row in expected
    ]
