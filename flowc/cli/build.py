"""``flowc build``: write a pipeline as a standalone project."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from flowc.cli.support.command import (
    COMMON,
    ENV_FILE,
    FINDINGS,
    OK,
    SET,
    STRICT,
    Command,
    Invocation,
    Kind,
    Option,
    Refused,
    UsageError,
)

if TYPE_CHECKING:
    from flowc.cli.support.lay import Layout
    from flowc.compile import Emitted
    from flowc.model.files import FileSet


def _targets() -> tuple[str, ...]:
    from flowc.targets.base import target_names

    return target_names()


def _run(call: Invocation) -> int:
    from flowc.cli.support import lay, pipelines
    from flowc.cli.support.files import cannot_write
    from flowc.compile import emit

    target = call.text("target") or "python"
    strict = call.flag("strict")
    filesets: list[FileSet] = []
    for request in pipelines.requests(call):
        emitted = emit(request, target=target)
        found = emitted.checked.diagnostics
        pipelines.show_diagnostics(call, found)
        code = pipelines.exit_code(found, strict=strict)
        if code != OK:
            return code
        if call.flag("explain"):
            _explain(call, emitted)
        filesets += emitted.filesets.values()
    built = _folders(call, filesets)
    try:
        layouts = [lay.plan(files, call.cwd / folder) for files, folder in built]
    except OSError as error:
        raise cannot_write(call.cwd, error) from None
    conflicts = tuple(conflict for layout in layouts for conflict in layout.conflicts)
    if conflicts:
        raise Refused(*conflicts)
    pending = sum(len(layout.pending) for layout in layouts)
    if call.flag("diff"):
        for (_, folder), layout in zip(built, layouts, strict=True):
            for line in lay.diff(layout.pending, f"{folder.as_posix()}/"):
                call.terminal.write(line)
    if call.flag("check"):
        for (_, folder), layout in zip(built, layouts, strict=True):
            _list(call, layout, folder, "would ")
        return FINDINGS if pending else OK
    if call.flag("diff"):
        return OK
    for (files, folder), layout in zip(built, layouts, strict=True):
        try:
            lay.write(layout)
        except OSError as error:
            raise cannot_write(folder, error) from None
        call.terminal.say(f"{folder}: {_counts(layout)}\n")
        call.terminal.say(
            f"  python -m pip install {_as_argument(folder)} && python -m {files.package}\n"
        )
    return OK


def _as_argument(folder: Path) -> str:
    """The folder as pip takes it: never mistaken for a package's name."""
    return shlex.quote(str(folder) if folder.is_absolute() else f"./{folder}")


def _folders(call: Invocation, found: list[FileSet]) -> list[tuple[FileSet, Path]]:
    """Where each project goes: ``-o`` itself for one, a folder below it for several.

    Raises:
        UsageError: two projects would have one folder.
    """
    output = call.text("output")
    if output is not None and len(found) == 1:
        return [(found[0], Path(output))]
    base = Path(output or "dist")
    names = [files.package for files in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"two pipelines are called {name!r}",
                "give one of them another name: in YAML, name: NAME",
            )
    return [(files, base / files.package) for files in found]


def _counts(layout: Layout) -> str:
    """``2 changed, 38 unchanged files``; what did not happen is left out."""
    words = {"create": "new", "update": "changed", "remove": "removed", "keep": "unchanged"}
    actions = [change.action.value for change in layout.changes]
    counts = [(actions.count(action), word) for action, word in words.items()]
    return ", ".join(f"{n} {word}" for n, word in counts if n) + " files"


def _list(call: Invocation, layout: Layout, folder: Path, lead: str) -> None:
    for change in layout.pending:
        call.terminal.say(f"{lead}{change.action.value} {folder / change.path}\n")


def _explain(call: Invocation, emitted: Emitted) -> None:
    for plan in emitted.plans:
        call.terminal.write(f"{plan.name}:\n")
        for note in plan.notes:
            call.terminal.write(f"  {note.name}: {note.text}\n")
        for block in plan.blocks:
            call.terminal.write(f"  block {block.id}: {', '.join(block.nodes)}\n")


COMMAND = Command(
    name="build",
    summary="Write a pipeline as a standalone project.",
    run=_run,
    words="[FILE|DSL]",
    most=1,
    options=(
        Option("target", Kind.CHOICE, "What to write.", metavar="TARGET", choices=_targets),
        Option("output", Kind.TEXT, "The folder; dist/NAME by default.", "-o", "DIR"),
        Option("check", Kind.FLAG, "Write nothing; exit 1 if a file would change."),
        Option("diff", Kind.FLAG, "Write nothing; print what would change."),
        Option("explain", Kind.FLAG, "Say what each pass of the optimiser did."),
        STRICT,
        SET,
        ENV_FILE,
        *COMMON,
    ),
    examples=(
        "flowc build orders.yaml --target python -o dist/orders",
        "flowc build orders.yaml -o dist/orders --check",
    ),
    notes=(
        "Files that flowc did not write, or that were changed since, are never written over: "
        "flowc.lock.json in the folder says which are flowc's. No secret is ever written.",
    ),
)
