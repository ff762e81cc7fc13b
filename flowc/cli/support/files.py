"""Files of the user: replaced in one step, compared, and refused in words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from flowc.cli.support.command import ENVIRONMENT, Refused
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Diagnostic, Severity

NOT_WRITTEN = declare("FC0784", "cannot-write", "A file or folder cannot be written")


def cannot_write(path: Path, error: OSError) -> Refused:
    """What the system said, as the end of the command."""
    name = error.filename or path
    return Refused(
        Diagnostic(NOT_WRITTEN, Severity.ERROR, f"{name} cannot be written: {error.strerror}"),
        exit_code=ENVIRONMENT,
    )


def replace_text(path: Path, text: str) -> None:
    """Give a file a new text in one step; its permissions stay.

    Raises:
        OSError: it cannot be written.
    """
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    handle, temporary = tempfile.mkstemp(prefix=".flowc-", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            os.fchmod(file.fileno(), mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def text_diff(before: str | None, after: str | None, name: str) -> Iterator[str]:
    """The unified diff of two texts of one file; None is no file."""
    lines = unified_diff(
        (before or "").splitlines(keepends=True),
        (after or "").splitlines(keepends=True),
        f"a/{name}" if before is not None else "/dev/null",
        f"b/{name}" if after is not None else "/dev/null",
    )
    for line in lines:
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
