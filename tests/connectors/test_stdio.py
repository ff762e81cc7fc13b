from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowc_runtime.connectors.stdio import SinkOptions, SourceOptions

from .battery import check_options, environment

__all__ = ["environment"]

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from typing import Any
from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.connectors import stdio
from flowc_runtime.engine import RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.main import draining
from flowc_runtime.records import Node
from flowc_runtime.segments import Pipeline, SinkSegment, SourceSegment

world = Environment()
codec = JsonLines(dict[str, Any])
source = stdio.Source(stdio.SourceOptions(endless="endless" in sys.argv), codec, world)
pipeline = Pipeline(
    "t",
    (Node("in", "source", "t:1:1", "-"), Node("out", "sink", "t:1:5", "-")),
    {
        "in": SourceSegment(source, "in"),
        "out": SinkSegment(stdio.Sink(stdio.SinkOptions(), codec, world), "out"),
    },
    (("in", "out"),),
)
with draining(world.stop):
    result = run(pipeline, RunOptions(), world)
if result.diagnosis:
    print(result.diagnosis, result.details, file=sys.stderr)
print(result.accounts["out"].confirmed, file=sys.stderr)
sys.exit(result.exit_code)
"""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Any]:
    processes: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT / "runtime"), "PATH": os.environ["PATH"]},
            **{**streams, **options},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()


def line_from(process: Any, seconds: float = 20) -> bytes:
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    assert ready, "nothing came"
    return os.read(process.stdout.fileno(), 65536)


@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_options_are_documented(options: Any) -> None:
    check_options(options)


def test_a_line_comes_out_before_the_next_goes_in(started: Any) -> None:
    process = started()
    for i in range(3):
        process.stdin.write(f'{{"a":{i}}}\n'.encode())
        process.stdin.flush()
        assert json.loads(line_from(process)) == {"a": i}
    process.stdin.close()
    assert process.wait(20) == 0
    assert process.stderr.read() == b"3\n"


def test_input_and_output_may_be_files(started: Any, tmp_path: Path) -> None:
    (tmp_path / "in").write_text('{"a":1}\n' * 20_000)
    with (tmp_path / "in").open() as source, (tmp_path / "out").open("w") as sink:
        assert started(stdin=source, stdout=sink).wait(20) == 0
    assert (tmp_path / "out").read_text() == (tmp_path / "in").read_text()


def test_a_reader_that_goes_away_is_a_quiet_end(started: Any) -> None:
    process = started()
    process.stdin.write(b'{"a":1}\n')
    process.stdin.flush()
    line_from(process)
    process.stdout.close()
    process.stdin.write(b'{"a":2}\n')
    process.stdin.flush()
    assert process.wait(20) == 0
    assert process.stderr.read().strip().isdigit()


@pytest.mark.parametrize(
    ("arguments", "signal", "code"),
    [([], 15, 143), ([], 2, 130), (["endless"], 15, 0), (["endless"], 2, 0)],
)
def test_a_signal_ends_the_wait_for_input(
    started: Any, arguments: list[str], signal: int, code: int
) -> None:
    process = started(*arguments)
    process.stdin.write(b'{"a":1}\n{"a":')
    process.stdin.flush()
    assert line_from(process) == b'{"a":1}\n'
    process.send_signal(signal)
    assert process.wait(20) == code


def test_a_closed_standard_output_is_explained(started: Any, tmp_path: Path) -> None:
    with open(os.devnull) as unwritable:
        process = started(stdout=unwritable)
        _, errors = process.communicate(b'{"a":1}\n', 20)
    assert process.returncode == 3
    assert b"FC0816" in errors
    assert b"Traceback" not in errors


def test_what_was_put_back_is_read_first(environment: Any) -> None:
    environment.unread_stdin(b"cd")
    environment.unread_stdin(b"ab")
    assert [environment.read_stdin(3), environment.read_stdin(3)] == [b"abc", b"d"]
