"""Compile and run a pipeline in this process: what tests of meaning share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowc import compile as road
from flowc.catalog.spec import OperatorExample
from flowc.launch.run import run
from flowc.model.diagnostic import Diagnostic
from flowc.model.source import SourceFile
from flowc_runtime.engine import Result, RunOptions


@dataclass(frozen=True)
class Ran:
    """What a run left behind. ``rows`` are the JSON lines of the file ``out.jsonl``."""

    result: Result
    diagnostics: tuple[Diagnostic, ...]
    rows: list[Any]
    dead: list[Any]


def request(text: str, folder: Path, *, strict: bool = False, name: str = "") -> road.Request:
    """A request for a chain, or for the text of a file called ``name`` in the folder."""
    path = folder / name if name else None
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = SourceFile(name or road.COMMAND_LINE, text)
    return road.Request(source, path, folder, strict=strict, environment={})


def codes(text: str, folder: Path, *, strict: bool = False, name: str = "") -> list[str]:
    """The codes of what `validate` finds, in order."""
    checked = road.check(request(text, folder, strict=strict, name=name))
    return [diagnostic.code.id for diagnostic in checked.diagnostics]


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ran(text: str, folder: Path, *, name: str = "", options: RunOptions | None = None) -> Ran:
    """Run a pipeline whose endpoints lie in ``folder``, the current one.

    Raises:
        AssertionError: it does not compile; the message lists why.
    """
    emitted = road.emit(request(text, folder, name=name), formatted=False)
    problems = [f"{d.code.id}: {d.message}" for d in emitted.checked.diagnostics if d.is_error]
    assert not problems, problems
    (fileset,) = emitted.filesets.values()
    result = run(fileset, options or RunOptions())
    assert result.exit_code != 4, result.details or result.diagnosis
    return Ran(
        result,
        emitted.checked.diagnostics,
        lines(folder / "out.jsonl"),
        lines(Path(result.dead_letter_path)),
    )


def laid(example: OperatorExample, folder: Path) -> None:
    """The files that an example reads."""
    for name, text in {"in.jsonl": example.given + "\n", **example.tables}.items():
        (folder / name).write_text(text)
