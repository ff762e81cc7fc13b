"""A nested field that is absent stays absent, whatever was proven of the records around it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run as call
from typing import Any

import pytest
from flowing import ran, request
from targets.projects import write

from flowc import compile as road

TYPE = "{id: int, a?: {k: int, o?: int, n?: int?}?}"
THERE = '{"id":1,"a":{"k":1,"o":2,"n":null}}\n{"id":2,"a":{"k":1}}\n'
MISSING = THERE + '{"id":3,"a":null}\n{"id":4}\n'
IN_A = {"k": 3, "o": 2, "n": None}

CASES: dict[str, list[Any]] = {
    "filter a != null | set a.k = 3 | select a": [{"a": IN_A}, {"a": {"k": 3}}],
    "filter a.k > 0 | set a.j = 4 | set a.k = 3 | drop a.j | select a": [
        {"a": IN_A},
        {"a": {"k": 3}},
    ],
    "filter a.k > 0 | drop a.k | drop id": [{"a": {"o": 2, "n": None}}, {"a": {}}],
    "filter a != null | flatten a | drop id": [{"a_k": 1, "a_o": 2, "a_n": None}, {"a_k": 1}],
    "filter a != null | select a.o, a.n": [{"o": 2, "n": None}, {}],
    "select id, a.o, m = a.n": [
        {"id": 1, "o": 2, "m": None},
        {"id": 2},
        {"id": 3, "o": None, "m": None},
        {"id": 4},
    ],
    "select id, a.k": [{"id": 1, "k": 1}, {"id": 2, "k": 1}, {"id": 3, "k": None}, {"id": 4}],
    "map o = a.o, id = id | sort id": [
        {"o": 2, "id": 1},
        {"id": 2},
        {"o": None, "id": 3},
        {"id": 4},
    ],
}


@pytest.mark.parametrize("stages", CASES)
def test_absent_stays_absent(stages: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text(MISSING)
    assert ran(f"in.jsonl as {TYPE} | {stages} | out.jsonl", tmp_path).rows == CASES[stages]


def test_what_is_built_is_typed(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": 1}) + "\n")
    packages = []
    for number, stages in enumerate(CASES):
        text = f"in.jsonl as {TYPE} | {stages} | out.jsonl"
        (fileset,) = road.emit(request(text, tmp_path)).filesets.values()
        write(fileset, tmp_path / str(number))
        package = tmp_path / f"{fileset.package}_{number}"
        (tmp_path / str(number) / "src" / fileset.package).rename(package)
        packages.append(package.name)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", *packages]
    done = call(mypy, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
