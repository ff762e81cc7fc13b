"""The import contracts of pyproject.toml hold."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from repo.checkout import ROOT


def test_imports_run_one_way() -> None:
    done = subprocess.run(
        [str(Path(sysconfig.get_path("scripts")) / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'runtime'}", "PATH": str(Path(sys.executable).parent)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout
