"""Signals, pipes and threads, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
import time
from dataclasses import dataclass
from msgspec import Struct
from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.connectors import files, stdio
from flowc_runtime.engine import RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.main import draining, print_diagnosis, print_summary
from flowc_runtime.records import Node
from flowc_runtime.segments import Pipeline, SinkSegment, SourceSegment, UserCode

class Row(Struct):
    a: int

@dataclass
class Taken:
    a: int

def process(taken: Taken) -> Taken:
    print("seen", taken.a)
    time.sleep(float(sys.argv[1]))
    return taken

world = Environment()
codec = JsonLines(Row)
endless = "endless" in sys.argv
paths = [word for word in sys.argv[2:] if word != "endless"]
segments = {
    path: SourceSegment(files.Source(files.SourceOptions(path, endless), codec, world), path)
    for path in paths
}
segments["mine"] = UserCode(process, takes=Taken, gives=Row, kind="one", node="mine")
segments["out"] = SinkSegment(files.Sink(files.SinkOptions("out.jsonl"), codec, world), "out")
nodes = [Node(path, "source", "t:1:1", path) for path in paths]
nodes += [Node("mine", "stage", "t:1:5", "mine"), Node("out", "sink", "t:1:9", "out.jsonl")]
links = (*((path, "mine") for path in paths), ("mine", "out"))
with draining(world.stop):
    result = run(Pipeline("t", tuple(nodes), segments, links), RunOptions(), world)
if result.diagnosis:
    print_diagnosis(result.diagnosis, sys.stderr)
print_summary(result, sys.stderr)
sys.exit(result.exit_code)
"""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Any]:
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT / "runtime"), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def rows(*values: int) -> str:
    return "".join(f'{{"a":{value}}}\n' for value in values)


def wait_for(path: Path, lines: int) -> list[int]:
    """The values in a file as soon as it has so many lines."""
    until = time.monotonic() + 30
    while True:
        text = path.read_text() if path.exists() else ""
        if text.count("\n") >= lines:
            return [json.loads(line)["a"] for line in text.splitlines()]
        assert time.monotonic() < until, text
        time.sleep(0.01)


def said(process: subprocess.Popen[str], word: str) -> None:
    """Read standard error up to a line that holds the word."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(word)


def test_a_pipe_that_nobody_writes_is_waited_for_and_left_at_a_signal(
    started: Any, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = started("0", "pipe")
    until = time.monotonic() + 30
    while not (tmp_path / "out.jsonl.partial").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 143


def test_a_pipe_is_read_to_its_writers_end(started: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = started("0", "pipe")
    with (tmp_path / "pipe").open("w") as feed:
        for i in range(3):
            feed.write(rows(i))
            feed.flush()
            time.sleep(0.05)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert (tmp_path / "out.jsonl").read_text() == rows(0, 1, 2)
    # What the user's code prints is no data.
    assert out == ""
    assert "seen 0" in errors


def test_several_endless_sources_are_read_as_they_come(started: Any, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        os.mkfifo(tmp_path / name)
    process = started("0", "one", "two", "three", "endless")
    partial = tmp_path / "out.jsonl.partial"
    with contextlib.ExitStack() as stack:
        feeds = [
            stack.enter_context((tmp_path / name).open("w")) for name in ("one", "two", "three")
        ]
        written: list[int] = []
        for i, at in enumerate([2, 0, 1, 1, 0, 2, 0]):
            feeds[at].write(rows(i))
            feeds[at].flush()
            written.append(i)
            assert wait_for(partial, len(written)) == written
        feeds[0].close()
        feeds[1].write(rows(7))
        feeds[1].flush()
        wait_for(partial, 8)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert (tmp_path / "out.jsonl").read_text() == rows(*range(8))
    assert "stopped by SIGINT" in errors


def test_endless_sources_that_end_end_the_run(started: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        os.mkfifo(tmp_path / name)
    process = started("0", "one", "two", "endless")
    for start, name in enumerate(("one", "two")):
        with (tmp_path / name).open("w") as feed:
            feed.write(rows(*range(start, 20_000, 2)))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    found = [json.loads(line)["a"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert sorted(found) == list(range(20_000))
    assert [a for a in found if a % 2] == list(range(1, 20_000, 2))


def test_slow_code_does_not_hold_up_the_end_of_what_is_not_published(
    started: Any, tmp_path: Path
) -> None:
    (tmp_path / "in").write_text(rows(*range(1_000)))
    process = started("0.2", "in")
    said(process, "seen 0")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "not reached before the stop" in errors
    assert not (tmp_path / "out.jsonl").exists()


def test_a_second_signal_stops_at_once(started: Any, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(rows(1, 2))
    process = started("60", "in")
    said(process, "seen 1")
    process.send_signal(signal.SIGINT)
    said(process, "a second signal stops at once")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
