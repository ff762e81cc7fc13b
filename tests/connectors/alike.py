"""Runs a pipeline as ``flowc run`` and as its built project: both must do the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flowc.cli.app import main


def outputs(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, by path, dead letters and their times left aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".dead.jsonl")
    }


def run_and_build(
    word: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, bytes]]:
    """The exit code and the files of a run in a copy of ``data``, the same both ways.

    ``word`` is what stands behind ``flowc run``.
    """
    memory, built, project = tmp_path / "memory", tmp_path / "built", tmp_path / "project"
    for folder in (memory, built):
        shutil.copytree(data, folder)
    monkeypatch.chdir(memory)
    code = main(["run", word])
    monkeypatch.chdir(built)
    assert main(["build", word, "-o", str(project)]) == 0
    [package] = (path.parent for path in (project / "src").glob("*/__main__.py"))
    done = subprocess.run(
        [sys.executable, "-m", package.name],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(project / "src")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    assert outputs(built) == outputs(memory)
    return code, outputs(memory)
