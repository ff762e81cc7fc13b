"""Unknown fields: refused where the type was inferred and they would reach a sink, else ignored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flowing import request

from flowc import compile as road
from flowc.launch.run import run
from flowc_runtime.engine import RunOptions

INFERRED, DECLARED = "in.jsonl", "other.jsonl as {id: int, x: int}"


@pytest.mark.parametrize("sources", [(INFERRED, DECLARED), (DECLARED, INFERRED)])
def test_two_sources_of_one_shape(
    sources: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = [tmp_path / "in.jsonl", tmp_path / "other.jsonl"]
    for number, path in enumerate(seen):
        path.write_text(json.dumps({"id": number, "x": 1}) + "\n")
    text = f"{{ {', '.join(sources)} }} | filter x > 0 | out.jsonl"
    (fileset,) = road.emit(request(text, tmp_path), formatted=False).filesets.values()
    for number, path in enumerate(seen):
        path.write_text(json.dumps({"id": number, "x": 1, "z": 2}) + "\n")
    result = run(fileset, RunOptions())
    assert result.dead_letters == 1
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {"id": 1, "x": 1}
    (letter,) = (tmp_path / "pipeline.dead.jsonl").read_text().splitlines()
    assert json.loads(letter)["original"] == '{"id": 0, "x": 1, "z": 2}'


@pytest.mark.parametrize(
    ("stages", "dead"),
    [
        ("filter id > 0", 1),
        ("select id, c", 1),
        ("set c.a = 3", 1),
        ("select id, b = c", 1),
        ("select id, x = c.a", 0),
        ("filter c.a == 1 | select id", 0),
        ("select id", 0),
        ("drop c", 0),
    ],
)
def test_records_inside_of_records(
    stages: str, dead: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "in.jsonl"
    first = '{"id": 1, "c": {"a": 1}, "l": [{"b": 1}]}\n'
    data.write_text(first)
    text = f"in.jsonl | {stages} | out.jsonl"
    (fileset,) = road.emit(request(text, tmp_path), formatted=False).filesets.values()
    data.write_text(first + '{"id": 2, "c": {"a": 1, "new": 5}, "l": [{"b": 1}]}\n')
    result = run(fileset, RunOptions())
    assert result.dead_letters == dead
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2 - dead


def test_records_in_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "in.jsonl"
    data.write_text('{"id": 1, "l": [{"b": {"c": 1}}]}\n')
    text = "in.jsonl | filter id > 0 | out.jsonl"
    (fileset,) = road.emit(request(text, tmp_path), formatted=False).filesets.values()
    data.write_text('{"id": 1, "l": [{"b": {"c": 1, "new": 2}}]}\n{"id": 2, "l": []}\n')
    assert run(fileset, RunOptions()).dead_letters == 1
