"""What operators do in a run, the built project does too; its own tests and its types hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flowing import ran

ROOT = Path(__file__).resolve().parents[2]

_LOG = [
    {"id": 1, "line": '2024-01-02 WARN a=1 b="x y"', "cells": "1,ada,", "q": "?a=1&a=2&b"},
    {"id": 2, "line": "nothing", "cells": "x,y,z", "q": "a=z"},
    {"id": 3, "line": "2024-13-02 INFO", "cells": '3,"bob, jr",2.5', "q": ""},
]

PIPELINES = {
    "texts": (
        "parse cells as csv {n: int, name: string, x: float?}, q as query {a: list<string>, b: string?}"
        r' | parse line as regex r"^(?P<day>\S+) (?P<level>[A-Z]+) (?P<rest>.*)$"'
        ' | parse line.rest as kv, line.day as timestamp "%Y-%m-%d"'
        ' | format line.day as timestamp "%d.%m.%y", q as query, cells as tsv'
    ),
    "whole-row": "format row as kv | parse text as kv {id: int, line: string} | format text as csv",
    "tables": (
        'lookup "people.csv key name" as a on q == a.name and a.age > 2 | filter a != null or id < 3'
        ' | join "people.csv" as b on lower(cells) != b.name and id == b.id all'
        ' | enrich from "people.csv" as c on id == c.id first age desc, name | select line, q, b, name, age, older = a.age ?? 0'
    ),
    "its-own-table": (
        "let rows = in.jsonl | filter id > 0; let counts = rows | aggregate n = count() by q; "
        "rows | lookup counts as c on q | join rows as r on id == r.id first | sort id desc"
        " | select id, n = c.n, r | out.jsonl"
    ),
    "expect": "expect unique(id), count() == 3, max(id + 1) < 5, unique(id, line) where id > 0",
    "exec": "exec \"sed -e s/nothing/something/ -e 's/.id.:3/oops/'\" as {id: int, line: string}"
    ' | exec "cat ${NO_FILE:--}" | filter id > 0',
    "re2": r'parse line as regex r"(?P<start>.*) (?P<end>\w+)" | format row as json',
}


@pytest.mark.parametrize("name", PIPELINES)
def test_run_and_project_agree(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in _LOG))
    Path("people.csv").write_text("id,name,age\n1,a=z,7\n1,ada,\n2,z,3\n,nobody,1\n")
    text = PIPELINES[name]
    line = text if "in.jsonl" in text else f"in.jsonl | {text} | out.jsonl"
    got = ran(line, tmp_path)
    expected = (tmp_path / "out.jsonl").read_bytes()
    assert expected
    (tmp_path / "out.jsonl").unlink()
    dead = [(letter["node"], letter["message"]) for letter in got.dead]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'runtime'}:dist/src", "PATH": os.environ["PATH"]}
    for command in (
        ["flowc", "build", line, "-o", "dist"],
        ["pipeline", "--dead-letter", "d.jsonl"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == expected
    letters = Path("d.jsonl").read_text().splitlines() if dead else []
    assert [(one["node"], one["message"]) for one in map(json.loads, letters)] == dead
    for tool in (["mypy", "--strict", "src"], ["pytest", "-q", "-p", "no:cacheprovider", "tests"]):
        checked = subprocess.run(
            [sys.executable, "-m", *tool],
            cwd="dist",
            env={"MYPYPATH": "src", "PYTHONPATH": "src", "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
        )
        assert checked.returncode == 0, checked.stdout
