"""Runs the commands that a document shows, and writes down what they print.

    python -m docs.shown README.md docs/quickstart.md

A ```` ```sh ```` block is run; the next block, if it is ```` ```text ````, is what it printed.
``exit=1`` behind ``sh`` says that the command ends with that code. The blocks of a document
are run one after the other in one folder, which begins as a copy of ``examples/``; a ``cd``
holds for the blocks behind it. Blocks with ``pip install`` are left to the packaging tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```[ \t]*$", re.M | re.S)
_EXIT = re.compile(r"\bexit=(\d+)\b")
_SECONDS = re.compile(r"\b\d+\.\d+ s\b")


@dataclass(frozen=True)
class Block:
    """A command of a document. ``shown`` is what stands below it, between ``start`` and ``end``
    of the document's text; None where nothing does. ``line`` counts from 1."""

    command: str
    code: int
    line: int
    shown: str | None
    start: int
    end: int


@dataclass(frozen=True)
class Ran:
    block: Block
    code: int
    printed: str

    @property
    def as_shown(self) -> bool:
        """Whether the document is right about it; how long a run took does not count."""
        shown = self.block.shown
        return self.code == self.block.code and (
            shown is None or _SECONDS.sub("", shown) == _SECONDS.sub("", self.printed)
        )


def blocks(text: str) -> Iterator[Block]:
    """The commands of a document that can be run here."""
    fences = list(_FENCE.finditer(text))
    for fence, behind in zip_longest(fences, fences[1:]):
        words = fence["info"].split()
        if words[:1] != ["sh"] or "pip install" in fence["text"]:
            continue
        given = _EXIT.search(fence["info"])
        shown = behind if behind is not None and behind["info"].strip() == "text" else None
        yield Block(
            fence["text"],
            int(given[1]) if given else 0,
            text.count("\n", 0, fence.start()) + 1,
            shown["text"] if shown else None,
            shown.start("text") if shown else 0,
            shown.end("text") if shown else 0,
        )


def run(text: str, folder: Path) -> Iterator[Ran]:
    """Run a document's commands in ``folder``, where ``flowc`` is the one of this checkout."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    tools = folder / ".tools"
    tools.mkdir()
    where = tools / "where"
    where.write_text(str(folder))
    flowc = tools / "flowc"
    flowc.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}:{ROOT / "runtime"}" exec "{sys.executable}" -m flowc "$@"\n'
    )
    flowc.chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWC_", "PYTHON", "COV"))}
    environment = {
        **kept,
        "PATH": os.pathsep.join((str(tools), str(Path(sys.executable).parent), kept["PATH"])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    for block in blocks(text):
        done = subprocess.run(
            ["/bin/sh", "-c", f'{block.command}\ncode=$?; pwd > "{where}"; exit $code'],
            cwd=where.read_text().strip(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        yield Ran(block, done.returncode, done.stdout)


def rewritten(text: str, folder: Path) -> str:
    """The document with what its commands print now.

    Raises:
        RuntimeError: a command does not end with the code that the document gives.
    """
    for ran in reversed(list(run(text, folder))):
        if ran.code != ran.block.code:
            raise RuntimeError(f"{ran.block.command}ended with {ran.code}:\n{ran.printed}")
        if ran.block.shown is not None and not ran.as_shown:
            text = text[: ran.block.start] + ran.printed + text[ran.block.end :]
    return text


def _main(paths: list[str]) -> None:
    for path in map(Path, paths):
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(rewritten(path.read_text("utf-8"), Path(folder)), "utf-8")


if __name__ == "__main__":
    _main(sys.argv[1:])
