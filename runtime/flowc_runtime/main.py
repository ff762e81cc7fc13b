"""The command line of a built project: `python -m orders`."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from .engine import Result, RunOptions, our_bug, run
from .environment import Environment, Stop
from .errors import Diagnosis, RunError
from .segments import Pipeline
from .settings import load_settings
from .usercode import importing

__all__ = ["draining", "main", "print_diagnosis", "print_summary"]

_LONG_DRAIN = 2.0
"""Seconds after which a drain is said to go on."""

_DRAINING = b"stopping: what was read is being finished; a second signal stops at once\n"


def main(
    pipeline: Callable[[Any, Environment], Pipeline] | str,
    settings: type[Any],
    argv: Sequence[str] | None = None,
    *,
    name: str = "",
    environment: Environment | None = None,
) -> int:
    """Read the arguments and settings, run the pipeline, tell the user; gives the exit code.

    `pipeline` makes it, or names the module whose `pipeline` does: then a file of the user that
    cannot be imported is explained, too.
    0 done, 1 findings, 2 wrong usage, 3 the environment, 4 a bug of ours, 130 or 143 signals.
    """
    words = sys.argv[1:] if argv is None else argv
    world = environment or Environment()
    options, given, quiet = RunOptions(), {}, False
    if words:
        # Reading no words needs no parser, whose import takes as long as a small run.
        from .commandline import parsed

        arguments = parsed(words, settings, name)
        given, quiet = dict(arguments.set), arguments.quiet
        world.seed = arguments.seed
        options = RunOptions(
            limit=arguments.limit,
            dry_run=arguments.dry_run,
            dead_letter=arguments.dead_letter,
            fail_on_dead_letter=arguments.fail_on_dead_letter,
            workers=arguments.workers,
        )
    try:
        loaded = load_settings(settings, world.variables, given)
        with draining(world.stop):
            result = run(_made(pipeline)(loaded, world), options, world)
    except RunError as error:
        print_diagnosis(error.diagnosis, sys.stderr)
        return error.exit_code
    except Exception as error:
        import traceback

        print_diagnosis(our_bug(error), sys.stderr)
        traceback.print_exception(error)
        return 4
    began = any(account.received for account in result.accounts.nodes.values())
    if not quiet and (began or result.diagnosis is None):
        print_summary(result, sys.stderr)
    if result.diagnosis is not None:
        print_diagnosis(result.diagnosis, sys.stderr)
        sys.stderr.write(result.details)
    return result.exit_code


def _made(
    pipeline: Callable[[Any, Environment], Pipeline] | str,
) -> Callable[[Any, Environment], Pipeline]:
    if not isinstance(pipeline, str):
        return pipeline
    with importing():
        made: Callable[[Any, Environment], Pipeline] = importlib.import_module(pipeline).pipeline
    return made


@contextmanager
def draining(stop: Stop) -> Iterator[None]:
    """While inside, SIGINT and SIGTERM ask the run to drain; a second one ends the process.

    A drain that takes long, as when the user's code is slow, says so once on standard error.
    """
    timers: list[Any] = []

    def handle(number: int, _frame: object) -> None:
        if stop.asked():
            for leave in stop.on_exit:
                leave()
            os._exit(128 + number)
        stop.request(number)
        from threading import Timer

        timer = Timer(_LONG_DRAIN, os.write, (2, _DRAINING))
        timer.daemon = True
        timer.start()
        timers.append(timer)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def print_diagnosis(diagnosis: Diagnosis, out: TextIO) -> None:
    """Write a diagnosis in the form that all of flowc's errors have."""
    lines = [f"Error: {diagnosis.message} [{diagnosis.code}]", ""]
    lines += [f"Diagnosis: {diagnosis.why}", ""]
    if diagnosis.suggestions:
        lines.append("Suggestions:")
        lines += [f"  {i}. {text}" for i, text in enumerate(diagnosis.suggestions, 1)]
        lines.append("")
    lines.append(f"Code: {diagnosis.code}")
    out.write("\n".join(lines) + "\n")


def print_summary(result: Result, out: TextIO) -> None:
    """Write what every node did with its records."""
    rows = result.accounts.rows()
    width = max(len(row[0]) for row in rows)
    for name, received, left, rest in rows:
        note = f"  ({rest})" if rest else ""
        out.write(f"{name:<{width}}  {received:>12,} in  {left:>12,} out{note}\n")
    out.write(f"{result.seconds:.2f} s")
    if result.dead_letters:
        plural = "" if result.dead_letters == 1 else "s"
        out.write(f", {result.dead_letters:,} dead letter{plural} in {result.dead_letter_path}")
    cut = result.accounts.cut_timestamps
    if cut:
        out.write(f", {cut:,} timestamp{'' if cut == 1 else 's'} cut to microseconds")
    if result.accounts.zoneless_timestamps:
        out.write(", timestamps without a time zone read as UTC")
    if result.signal is not None:
        out.write(f", stopped by {signal.Signals(result.signal).name}")
    out.write("\n")
