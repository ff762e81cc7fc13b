"""What is built with every operator: it does what the run does, and mypy takes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flowing import ran, request
from targets.projects import write

from flowc import compile as road

GIVEN = """\
{"id":1,"items":[{"sku":"a","n":2},{"sku":"b","n":0}],"a":{"x":1,"y":null},"card":"41112","mail":"q"}
{"id":2,"items":[],"a":{"x":2,"y":"k"},"card":"12","mail":null}
{"id":3,"items":null,"a":null,"card":"123456","mail":"r"}
"""
STAGES = (
    "flatten a",
    "explode items as item keep empty",
    "sample 90%",
    "mask card keep 4",
    'hash mail with "${SALT:-z}"',
    "redact a_y",
    "map id = id, who = {card: card, mail: mail}, x = a_x, y = a_y, item = item, q = 8 // item.n",
    "explode [q, id] as one",
    "format who as json, item as json",
    "parse who as json {card: string, mail?: string?}, item as json",
    "format item as json",
    "parse item as json {sku: string, n: int}",
    "filter who.card != ''",
    "redact who.card, item",
)
CHAIN = "in.jsonl | " + " | ".join(STAGES) + " | out.jsonl"


def python(*arguments: str, folder: Path, project: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(project / "src"), "SALT": "k"}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_built_project_does_what_the_run_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SALT", "k")
    (tmp_path / "in.jsonl").write_text(GIVEN)
    got = ran(CHAIN, tmp_path)
    assert got.rows
    assert len(got.dead) == 1
    (fileset,) = road.emit(request(CHAIN, tmp_path)).filesets.values()
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    write(fileset, project)
    elsewhere.mkdir()
    (elsewhere / "in.jsonl").write_text(GIVEN)
    python(fileset.package, folder=elsewhere, project=project)
    assert (elsewhere / "out.jsonl").read_text() == (tmp_path / "out.jsonl").read_text()
    python("pytest", "-q", "-p", "no:cacheprovider", folder=project, project=project)
    mypy = ("mypy", "--strict", "--no-incremental", "--config-file=", f"src/{fileset.package}")
    python(*mypy, folder=project, project=project)
