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
