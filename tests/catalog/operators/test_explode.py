"""``explode``: null and empty lists, nested ones, the accounts, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, ran, request

from flowc import compile as road

LISTS = (
    '{"id":1,"items":[{"sku":"a","n":2},{"sku":"b","n":0}]}\n'
    '{"id":2,"items":[]}\n{"id":3,"items":null}\n{"id":4}\n'
)
SOURCE = "in.jsonl as {id: int, items?: list<{sku: string, n: int}>?} key id"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text(LISTS)


def test_empty_null_and_absent_lists_are_counted_as_empty(tmp_path: Path) -> None:
    got = ran(f"{SOURCE} | explode items as item | out.jsonl", tmp_path)
    assert got.rows == [
        {"id": 1, "item": {"sku": "a", "n": 2}},
        {"id": 1, "item": {"sku": "b", "n": 0}},
    ]
    account = got.result.accounts["explode"]
    assert (account.received, account.produced, account.dropped) == (4, 1, {"empty": 3})


def test_keep_empty_gives_null(tmp_path: Path) -> None:
    got = ran(f"{SOURCE} | explode items as item keep empty | out.jsonl", tmp_path)
    assert [(row["id"], row["item"] is None) for row in got.rows] == [
        (1, False),
        (1, False),
        (2, True),
        (3, True),
        (4, True),
    ]


def test_items_are_used_behind(tmp_path: Path) -> None:
    chain = f"{SOURCE} | explode items as item keep empty | set n = (item.n ?? 7) * 2"
    got = ran(f"{chain} | select id, n | filter n > 0 | out.jsonl", tmp_path)
    assert [(row["id"], row["n"]) for row in got.rows] == [(1, 4), (2, 14), (3, 14), (4, 14)]


def test_a_list_inside_a_record_stays_and_the_item_comes_last(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":{"b":[1,2]},"z":0}\n')
    got = ran("in.jsonl | explode a.b as x | out.jsonl", tmp_path)
    assert got.rows == [{"a": {"b": [1, 2]}, "z": 0, "x": n} for n in (1, 2)]
    assert list(got.rows[0]) == ["a", "z", "x"]


def test_lists_of_lists_and_null_items(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a":[[1,null],[2]]}\n{"a":[[]]}\n')
    got = ran("in.jsonl | explode a as a | explode a as a | out.jsonl", tmp_path)
    assert got.rows == [{"a": 1}, {"a": None}, {"a": 2}]


def test_a_record_dies_whole_where_a_step_behind_fails_for_one_item(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id":1,"n":[1,0]}\n{"id":2,"n":[5]}\n')
    got = ran("in.jsonl | explode n as k | set q = 10 // k | out.jsonl", tmp_path)
    assert got.rows == [{"id": 2, "k": 5, "q": 2}]
    assert [letter["node"] for letter in got.dead] == ["set"]


def test_keys_end_and_the_list_is_read(tmp_path: Path) -> None:
    checked = road.check(request(f"{SOURCE} | explode items as i | select id | -", tmp_path))
    (typed,) = checked.typed
    assert typed.types["in"].facts.keys == {("id",)}
    assert typed.types["explode"].facts.keys == frozenset()
    assert typed.types["in"].used == {("id",), ("items",)}


@pytest.mark.parametrize("stage", ["explode: items as i", "explode: {i: items}"])
def test_yaml(stage: str, tmp_path: Path) -> None:
    text = f"source: '{SOURCE}'\nprocess:\n  - {stage}\n  - select: i.sku\nsink: out.jsonl\n"
    assert ran(text, tmp_path, name="p.yaml").rows == [{"sku": "a"}, {"sku": "b"}]


def test_yaml_with_keep(tmp_path: Path) -> None:
    stage = "{explode: {items: items as i, keep: empty}}"
    text = f"source: '{SOURCE}'\nprocess: [{stage}]\nsink: out.jsonl\n"
    assert len(ran(text, tmp_path, name="p.yaml").rows) == 5


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("explode id as x", ["FC0363"]),
        ("explode j as x", ["FC0363"]),
        ("explode m as x", ["FC0363"]),
        ("explode [] as x", ["FC0363"]),
        ("explode items as id", ["FC0364"]),
        ("explode items as x, items as y", ["FC0362"]),
        ("explode items", ["FC0224"]),
        ("explode items as x keep all", ["FC0224"]),
        ("explode nope as x", ["FC0302"]),
    ],
)
def test_refused(stage: str, expected: list[str], tmp_path: Path) -> None:
    source = "in.jsonl as {id: int, items: list<int>, j: json, m: map<int>}"
    assert codes(f"{source} | {stage} | out.jsonl", tmp_path) == expected
