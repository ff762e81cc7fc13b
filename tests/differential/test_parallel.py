"""One process or several: the same bytes, books and dead letters."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.as_process import environment, flowc

ROOT = Path(__file__).resolve().parents[2]


def cases(seed: int, count: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.differential.parallel_cases", str(seed), str(count)],
        cwd=ROOT,
        env={**environment(), "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "runtime")])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_number_of_processes_changes_nothing() -> None:
    done = cases(0, 6)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    found = re.search(r"0 differ; (\d+) in ranges", done.stdout)
    assert found is not None
    assert int(found[1]) >= 20, "too few inputs were worked on in ranges to their end"


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing_in_many_inputs() -> None:
    done = cases(1_000, 300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    lines = "".join(f'{{"id": {i}, "amount": {i / 3}}}\n' for i in range(40_000))
    (tmp_path / "in.jsonl").write_text(lines)
    return tmp_path


def test_a_run_takes_the_workers_it_is_told(here: Path) -> None:
    text = "in.jsonl | filter amount > 7 | out.jsonl"
    one = flowc("run", text, "--workers", "1", cwd=here)
    expected = (here / "out.jsonl").read_bytes()
    two = flowc("run", text, "--workers", "2", cwd=here)
    assert (here / "out.jsonl").read_bytes() == expected
    assert [line for line in one.stderr.splitlines() if "records in" not in line] == [
        line for line in two.stderr.splitlines() if "records in" not in line
    ]


def test_workers_that_would_be_of_no_use_are_refused(here: Path) -> None:
    done = flowc("run", "in.jsonl | sqlite://out.db/t", "--workers", "2", cwd=here)
    assert done.returncode == 2
    assert "FC0836" in done.stderr
    assert "takes the records one after another" in done.stderr
