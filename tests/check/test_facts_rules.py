"""The rules that read facts: dead branches, unused columns, keys that differ from run to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, request

from flowc import compile as road

TYPE = (
    '{id: int, n: int?, f: float, b: bool, status: enum("open", "done"), s: string?, u: uint32,'
    " at: timestamp, pay: union<kind: card = {amount: int}, cash = {amount: int, till: int}>}"
)


def warnings(stages: str, folder: Path) -> list[str]:
    found = road.check(request(f"in.jsonl as {TYPE} | {stages} | out.jsonl", folder))
    return [f"{d.code.id} {d.span.text if d.span else ''}" for d in found.diagnostics]


@pytest.mark.parametrize(
    ("stages", "never"),
    [
        ("filter id > 10 and id < 5", "id < 5"),
        ("filter id > 10 | set x = id * 2 | filter id < 5 | sort id", "id < 5"),
        ("filter status == 'open' | filter status == 'done'", "status == 'done'"),
        ("filter status != 'open' and status != 'done'", "status != 'done'"),
        ("route { status == 'open': set x = 1; status == 'open': set x = 2; else: set x = 3 }", "status == 'open'"),
        ("route { id > 100: set x = 1; id > 200: set x = 2; else: set x = 3 }", "id > 200"),
        ("route { b: set x = 1; not b: set x = 2; id > 1: set x = 3 }", "id > 1"),
        ("filter u < 0", "u < 0"),
        ("filter n is null | filter n > 3", "n > 3"),
        ("filter s is not null | filter s is null", "s is null"),
        ("filter pay.kind == 'card' | filter pay.kind == 'cash'", "pay.kind == 'cash'"),
        ("filter id == 1 or (status == 'done' and status == 'open')", "status == 'open'"),
        ("filter b | filter not b", "b"),
        ("filter id in (1, 2) and id == 3", "id == 3"),
        ("filter not (id > 3) and id > 4", "id > 4"),
        ("rename k = id | filter k > 3 | select z = k | filter z < 2", "z < 2"),
        ("filter f > 1.5 | filter f <= 1.5", "f <= 1.5"),
        ("validate id > 0 | filter id == 0", "id == 0"),
        ("aggregate c = count() by status | filter status == 'open' | filter status == 'done'", "status == 'done'"),
        ("filter at > 2024-01-01T00:00Z and at < 2023-01-01T00:00Z", "at < 2023-01-01T00:00Z"),
    ],
)  # fmt: skip
def test_a_test_that_nothing_passes_is_named(stages: str, never: str, tmp_path: Path) -> None:
    assert warnings(stages, tmp_path) == [f"FC0450 {never}"]


@pytest.mark.parametrize(
    "stages",
    [
        "filter id > 3 | filter id > 2",
        "filter id > 5 | set id = 1 | filter id < 3",
        "tee { filter id > 5; filter id < 3 } | filter id > 4",
        "filter n > 3 or n is null | filter n is null",
        "route { status == 'open': set x = 1; status == 'done': set x = 2; else: set x = 3 }",
        "filter id > id or id < id",
        "filter f > 1 | filter f < 1.0000001",
        "filter s == 'open' | filter s != 'done'",
        "filter n != 3 | filter n != 4 and n is not null",
        "filter n is not 3 | filter n is null",
    ],
)
def test_what_may_be_true_is_left_alone(stages: str, tmp_path: Path) -> None:
    assert warnings(stages, tmp_path) == []


def test_the_message_says_what_is_left_and_who_gets_nothing(tmp_path: Path) -> None:
    text = f"in.jsonl as {TYPE} | filter id > 10 | filter id < 5 | sort id | out.jsonl"
    (found,) = road.check(request(text, tmp_path)).diagnostics
    assert "`id` is more than 10 here" in found.message
    assert [label.span.text for label in found.labels] == ["id > 10"]
    assert found.notes == ("so nothing comes to 'sort', 'out'",)
    text = f"in.jsonl as {TYPE} | filter false | sort id | out.jsonl"
    (found,) = road.check(request(text, tmp_path)).diagnostics
    assert found.notes[-1] == "so nothing comes to 'sort', 'out'"


@pytest.mark.parametrize(
    ("stages", "column"),
    [
        ("set x = id * 2 | select id", "x = id * 2"),
        ("set x = id * 2 | drop x", "x = id * 2"),
        ("aggregate c = count(), t = sum(id) by status | drop t", "t = sum(id)"),
        ("map a = id + 1, b = n + 1 | select a", "b = n + 1"),
        ("set x = id | tee { select id | a.jsonl } | select n", "x = id"),
    ],
)
def test_a_column_that_nothing_uses_is_named(stages: str, column: str, tmp_path: Path) -> None:
    assert warnings(stages, tmp_path) == [f"FC0451 {column}"]


@pytest.mark.parametrize(
    "stages",
    [
        "set x = id",
        "set _x = int(s) | drop _x",
        "set x = id | filter x > 3 | drop x",
        "set x = id, y = x * 2 | select y",
        "aggregate c = count() by h = hour(at) | select c",
        "set x = id | tee { select x | a.jsonl } | select id",
        "select id",
    ],
)
def test_a_column_that_something_uses_is_left_alone(stages: str, tmp_path: Path) -> None:
    assert warnings(stages, tmp_path) == []


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("set d = now() | dedupe by d", ["FC0452"]),
        ("set d = now() | set e = string(d) | rename g = e | drop d | sort g | aggregate n = count() by g", ["FC0452"]),
        ("aggregate n = count() by t = now()", ["FC0452"]),
        ("set d = now() | dedupe by id", []),
        ("set at = now() | set at = 2024-01-01T00:00Z | dedupe by at", []),
    ],
)  # fmt: skip
def test_a_key_that_differs_from_run_to_run_is_named(
    stages: str, expected: list[str], tmp_path: Path
) -> None:
    found = codes(f"in.jsonl as {TYPE} | {stages} | out.jsonl", tmp_path)
    assert [code for code in found if code != "FC0451"] == expected


def test_windows_of_different_lengths_do_not_meet_unsaid(tmp_path: Path) -> None:
    def two(first: str, second: str, behind: str = "") -> list[str]:
        text = "".join(
            f"let {name} = {name}.jsonl as {{at: timestamp}} time at"
            f" | aggregate n = count() over tumbling {length}{behind}\n"
            for name, length in (("a", first), ("b", second))
        )
        return codes(f"{text}{{ a, b }} | out.jsonl", tmp_path)

    assert two("1h", "5m") == ["FC0453"]
    assert two("1h", "5m", " | filter n > 1") == ["FC0453"]
    assert two("1h", "1h") == []
    assert two("1h", "5m", " | select n") == []
