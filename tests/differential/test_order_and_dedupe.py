"""Sort, top and dedupe of generated data, asked of DuckDB too."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flowing import codes, ran, request

from flowc import compile as road


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chance = random.Random(11)
    with (tmp_path / "in.jsonl").open("w") as file:
        for id in range(3_000):
            row = {
                "id": id,
                "kind": chance.choice(["a", "B", "c", None]),
                "price": chance.choice([None, *range(40)]),
                "at": {"x": chance.randrange(9)},
            }
            file.write(json.dumps(row) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


QUESTIONS = {
    "sort price desc, lower(kind) nulls first | select id": (
        "SELECT id FROM t ORDER BY price DESC NULLS LAST, lower(kind) NULLS FIRST, id"
    ),
    "sort at.x desc nulls first, kind | drop price, kind | select x = at.x, id": (
        "SELECT t.at.x, id FROM t ORDER BY 1 DESC, kind NULLS LAST, id"
    ),
    "top 3 price desc, id by kind as place | select id, place": (
        "SELECT id, p FROM (SELECT *, row_number() OVER w AS p, min(id) OVER (PARTITION BY kind) m"
        " FROM t WINDOW w AS (PARTITION BY kind ORDER BY price DESC NULLS LAST, id))"
        " WHERE p <= 3 ORDER BY m, p"
    ),
    "top 3 price desc by up = upper(kind) ties as place | select id, place": (
        "SELECT id, p FROM (SELECT *, rank() OVER w AS p, min(id) OVER (PARTITION BY kind) m"
        " FROM t WINDOW w AS (PARTITION BY kind ORDER BY price DESC NULLS LAST))"
        " WHERE p <= 3 ORDER BY m, p, id"
    ),
    "dedupe by kind, at.x | select id": (
        "SELECT min(id) FROM t GROUP BY kind, t.at.x ORDER BY min(id)"
    ),
    "dedupe by kind, price % 7 as r keep last | select id": (
        "SELECT max(id) FROM t GROUP BY kind, price % 7 ORDER BY max(id)"
    ),
    "select kind, price | dedupe | select price": (
        "SELECT price FROM t GROUP BY kind, price ORDER BY min(id)"
    ),
}


@pytest.mark.parametrize("stages", QUESTIONS)
def test_the_answers_are_duckdbs(stages: str, folder: Path) -> None:
    got = ran(f"in.jsonl | {stages} | out.jsonl", folder)
    with duckdb.connect() as base:
        base.execute(f"CREATE TABLE t AS SELECT * FROM '{folder}/in.jsonl'")  # noqa: S608
        expected: list[Any] = base.execute(QUESTIONS[stages]).fetchall()
    assert len(expected) > 2
    assert [tuple(row.values()) for row in got.rows] == expected


@pytest.mark.parametrize("stage", ["sort a", "top 1 a", "dedupe by a keep last"])
def test_what_waits_for_the_end_refuses_endless_inputs(stage: str, tmp_path: Path) -> None:
    assert codes(f"-?endless=true as {{a: int}} | {stage} | out.jsonl", tmp_path) == ["FC0410"]


@pytest.mark.parametrize("strict", [False, True])
def test_memory_that_grows_for_ever_is_an_error(strict: bool, tmp_path: Path) -> None:
    line = "-?endless=true as {a: int} | dedupe by a | out.jsonl"
    found = road.check(request(line, tmp_path, strict=strict)).diagnostics
    assert [(one.code.id, one.is_error) for one in found] == [("FC0410", True)]


def test_keys_with_few_values_do_not_grow(tmp_path: Path) -> None:
    assert codes("-?endless=true as {a: bool} | dedupe by a | out.jsonl", tmp_path) == []
