"""Runs the command line as a process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a process, with nothing of the caller's FLOWC_ settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FLOWC_") and k != "NO_COLOR"}
    clean["PYTHONPATH"] = os.pathsep.join([str(_ROOT), str(_ROOT / "runtime")])
    clean["PYTHONUTF8"] = "1"
    clean["XDG_CACHE_HOME"] = str(Path(tempfile.gettempdir()) / "flowc-tests")
    return {**clean, **(more or {})}


def flowc(
    *argv: str,
    cwd: Path,
    stdin: str | bytes = "",
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """``flowc ARGV`` in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "flowc", *argv],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=environment(env),
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
