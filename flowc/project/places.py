"""Paths of a project: how they are shown, what stays inside, how a file is read."""

from __future__ import annotations

import os
from pathlib import Path

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.reads import looked_at
from flowc.model.source import SourceFile
from flowc.syntax.limits import decode

UNREADABLE = declare("FC0704", "unreadable-project-file", "A file of the project cannot be used")


def shown(path: Path) -> str:
    """The path as messages show it: from the current folder where it lies below that."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def inside(path: Path, root: Path, reporter: Reporter) -> bool:
    """Whether a file that is compiled or executed really lies in the project.

    A link that leads out of it is reported.
    """
    real = path.resolve()
    if real.is_relative_to(root.resolve()):
        return True
    reporter.error(
        UNREADABLE,
        f"{shown(path)} is a link to {real}, outside the project",
        notes=(
            f"the project is {root}",
            "what is compiled or executed stays inside it: copy the file",
        ),
    )
    return False


def read_text(path: Path, reporter: Reporter) -> SourceFile | None:
    """The text of a file of the project; None where it cannot be read, which is reported."""
    try:
        data = looked_at(path).read_bytes()
    except OSError as error:
        reporter.error(
            UNREADABLE,
            f"{shown(path)} cannot be read",
            notes=(error.strerror or str(error),),
        )
        return None
    return decode(data, shown(path), reporter)
