"""Groups of generated data, asked of DuckDB too; and the built project gives the same bytes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flowing import codes, ran

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with records of which any value but the id may be null."""
    chance = random.Random(7)

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.15 else value

    with (tmp_path / "in.jsonl").open("w") as file:
        for id in range(4_000):
            row = {
                "id": id,
                "region": maybe(chance.choice(["eu", "us", "ap"])),
                "kind": maybe(chance.randrange(4)),
                "amount": maybe(chance.randrange(-1000, 1000) / 8),
                "count": maybe(chance.randrange(-50, 50)),
                "name": maybe(chance.choice("äbcdef")),
            }
            file.write(json.dumps(row) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as base:
        base.execute(f"CREATE TABLE t AS SELECT * FROM '{folder}/in.jsonl'")  # noqa: S608
        return base.execute(question).fetchall()


def test_every_function_answers_as_duckdb_does(folder: Path) -> None:
    got = ran(
        "in.jsonl | aggregate n = count(), known = count(amount), s = sum(amount), m = avg(count),"
        " least = min(name), most = max(amount), kinds = count_distinct(kind),"
        " big = sum(count) where amount > 0, b = count() where amount > 0"
        " by region, odd = kind % 2 | out.jsonl",
        folder,
    )
    expected = asked(
        folder,
        "SELECT region, kind % 2, count(*), count(amount), sum(amount), avg(count), min(name),"
        " max(amount), count(distinct kind), sum(count) FILTER (amount > 0),"
        " count(*) FILTER (amount > 0) FROM t GROUP BY 1, 2 ORDER BY min(id)",
    )
    assert [tuple(row.values()) for row in got.rows] == expected


def test_all_records_are_one_group_without_keys(folder: Path) -> None:
    got = ran("in.jsonl | aggregate n = count(), m = avg(amount) | out.jsonl", folder)
    assert [tuple(row.values()) for row in got.rows] == asked(
        folder, "SELECT count(*), avg(amount) FROM t"
    )


def test_the_built_project_does_the_same(folder: Path) -> None:
    line = (
        "in.jsonl | filter id > 7 | aggregate n = count(), s = sum(amount), all = collect(name)"
        " by region, kind | filter n > 3 | out.jsonl"
    )
    ran(line, folder)
    expected = (folder / "out.jsonl").read_bytes()
    assert expected
    (folder / "out.jsonl").unlink()
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'runtime'}:dist/src", "PATH": ""}
    for command in (["flowc", "build", line, "-o", "dist"], ["pipeline"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
    assert (folder / "out.jsonl").read_bytes() == expected
    typed = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "src"],
        cwd=folder / "dist",
        env={"MYPYPATH": "src", "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert typed.returncode == 0, typed.stdout


def test_windows_of_time_are_duckdbs_buckets(folder: Path) -> None:
    with (folder / "timed.jsonl").open("w") as file:
        chance = random.Random(3)
        for id in range(2_000):
            at = f"20{chance.randrange(60, 80) % 100:02}-03-01T{chance.randrange(24):02}:59:59Z"
            file.write(json.dumps({"id": id, "kind": chance.choice("ab"), "moment": at}) + "\n")
    got = ran(
        "timed.jsonl as {id: int, kind: string, moment: timestamp} time moment"
        " | aggregate n = count(), s = sum(id) by kind over tumbling 6h"
        " | select from = format_time(window.start, '%Y-%m-%d %H:%M'), kind, n, s"
        " | sort from, kind | out.jsonl",
        folder,
    )
    with duckdb.connect() as base:
        base.execute(
            f"CREATE TABLE w AS SELECT * FROM read_json('{folder}/timed.jsonl',"  # noqa: S608
            " columns = {id: 'BIGINT', kind: 'VARCHAR', moment: 'TIMESTAMP'})"
        )
        expected = base.execute(
            "SELECT strftime(time_bucket(INTERVAL 6 HOURS, moment, TIMESTAMP '1970-01-01'),"
            " '%Y-%m-%d %H:%M') AS f, kind, count(*), sum(id) FROM w"
            " GROUP BY f, kind ORDER BY f, kind"
        ).fetchall()
    assert [tuple(row.values()) for row in got.rows] == expected


def test_late_records_are_dead_letters(folder: Path) -> None:
    times = ["10:00:00", "10:59:00", "11:00:30", "10:30:00", "11:02:00", "10:59:59", "11:01:00"]
    lines = (json.dumps({"t": f"2024-01-01T{time}Z"}) for time in times)
    (folder / "late.jsonl").write_text("\n".join(lines))
    for late, first, dead in (("", 3, 1), (" late 1h", 4, 0)):
        got = ran(
            "late.jsonl as {t: timestamp} time t lag 1m"
            f" | aggregate n = count() over tumbling 1h{late} | out.jsonl",
            folder,
        )
        assert [row["n"] for row in got.rows] == [first, 3]
        assert got.result.dead_letters == dead
        assert {letter["error"] for letter in got.dead} == {"LateError"}


def test_until_is_not_there_yet(tmp_path: Path) -> None:
    line = "in.jsonl as {n: int} | aggregate s = sum(n) until n > 3 | out.jsonl"
    assert codes(line, tmp_path) == ["FC0399"]
