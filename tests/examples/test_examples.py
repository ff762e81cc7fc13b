"""Every example runs as its README says and gives what its ``expected/`` holds."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def rows(database: Path, table: str) -> list[dict[str, object]]:
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        quoted = '"' + table.replace('"', '""') + '"'
        found = connection.execute(f"SELECT * FROM {quoted}").fetchall()  # noqa: S608
    return [dict(row) for row in found]


def assert_expected(folder: Path, expected: Path) -> None:
    for path in sorted(expected.rglob("*")):
        relative = path.relative_to(expected)
        if path.is_dir():
            continue
        if relative.parent.suffix == ".db":
            wanted = [json.loads(line) for line in path.read_text().splitlines()]
            assert rows(folder / relative.parent, path.stem) == wanted, relative
        else:
            assert (folder / relative).read_text() == path.read_text(), relative


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a README's command with ``flowc`` meaning the one under test."""
    bin = folder / ".bin"
    bin.mkdir(exist_ok=True)
    script = bin / "flowc"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flowc "$@"\n')
    script.chmod(0o755)
    path = f"{bin}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_there_are_examples() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_example(name: str, tmp_path: Path) -> None:
    readme = (EXAMPLES / name / "README.md").read_text()
    commands = [command.strip() for command in COMMANDS.findall(readme)]
    assert commands, "an example's README has its commands in ```sh blocks"
    ran = False
    for number, command in enumerate(commands):
        folder = tmp_path / str(number)
        shutil.copytree(EXAMPLES / name, folder)
        done = shell(command, folder)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if re.match(r"([A-Z]+=\S+ )*flowc run ", command):
            ran = True
            assert_expected(folder, folder / "expected")
    assert ran
