"""Windows over several streams: one question of files, in any order of them, run and built."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from flowing import Ran, codes, lines, ran, request

from flowc import compile as road
from flowc_runtime.engine import RunOptions
from tests.targets.projects import write

TYPE = "as {id: int, at: timestamp}"
WINDOWS = {
    "tumbling": "aggregate n = count(), first = min(id) over tumbling 5s",
    "sliding": "top 1 id desc over sliding 10s every 5s | select id, window",
    "session": "aggregate n = count(), last = max(id) by odd = id % 2 over session 3s",
    "dedupe": "dedupe by source = id % 3, part = id // 9 within 20s",
    "dedupe-last": "dedupe by source = id % 3, part = id // 9 within 20s keep last",
    "filtered": "filter id % 3 > 0 | aggregate n = count() over tumbling 5s late 1s",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three files whose records come at most three seconds late, and one that is empty."""
    chance = random.Random(5)
    for number, name in enumerate("abc"):
        with (tmp_path / f"{name}.jsonl").open("w") as file:
            for n in range(200):
                second = max(0, n // (number + 1) + chance.randrange(4))
                at = f"2024-01-01T00:{second // 60:02}:{second % 60:02}Z"
                file.write(json.dumps({"id": 3 * n + number, "at": at}) + "\n")
    (tmp_path / "none.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(names: str, clock: str, stages: str, folder: Path) -> Ran:
    sources = ", ".join(f"{name}.jsonl {TYPE} time {clock}" for name in names.split())
    return ran(f"{{ {sources} }} | {stages} | out.jsonl", folder)


@pytest.mark.parametrize("stages", WINDOWS.values(), ids=WINDOWS)
def test_the_order_of_the_sources_changes_nothing(stages: str, folder: Path) -> None:
    answers = []
    for names in permutations(["a", "b", "c", "none"]):
        got = asked(" ".join(names), "at lag 3s", stages, folder)
        assert got.dead == []
        answers.append([*map(json.dumps, got.rows)])
    assert len(answers[0]) > 5
    assert all(sorted(answer) == sorted(answers[0]) for answer in answers)


@pytest.mark.parametrize("name", ["tumbling", "sliding", "session", "filtered"])
def test_the_windows_are_those_of_one_sorted_file(name: str, folder: Path) -> None:
    got = asked("a b c", "at lag 3s", WINDOWS[name], folder)
    together = [row for file in "abc" for row in lines(folder / f"{file}.jsonl")]
    together.sort(key=lambda row: row["at"])
    (folder / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in together))
    one = ran(f"all.jsonl {TYPE} time at | {WINDOWS[name]} | out.jsonl", folder)
    assert sorted(map(json.dumps, got.rows)) == sorted(map(json.dumps, one.rows))


def test_yaml_reads_the_same(folder: Path) -> None:
    text = f"""
sources:
  - {{file: a.jsonl, schema: "{TYPE[3:]}", time: at lag 3s}}
  - {{file: b.jsonl, schema: "{TYPE[3:]}", time: at lag 5s}}
process: {WINDOWS["tumbling"]}
sink: out.jsonl
"""
    got = ran(text, folder, name="p.yaml")
    (folder / "out.jsonl").unlink()
    sources = f"{{ a.jsonl {TYPE} time at lag 3s, b.jsonl {TYPE} time at lag 5s }}"
    assert got.rows == ran(f"{sources} | {WINDOWS['tumbling']} | out.jsonl", folder).rows
    assert len(got.rows) > 5


def test_what_is_behind_its_own_stream_is_late_in_any_order(folder: Path) -> None:
    late = []
    for names in ("a b c", "c a b"):
        late.append(asked(names, "at lag 1s", WINDOWS["tumbling"], folder))
        Path(late[-1].result.dead_letter_path).unlink()
    records = [sorted(map(record_of, got.dead)) for got in late]
    assert records[0] == records[1]
    assert {one["error"] for one in late[0].dead} == {"LateError"}
    assert late[0].result.accounts["aggregate"].received == 600


def record_of(letter: dict[str, Any]) -> str:
    """The record of a dead letter: as it was read, or as it is, where it had to wait."""
    return json.dumps(letter.get("record") or json.loads(letter["original"]))


def test_bounded_streams_without_a_lag_sort_nothing_out(folder: Path) -> None:
    got = asked("a b c", "at", WINDOWS["tumbling"], folder)
    assert sum(row["n"] for row in got.rows) == 600


@pytest.mark.parametrize("size", [1, 7, 600])
def test_a_limit_stops_each_source(size: int, folder: Path) -> None:
    text = f"{{ a.jsonl {TYPE} time at lag 3s, b.jsonl {TYPE} time at lag 3s }} | {WINDOWS['tumbling']}"
    got = ran(f"{text} | out.jsonl", folder, options=RunOptions(limit=size))
    assert got.result.accounts["aggregate"].received == 2 * min(size, 200)


def test_the_built_project_does_the_same(folder: Path) -> None:
    sources = (
        f"a.jsonl {TYPE} time at lag 1s, b.jsonl {TYPE} time at lag 2s idle 1m, "
        f"c.jsonl as {{id: int32, at: timestamp}} time at lag 1s"
    )
    text = f"{{ {sources} }} | filter id > 3 | {WINDOWS['session']} | out.jsonl"
    got = ran(text, folder)
    emitted = road.emit(request(text, folder), formatted=True)
    (fileset,) = emitted.filesets.values()
    write(fileset, folder / "project")
    (folder / "out.jsonl").unlink()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder / "project" / "src")}
    for command, where in (
        ([fileset.package], folder),
        (["pytest", "-q", "-p", "no:cacheprovider"], folder / "project"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=where, env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert lines(folder / "out.jsonl") == got.rows
    assert len(got.rows) > 5


ENDLESS = "-?endless=true"


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        (f"{{ a.jsonl {TYPE} time at, {ENDLESS} {TYPE} time at idle 1m }}", []),
        (f"{{ a.jsonl {TYPE} time at lag 1s, b.jsonl {TYPE} }}", ["FC0424"]),
        (
            "{ a.jsonl as {id: int, at: timestamp, t: timestamp} time at, "
            "b.jsonl as {id: int, at: timestamp, t: timestamp} time t }",
            ["FC0424"],
        ),
        (f"{{ a.jsonl {TYPE}, b.jsonl {TYPE} }}", ["FC0385"]),
    ],
)
def test_clocks_must_agree(chain: str, found: list[str], folder: Path) -> None:
    assert codes(f"{chain} | aggregate n = count() over tumbling 1h | out.jsonl", folder) == found


def test_clocks_that_nobody_waits_for_hold_nothing(folder: Path) -> None:
    """Records go on as they are read where no window stands behind the merge."""
    got = asked("a b", "at lag 3s", "select id", folder)
    assert [row["id"] for row in got.rows] == [3 * n for n in range(200)] + [
        3 * n + 1 for n in range(200)
    ]


def test_what_waits_is_printed(folder: Path) -> None:
    text = f"{{ a.jsonl {TYPE} time at, {ENDLESS} {TYPE} time at }} | {WINDOWS['tumbling']} | out.jsonl"
    checked = road.check(request(text, folder))
    (typed,) = checked.typed
    held = [str(one) for one in typed.types["aggregate"].held]
    assert held[0] == ("the records that are ahead of another stream, let go once that is as far")
    assert "closed at its end" in held[1]
