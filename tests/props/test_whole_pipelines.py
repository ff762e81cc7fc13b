"""Pipelines made at random: what is well typed validates, runs, and runs the same when built; what
is not is refused with a place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings

from flowc.compile import Emitted, Request, check, emit
from flowc.launch.run import run
from flowc.model.source import SourceFile
from flowc_runtime.engine import Result, RunOptions
from flowc_runtime.environment import Environment
from tests.props.well_typed import Written, broken_pipelines, pipelines, rows, table_rows

Rows = list[dict[str, Any]]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Fixed(Environment):
    """A world in which it is always the same time."""

    def now(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC)


@contextmanager
def folder_with(records: Rows, table: Rows) -> Iterator[Path]:
    """The current folder, with the data in it."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in (("in.jsonl", records), ("labels.jsonl", table)):
            (folder / file).write_text("".join(json.dumps(r) + "\n" for r in content))
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def request(text: str, folder: Path) -> Request:
    return Request(SourceFile("made.flow", text), folder / "made.flow", folder, environment={})


def compiled(text: str, folder: Path, *, formatted: bool) -> Emitted:
    emitted = emit(request(text, folder), formatted=formatted)
    errors = [d for d in emitted.checked.diagnostics if d.is_error]
    assert not errors, (text, [(d.message, d.span and d.span.text, d.notes) for d in errors])
    return emitted


def results(folder: Path) -> dict[str, bytes]:
    """What a run wrote; dead letters without what tells when and from what text."""
    kept = {p.name: p.read_bytes() for p in sorted(folder.glob("*.jsonl"))}
    for name, data in kept.items():
        if name.endswith(".dead.jsonl"):
            letters = [{**json.loads(line), "time": ""} for line in data.splitlines()]
            kept[name] = json.dumps(letters).encode()
    return {n: d for n, d in kept.items() if n not in ("in.jsonl", "labels.jsonl")}


def clear(folder: Path) -> None:
    for name in results(folder):
        (folder / name).unlink()


def run_in_memory(emitted: Emitted) -> Result:
    (fileset,) = emitted.filesets.values()
    return run(fileset, RunOptions(), environment=Fixed({}))


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(pipelines(), rows(), table_rows())
def test_what_is_well_typed_validates_and_runs(made: Written, records: Rows, table: Rows) -> None:
    with folder_with(records, table) as folder:
        emitted = compiled(made.text, folder, formatted=False)
        result = run_in_memory(emitted)
        assert result.exit_code == 0, (made.text, result.diagnosis, result.details)
        assert not result.accounts.imbalances()
        for line in (folder / "out.jsonl").read_text().splitlines():
            assert set(json.loads(line)) <= set(made.columns), made.text


def built_runs_the_same(made: Written, records: Rows, table: Rows) -> None:
    note(made.text)
    with folder_with(records, table) as folder:
        ran = run_in_memory(compiled(made.text, folder, formatted=False))
        expected = results(folder)
        clear(folder)
        (fileset,) = compiled(made.text, folder, formatted=True).filesets.values()
        for path, file in fileset:
            target = folder / "dist" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", fileset.package],
            cwd=folder,
            env={"PYTHONPATH": str(folder / "dist/src"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == ran.exit_code, (made.text, done.stderr)
        assert results(folder) == expected, made.text


@settings(max_examples=8, deadline=None, suppress_health_check=SLOW)
@given(pipelines(), rows(), table_rows())
def test_the_built_project_gives_the_same(made: Written, records: Rows, table: Rows) -> None:
    built_runs_the_same(made, records, table)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(pipelines(), rows(), table_rows())
def test_many_built_projects_give_the_same(made: Written, records: Rows, table: Rows) -> None:
    built_runs_the_same(made, records, table)


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(broken_pipelines())
def test_what_is_ill_typed_is_refused_with_a_place(text: str) -> None:
    with folder_with([], []) as folder:
        checked = check(request(text, folder))
        errors = [d for d in checked.diagnostics if d.is_error]
        assert errors, text
        for error in errors:
            assert error.span is not None, (text, error.message)
            assert error.span.source.name == "made.flow"
            assert error.code.id.startswith("FC0")
