"""Run programs as whole processes and measure them: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished run: seconds of wall clock and of processor, peak memory in bytes.

    `errors` is the end of its standard error, for the message when `code` is not 0.
    """

    wall: float
    cpu: float
    peak: int
    code: int
    errors: str


def environment() -> dict[str, str]:
    """The environment of every program measured: flowc is imported from this checkout."""
    paths = [str(ROOT), str(ROOT / "runtime"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def run(
    command: Sequence[str],
    *,
    folder: Path,
    cores: frozenset[int] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Sample:
    """Run a command to its end in a folder, pinned to the given cores (none given: to none).

    Raises FileNotFoundError when there is no such program.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(variables) if variables is not None else environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        )
        # wait4 gives the usage of this child alone; getrusage would give the largest of all.
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace")
    return Sample(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * 1024,
        code=child.returncode,
        errors=text.strip()[-2000:],
    )


def available_cores() -> tuple[int, ...]:
    """The cores this process may use, the one to pin to first.

    The last core is first: the kernel and other work on a machine favour the low numbers.
    """
    return tuple(sorted(os.sched_getaffinity(0), reverse=True))


def machine() -> str:
    """One line about the machine, for the head of a table of results."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    version = ".".join(map(str, sys.version_info[:3]))
    return f"{len(os.sched_getaffinity(0))} cores, {model}, CPython {version}"
