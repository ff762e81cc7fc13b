"""``flatten``: null, absent and deep records, facts, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, ran, request

from flowc import compile as road
from flowc.model.types import Record
from flowc.types.show import show

SOURCE = "in.jsonl as {id: int, a?: {x: int, y?: string, z: {k: int}}?, t: int}"
LINES = (
    '{"id":1,"a":{"x":1,"y":"u","z":{"k":2}},"t":0}\n{"id":2,"a":{"x":2,"z":{"k":3}},"t":0}\n'
    '{"id":3,"a":null,"t":0}\n{"id":4,"t":0}\n'
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text(LINES)


def row_behind(text: str, folder: Path) -> Record:
    checked = road.check(request(text, folder))
    assert checked.ok, checked.diagnostics
    return checked.typed[0].types["flatten"].ports["out"]


def test_null_and_absent_records_give_null(tmp_path: Path) -> None:
    got = ran(f"{SOURCE} | flatten a | out.jsonl", tmp_path)
    assert got.rows == [
        {"id": 1, "a_x": 1, "a_y": "u", "a_z": {"k": 2}, "t": 0},
        {"id": 2, "a_x": 2, "a_y": None, "a_z": {"k": 3}, "t": 0},
        {"id": 3, "a_x": None, "a_y": None, "a_z": None, "t": 0},
        {"id": 4, "a_x": None, "a_y": None, "a_z": None, "t": 0},
    ]
    assert list(got.rows[0]) == ["id", "a_x", "a_y", "a_z", "t"]


def test_what_is_always_there_keeps_its_type_and_presence(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":{"x":1}}\n{"a":{"x":2,"y":"u"}}\n')
    chain = "in.jsonl as {a: {x: int, y?: string}} | flatten a | out.jsonl"
    assert show(row_behind(chain, tmp_path)) == "{a_x: int, a_y?: string}"
    assert ran(chain, tmp_path).rows == [{"a_x": 1}, {"a_x": 2, "a_y": "u"}]


def test_level_by_level(tmp_path: Path) -> None:
    got = ran(f'{SOURCE} | flatten a | flatten a_z with "" | select a_zk | out.jsonl', tmp_path)
    assert got.rows == [{"a_zk": 2}, {"a_zk": 3}, {"a_zk": None}, {"a_zk": None}]


def test_several_records_each_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"b":{"n":1},"i":0,"a":{"n":2}}\n')
    got = ran("in.jsonl | flatten a, b | out.jsonl", tmp_path)
    assert list(got.rows[0].items()) == [("b_n", 1), ("i", 0), ("a_n", 2)]


def test_only_what_is_used_is_read(tmp_path: Path) -> None:
    checked = road.check(request(f"{SOURCE} | flatten a | select a_x | -", tmp_path))
    assert checked.typed[0].types["in"].used == {("a", "x")}


def test_the_clock_goes_on_under_its_new_name(tmp_path: Path) -> None:
    source = "in.jsonl as {a: {at: timestamp}, id: int} key id time a.at"
    checked = road.check(request(f"{source} | flatten a | -", tmp_path))
    facts = checked.typed[0].types["flatten"].facts
    assert facts.keys == {("id",)}
    assert facts.time is not None
    assert (facts.time.field, facts.time.kept) == (("a_at",), True)


def test_yaml(tmp_path: Path) -> None:
    stages = "  - flatten: {fields: a, with: '.'}\n  - select: 'x = `a.x`'"
    text = f"source: '{SOURCE}'\nprocess:\n{stages}\nsink: out.jsonl\n"
    assert [row["x"] for row in ran(text, tmp_path, name="p.yaml").rows] == [1, 2, None, None]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("flatten id", ["FC0365"]),
        ("flatten j", ["FC0365"]),
        ("flatten a.z", ["FC0366"]),
        ('select a = {x: 1, _x: 2}, a_ = {x: 3} | flatten a, a_ with ""', ["FC0364"]),
        ("set a_x = 1 | flatten a", ["FC0364"]),
        ("flatten nope", ["FC0302"]),
    ],
)
def test_refused(stage: str, expected: list[str], tmp_path: Path) -> None:
    source = "in.jsonl as {id: int, j: json, a: {x: int, z: {k: int}}}"
    assert codes(f"{source} | {stage} | out.jsonl", tmp_path) == expected
