"""Run programs as whole processes and measure them: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
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

    @property
    def failure(self) -> str:
        """Why it failed, in one line: the last line of a traceback, else the first line."""
        lines = self.errors.splitlines() or ["nothing on standard error"]
        return f"exits {self.code}: {lines[-1 if lines[0].startswith('Traceback') else 0]}"


def environment() -> dict[str, str]:
    """The environment of every program measured: flowc is imported from this checkout."""
    paths = [str(ROOT), str(ROOT / "runtime"), os.environ.get("PYTHONPATH", "")]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    # Otherwise the built project, unlike an installed one, is compiled anew in each run.
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def run(
    command: Sequence[str],
    *,
    folder: Path,
    cores: Sequence[int] = (),
    variables: Mapping[str, str] | None = None,
) -> Sample:
    """Run a command to its end in a folder, pinned to the given cores (none given: to none).

    A program that cannot be started counts as one that exits 1.
    """
    pinned = ",".join(map(str, cores or available_cores()))
    launcher = str(ROOT / "bench" / "launcher.py")
    finished = subprocess.run(
        [sys.executable, "-I", "-S", launcher, pinned, *command],
        cwd=folder,
        env=dict(variables) if variables is not None else environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    wall, cpu, peak, code = finished.stdout.split()
    return Sample(
        wall=float(wall),
        cpu=float(cpu),
        peak=int(peak) * 1024,
        code=int(code),
        errors=finished.stderr.decode("utf-8", "replace").strip()[-2000:],
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
