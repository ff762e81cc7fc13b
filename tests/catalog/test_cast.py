"""Json to lists, maps and records: what converts, what is dead, what never can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flowing import codes, ran


@pytest.mark.parametrize(
    ("have", "want", "given", "gives"),
    [
        ("json", "list<int>", [[1, 2], [], None, "no", [1, "2"], 1], [[1, 2], [], None]),
        ("json", "list<json>", [[1, "a", None], {}, 3], [[1, "a", None]]),
        ("json", "map<float>", [{"a": 1.5}, {}, [], {"a": "b"}], [{"a": 1.5}, {}]),
        (
            "json",
            "{a: int?, b?: string}",
            [{"a": None}, {"a": 1, "c": 2}, {"b": ""}],
            [{"a": None}, {"a": 1}],
        ),
        (
            "json",
            "{d: decimal, t: date}",
            [{"d": 0.1, "t": "2024-01-31"}, {"d": "x", "t": ""}],
            [{"d": 0.1, "t": "2024-01-31"}],
        ),
        (
            "json",
            "list<{a: list<int32>}>",
            [[{"a": [1]}], [{"a": [3_000_000_000]}]],
            [[{"a": [1]}]],
        ),
        ("list<json>", "list<string>", [["a"], ["a", 1]], [["a"]]),
        ("map<json>", "{a: int}", [{"a": 1, "b": 2}, {"b": 2}], [{"a": 1}]),
        (
            "{a: json, b: int}",
            "{a: int, b: int}",
            [{"a": 1, "b": 2}, {"a": "x", "b": 2}],
            [{"a": 1, "b": 2}],
        ),
        ("{a: int, b: string}", "map<json>", [{"a": 1, "b": "x"}], [{"a": 1, "b": "x"}]),
    ],
)
def test_what_holds_json_is_read_as_a_type(
    have: str,
    want: str,
    given: list[Any],
    gives: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"x": one}) + "\n" for one in given))
    got = ran(f"in.jsonl as {{x: {have}}} | cast x as {want} | out.jsonl", tmp_path)
    assert [row["x"] for row in got.rows] == gives
    assert {letter["error"] for letter in got.dead} <= {"ConversionError"}
    assert len(got.rows) + len(got.dead) == len(given)


def test_the_type_is_known_behind(tmp_path: Path) -> None:
    line = "in.jsonl as {x: json} | cast x as {a: list<int>} | "
    assert codes(line + "filter length(x.a) > 1 | out.jsonl", tmp_path, strict=True) == ["FC0312"]
    assert codes(line + "select b = x.b | out.jsonl", tmp_path) == ["FC0302"]


@pytest.mark.parametrize(
    ("have", "want"),
    [
        ("int", "list<int>"),
        ("string", "list<int>"),
        ("list<string>", "list<int>"),
        ("json", "{a: int, ...}"),
        ("list<int>", "map<int>"),
    ],
)
def test_what_never_converts(have: str, want: str, tmp_path: Path) -> None:
    line = f"in.jsonl as {{x: {have}}} | cast x as {want} | out.jsonl"
    assert codes(line, tmp_path) == ["FC0322"]
