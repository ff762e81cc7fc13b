"""The repository's files, for the tests of its own laws."""

from __future__ import annotations

import ast
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Made by tools, in a copy without git.
_MADE = frozenset(
    {
        "__pycache__",
        ".hypothesis",
        ".import_linter_cache",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
        "build",
        "dist",
    }
)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that belongs to the repository, relative to its root."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
        found = [Path(name) for name in listed.split("\0") if name]
    else:
        found = [
            path.relative_to(ROOT)
            for path in ROOT.rglob("*")
            if not _MADE & set(path.relative_to(ROOT).parts)
        ]
    return tuple(sorted(path for path in set(found) if (ROOT / path).is_file()))


def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files under some folders, relative to the root."""
    return tuple(path for path in tracked() if path.suffix == ".py" and path.parts[0] in folders)


@cache
def parsed(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def copy_checkout(target: Path) -> Path:
    """Copy the repository's files, as a fresh clone would lay them; gives the folder."""
    for path in tracked():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        # A file that a test running beside this one made, and took away again.
        with suppress(FileNotFoundError):
            shutil.copy(ROOT / path, target / path)
    return target
