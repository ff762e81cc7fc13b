"""Fresh environments and copies of the repository, made once for all workers of a test run."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from repo.checkout import copy_checkout


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker to ask for it fills, and the others wait for."""
    base = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    folder = base / name
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = base / f"{name}.done"
        if not done.exists():
            # What a worker began and could not end.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def clean_environ(**more: str) -> dict[str, str]:
    """The process's environment without what could let another flowc or Python in."""
    kept: Mapping[str, str] = os.environ
    dropped = ("PYTHON", "FLOWC_", "VIRTUAL_ENV", "PYTEST_", "COV_")
    return {k: v for k, v in kept.items() if not k.startswith(dropped)} | more


def call(
    words: list[str | Path], cwd: Path, *, check: bool = True, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a program; fails the test with its output if it fails."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=clean_environ(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if check:
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done


def fresh_environment(folder: Path, *requirements: str | Path) -> Path:
    """A virtual environment with nothing but the requirements; gives its ``bin``."""
    call([sys.executable, "-m", "venv", "--without-pip", folder], folder.parent)
    install(folder / "bin", *requirements)
    return folder / "bin"


def install(bin: Path, *words: str | Path) -> None:
    """Install into an environment; ``words`` are requirements and options of pip."""
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", bin / "python"]
    call([*pip, "install", "--quiet", *words], bin.parent)


def checkout(factory: pytest.TempPathFactory) -> Path:
    """The repository's files, as a clone lays them."""

    def make(folder: Path) -> None:
        copy_checkout(folder)

    return once(factory, "checkout", make)


def wheel(factory: pytest.TempPathFactory) -> Path:
    """The wheel built from such a copy."""

    def make(folder: Path) -> None:
        copy_checkout(folder / "source")
        call(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, "."],
            folder / "source",
        )

    (found,) = once(factory, "wheel", make).glob("*.whl")
    return found


def installed(factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a fresh environment with the wheel."""
    path = wheel(factory)

    def make(folder: Path) -> None:
        fresh_environment(folder / "env", path)

    return once(factory, "installed", make) / "env" / "bin"
