"""``map``: presence, nesting, facts, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, ran, request

from flowc import compile as road
from flowc.model.graph import TypedPipeline


def typed(text: str, folder: Path) -> TypedPipeline:
    checked = road.check(request(text, folder))
    assert checked.ok, checked.diagnostics
    return checked.typed[0]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_field_goes_on_absent_where_it_is_absent(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":1}\n{"a":2,"b":null}\n{"a":3,"b":"x"}\n')
    source = "in.jsonl as {a: int, b?: string?}"
    got = ran(f"{source} | map n = a, m = b | out.jsonl", tmp_path)
    assert got.rows == [{"n": 1}, {"n": 2, "m": None}, {"n": 3, "m": "x"}]


def test_a_path_through_null_gives_null(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":{"b":1}}\n{"a":null}\n')
    got = ran("in.jsonl as {a: {b: int}?} | map n = a.b, r = {k: a.b} | out.jsonl", tmp_path)
    assert got.rows == [{"n": 1, "r": {"k": 1}}, {"n": None, "r": {"k": None}}]


def test_an_item_that_fails_makes_its_record_dead(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":"1"}\n{"a":"x"}\n')
    got = ran("in.jsonl | map n = int(a) | out.jsonl", tmp_path)
    assert got.rows == [{"n": 1}]
    assert [letter["node"] for letter in got.dead] == ["map"]


def test_keys_and_clock_go_on_under_their_new_names(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("")
    source = "in.jsonl as {id: int, at: timestamp} key id time at"
    facts = typed(f"{source} | map k = id, seen = at | out.jsonl", tmp_path).types["map"].facts
    assert facts.keys == {("k",)}
    assert facts.time is not None
    assert (facts.time.field, facts.time.kept) == (("seen",), True)
    facts = typed(f"{source} | map k = id + 1 | out.jsonl", tmp_path).types["map"].facts
    assert facts.keys == frozenset()
    assert facts.time is not None
    assert not facts.time.kept


def test_only_what_is_mapped_is_read(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("")
    source = "in.jsonl as {a: {b: int, c: int}, d: string}"
    types = typed(f"{source} | map n = a.b | out.jsonl", tmp_path).types
    assert types["in"].used == {("a", "b")}


def test_a_map_of_yaml(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":1,"b":2}\n')
    text = 'source: in.jsonl\nprocess:\n  - map: {"odd name": a + b, b: b}\nsink: out.jsonl\n'
    assert ran(text, tmp_path, name="p.yaml").rows == [{"odd name": 3, "b": 2}]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("map x.y = a", ["FC0361"]),
        ("map a = a, a = 1", ["FC0331"]),
        ("map a", ["FC0224"]),
        ("map n = nope", ["FC0302"]),
    ],
)
def test_refused(stage: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("")
    assert codes(f"in.jsonl as {{a: int}} | {stage} | out.jsonl", tmp_path) == expected
