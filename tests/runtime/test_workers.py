"""Processes that answer in order, fail, or end without a word; in programs of their own, since
processes are only copied where no other thread runs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "runtime"


def python(code: str) -> str:
    start = """
        import os, signal, time
        from flowc_runtime.errors import Diagnosis, InternalError, RunError
        from flowc_runtime.ranges import RangeResult
        from flowc_runtime.workers import Workers

        def answers(work, ranges, count=2, asked=lambda: False):
            with Workers(work, ranges, count) as workers:
                return [result.number for result in workers.results(asked)]
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(start) + textwrap.dedent(code)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_answers_come_in_order() -> None:
    code = """
        def work(number):
            time.sleep(0.05 if number % 2 == 0 else 0)
            return RangeResult(number)
        print(answers(work, 9), answers(work, 1, 4))
    """
    assert python(code) == f"{list(range(9))} [0]\n"


def test_a_large_answer_comes_whole() -> None:
    code = """
        def work(number):
            return RangeResult(number, outputs={"x": (bytes([number]) * 5_000_000, 1)})
        with Workers(work, 5, 2) as workers:
            found = [result.outputs["x"][0] for result in workers.results(lambda: False)]
        print([len(data) for data in found] == [5_000_000] * 5, [data[0] for data in found])
    """
    assert python(code) == "True [0, 1, 2, 3, 4]\n"


def test_what_a_range_raises_is_raised_in_its_turn() -> None:
    code = """
        def work(number):
            if number == 3:
                raise RunError(Diagnosis("FC0801", "gone", "why"), 3)
            return RangeResult(number)
        seen = []
        try:
            with Workers(work, 9, 2) as workers:
                seen += [result.number for result in workers.results(lambda: False)]
        except RunError as error:
            print(error.diagnosis.code, error.exit_code)
        def bug(number):
            return 1 / 0
        try:
            answers(bug, 2)
        except InternalError as error:
            print("ZeroDivisionError" in error.__notes__[0])
    """
    assert python(code) == "FC0801 3\nTrue\n"


def test_a_worker_that_is_killed_ends_the_run() -> None:
    code = """
        def work(number):
            if number == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return RangeResult(number)
        try:
            answers(work, 9)
        except RunError as error:
            print(error.diagnosis.code, error.diagnosis.message)
    """
    assert python(code) == "FC0835 a worker process was ended by SIGKILL\n"


def test_a_stop_leaves_no_process_behind() -> None:
    code = """
        def work(number):
            time.sleep(30)
        print(answers(work, 9, 2, lambda: True))
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            print("none")
    """
    assert python(code) == "[]\nnone\n"
