"""`expect`: what is judged, what is published, and what is said."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flowing import codes, ran, request

from flowc import compile as road
from flowc_runtime.engine import RunOptions
from flowc_runtime.records import Int64
from flowc_runtime.state.expect import Expectations
from flowc_runtime.tally import Receipt

ROWS = [
    {"id": 1, "day": 1, "amount": 5.5, "name": "a"},
    {"id": 2, "day": 1, "amount": None, "name": "b"},
    {"id": 2, "day": 2, "amount": 7.5, "name": None},
    {"id": 3, "day": 2, "amount": 0.0, "name": None},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "none.jsonl").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        ("unique(id)", "`unique(id)` does not hold: 2 more than once"),
        ("unique(name)", "`unique(name)` does not hold: null more than once"),
        ("unique(day)", "`unique(day)` does not hold: 1, 2 more than once"),
        ("unique(id, day)", ""),
        ("unique(id) where day == 1", ""),
        ("unique(lower(name)) where name != null", ""),
        ("count() > 4", "`count() > 4` does not hold: count() is 4"),
        ("count() == 2 where day == 2", ""),
        (
            "count() == 1 where day == 2",
            "`count() == 1 where day == 2` does not hold: count() where day == 2 is 2",
        ),
        ("max(amount) < 8 and min(amount) >= 0", ""),
        ("max(name) == 'b'", ""),
        ("first(name) == 'b'", "`first(name) == 'b'` does not hold: first(name) is 'a'"),
        ("avg(amount) > 5", "avg(amount) is 4.333333333333333"),
        # Null is not true.
        ("sum(amount) > 1 where id > 9", "sum(amount) where id > 9 is null"),
        ("1 / count() > 0 where id > 9", "cannot be computed: division by zero"),
        ("not (unique(id) and count() > 0)", ""),
        ("if count() > 3 then unique(id) else true", "2 more than once"),
    ],
)
def test_what_holds_passes_and_what_does_not_is_said(expected: str, why: str, folder: Path) -> None:
    line = f"in.jsonl | expect {expected} | out.jsonl"
    got = ran(line, folder)
    if not why:
        assert got.result.diagnosis is None, got.result.diagnosis
        assert got.rows == ROWS
        return
    assert got.result.exit_code == 1
    assert got.result.diagnosis is not None
    assert got.result.diagnosis.code == "FC0823"
    assert why in got.result.diagnosis.why
    assert not Path("out.jsonl").exists()
    assert len(Path("out.jsonl.partial").read_text().splitlines()) == len(ROWS)


def test_all_expectations_of_a_run_are_judged(folder: Path) -> None:
    got = ran(
        "in.jsonl | expect unique(id), count() > 9 | filter id > 9 | expect count() > 0 | out.jsonl",
        folder,
    )
    assert got.result.diagnosis is not None
    assert got.result.diagnosis.message == "3 expectations do not hold"
    assert got.result.accounts.imbalances() == []


def test_no_records_are_judged_too(folder: Path) -> None:
    got = ran("none.jsonl as {id: int} | expect count() > 0, unique(id) | out.jsonl", folder)
    assert got.result.diagnosis is not None
    assert "count() is 0" in got.result.diagnosis.why
    assert "unique" not in got.result.diagnosis.why


def test_tables_are_left_as_they_were(folder: Path) -> None:
    with sqlite3.connect("kept.db") as base:
        base.execute("CREATE TABLE t (id INTEGER, day INTEGER, amount REAL, name TEXT)")
        base.execute("INSERT INTO t VALUES (0, 0, 0, '')")
    base.close()
    tee = "tee { sqlite://kept.db/t; sqlite://kept.db/new; out.jsonl }"
    got = ran(f"in.jsonl | expect unique(id) | {tee}", folder)
    assert got.result.exit_code == 1
    with sqlite3.connect("kept.db") as base:
        assert base.execute("SELECT count(*) FROM t").fetchall() == [(1,)]
        assert base.execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]
    base.close()
    got = ran(f"in.jsonl | expect count() == 4 | {tee}", folder)
    assert got.result.exit_code == 0
    with sqlite3.connect("kept.db") as base:
        assert base.execute("SELECT count(*) FROM t").fetchall() == [(5,)]
        assert base.execute("SELECT count(*) FROM new").fetchall() == [(4,)]
    base.close()


def test_the_whole_is_judged_though_nothing_more_is_wanted(folder: Path) -> None:
    got = ran("in.jsonl | expect count() == 4 | limit 1 | out.jsonl", folder)
    assert got.result.exit_code == 0
    assert got.rows == ROWS[:1]


def test_what_is_judged_is_what_was_read(folder: Path) -> None:
    line = "in.jsonl | expect count() == 2 | out.jsonl"
    assert ran(line, folder, options=RunOptions(limit=2)).result.exit_code == 0
    assert ran(line, folder, options=RunOptions(dry_run=True)).result.exit_code == 1


def test_a_record_whose_argument_fails_is_dead(folder: Path) -> None:
    got = ran("in.jsonl | expect sum(1 / amount) > 0 | out.jsonl", folder)
    assert [letter["error"] for letter in got.dead] == ["ZeroDivisionError"]
    assert got.result.exit_code == 0
    assert got.rows == ROWS[:3]


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("expect id > 0", "FC0349"),
        ("expect 1 > 0", "FC0349"),
        ("expect unique()", "FC0349"),
        ("expect count() > id", "FC0349"),
        ("expect count()", "FC0301"),
        ("expect sum(name) > 1", "FC0381"),
        ("expect mean(amount) > 1", "FC0380"),
        ("expect cuont() > 1", "FC0380"),
        ("expect unique(idd)", "FC0302"),
        ("expect count() > 'a'", "FC0306"),
    ],
)
def test_what_cannot_be_expected(stage: str, code: str, folder: Path) -> None:
    found = codes(f"in.jsonl | {stage} | out.jsonl", folder)
    assert found == [code]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("uniq(id)", "unique(id)"),
        ("not uniq(id) or count() > 0", "not unique(id) or count() > 0"),
        ("distinct(id, day)", "unique(id, day)"),
        ("is_unique(id)", "unique(id)"),
        ("uniqe(id)", "unique(id)"),
        ("uniq(id) > 2", "count_distinct(id) > 2"),
        ("average(amount) > 1", "avg(amount) > 1"),
        ("coutn() > 1", "count() > 1"),
    ],
)
def test_what_is_meant_is_said(written: str, meant: str, folder: Path) -> None:
    text = f"in.jsonl | expect {written} | out.jsonl"
    (found,) = road.check(request(text, folder)).diagnostics
    assert found.code.id == "FC0380"
    ((edit,),) = (fix.edits for fix in found.fixes)
    start = edit.span.start
    assert text[:start] + edit.text + text[edit.span.end :] == text.replace(written, meant)


def test_an_endless_stream_has_no_whole(folder: Path) -> None:
    line = '"-?endless=true" as {id: int} | expect unique(id) | out.jsonl'
    assert codes(line, folder) == ["FC0410"]


def test_yaml(folder: Path) -> None:
    for stage in ("expect: unique(id), count() == 4", "expect: [unique(id), count() == 4]"):
        text = f"source: in.jsonl\nprocess:\n  - {stage}\nsink: out.jsonl\n"
        got = ran(text, folder, name="p.yaml")
        assert got.result.diagnosis is not None
        assert got.result.diagnosis.message == "an expectation does not hold"


class Row(msgspec.Struct):
    id: Int64


class Found(msgspec.Struct):
    again: list[Int64]
    n: Int64


def test_saved_halfway_it_finds_the_same() -> None:
    def holds(found: list[Any], tally: object) -> list[Any]:
        return [one for one in found if not one.again and one.n == 7]

    def state() -> Expectations:
        functions = (("repeats", "id", None), ("count", None, None))
        return Expectations(Row, Found, (holds,), functions, (("all", ("again", "n")),))

    rows = [Row(id) for id in (1, 2, 1, 3, 2, 2, 4)]
    for cut in range(len(rows) + 1):
        first, second, receipt = state(), state(), Receipt()
        assert first.apply(rows[:cut], receipt) == rows[:cut]
        second.restore(json.loads(json.dumps(first.save())))
        second.apply(rows[cut:], receipt)
        assert second.finish(receipt) == []
        assert receipt.failures == ["`all` does not hold: 1, 2 more than once, n is 7"]


# Windows

TIMED = [(1, 0), (1, 30), (2, 180), (3, 40), (4, 190), (5, 300)]


def lay_timed(folder: Path) -> str:
    rows = [{"id": id, "t": f"2024-01-01T{m // 60:02}:{m % 60:02}:00Z"} for id, m in TIMED]
    (folder / "timed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "timed.jsonl as {id: int, t: timestamp} time t lag 1m"


def test_what_a_window_lacks_goes_to_the_dead_letter(folder: Path) -> None:
    source = lay_timed(folder)
    got = ran(f"{source} | expect unique(id), count() > 1 over tumbling 1h | out.jsonl", folder)
    assert got.result.exit_code == 0
    assert [row["id"] for row in got.rows] == [1, 1, 2, 4, 5]
    assert [(one["error"], one["message"]) for one in got.dead] == [
        ("ValidationError", "`unique(id)` does not hold: 1 more than once"),
        ("LateError", "2024-01-01T00:40:00+00:00 is in a closed window"),
        ("ValidationError", "`count() > 1` does not hold: count() is 1"),
    ]
    assert got.dead[0]["record"]["window"]["start"] == "2024-01-01T00:00:00Z"
    assert got.result.accounts.imbalances() == []
    got = ran(
        f"{source} | expect count() > 0 over sliding 1h every 30m | limit 1 | out.jsonl", folder
    )
    assert len(got.rows) == 1


def test_windows_in_yaml(folder: Path) -> None:
    lay_timed(folder)
    text = (
        "source: {file: timed.jsonl, schema: '{id: int, t: timestamp}', time: t}\n"
        "process:\n  - expect: {conditions: count() > 2, over: session 1h}\n"
        "sink: out.jsonl\n"
    )
    got = ran(text, folder, name="p.yaml")
    assert [letter["record"]["count()"] for letter in got.dead] == [2, 1]


def test_a_window_needs_a_clock(folder: Path) -> None:
    assert codes("in.jsonl | expect count() > 1 over tumbling 1h | out.jsonl", folder)
    endless = '"-?endless=true" as {t: timestamp} time t lag 1m'
    assert codes(f"{endless} | expect count() > 1 over tumbling 1h | out.jsonl", folder) == []
