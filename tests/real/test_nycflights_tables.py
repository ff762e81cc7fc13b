"""Real flights with their airports and airlines looked up: the same rows as DuckDB's joins give."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from fetch_flights import FetchError, fetch
from test_nycflights import ask_table, assert_same, run_flowc

DELAYS = """\
let airports = airports.csv key faa
let airlines = airlines.csv key carrier
"flights.csv?null_text=NA"
  | lookup airports as to on dest == to.faa
  | join airlines as line on carrier
  | aggregate flights = count(), delayed = count(arr_delay), delay = sum(arr_delay),
      high = max(to.alt), north = sum(float(to.lat))
      by airline = line.name, zone = to.tzone
  | sqlite://out.db/delays
"""
OF_DELAYS = """
    SELECT l.name, a.tzone, count(*), count(arr_delay), sum(arr_delay), max(a.alt), sum(a.lat)
    FROM flights f LEFT JOIN airports a ON f.dest = a.faa JOIN airlines l ON f.carrier = l.carrier
    GROUP BY ALL ORDER BY 1, 2 NULLS LAST
"""
# Each flight beside those that left the same airport for the same place at its planned time.
PAIRS = """\
let flights = "flights.csv?null_text=NA" | filter month == 1 and day <= 3
flights
  | join flights as other on origin == other.origin and time_hour == other.time_hour
      and dest == other.dest and flight < other.flight all
  | select day, flight, second = other.flight, delay = dep_delay - other.dep_delay
  | sqlite://out.db/pairs
"""
OF_PAIRS = """
    SELECT f.day, f.flight, o.flight, f.dep_delay - o.dep_delay
    FROM flights f JOIN flights o ON f.origin = o.origin AND f.time_hour = o.time_hour
        AND f.dest = o.dest AND f.flight < o.flight
    WHERE f.month = 1 AND f.day <= 3 AND o.month = 1 AND o.day <= 3 ORDER BY ALL
"""
CASES = {
    "delays": (DELAYS, "SELECT * FROM delays ORDER BY airline, zone NULLS LAST", OF_DELAYS),
    "pairs": (PAIRS, "SELECT * FROM pairs ORDER BY 1, 2, 3, 4 NULLS LAST", OF_PAIRS),
}


@pytest.fixture(scope="session")
def folder_of_files() -> list[Path]:
    try:
        return [fetch(name) for name in ("flights.csv", "airports.csv", "airlines.csv")]
    except FetchError as error:
        pytest.skip(f"{error}; to fetch the data: python tests/real/fetch_flights.py")


@pytest.mark.parametrize("name", CASES)
def test_what_is_found_is_what_a_database_joins(
    name: str, folder_of_files: list[Path], tmp_path: Path
) -> None:
    text, of_table, of_csv = CASES[name]
    for file in folder_of_files:
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / f"{name}.flow").write_text(text)
    run_flowc(tmp_path, f"{name}.flow")
    with duckdb.connect() as connection:
        for file in folder_of_files:
            read = connection.read_csv(str(file), na_values="NA", sample_size=-1)
            read.create_view(file.stem)
        expected = connection.execute(of_csv).fetchall()
    assert len(expected) > 40
    assert_same(ask_table(tmp_path / "out.db", of_table), expected)
