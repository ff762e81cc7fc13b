"""An exception nobody caught: our bug, never the user's."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

from flowc import __version__
from flowc.cli.support.terminal import Terminal
from flowc.diagnostics.codes import declare
from flowc.diagnostics.render import text
from flowc.model.diagnostic import Code, Diagnostic, Fix, Severity

INTERNAL = declare("FC0901", "internal-error", "flowc itself went wrong")

#: Characters of an exception in the message; the trace has all of it.
_LONGEST = 200


def cache_dir(environ: Mapping[str, str]) -> Path:
    """The user's cache folder of flowc; it need not exist."""
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "flowc"


def _keep(trace: str, environ: Mapping[str, str]) -> Path | None:
    """Write the trace where only the user reads it; None where no folder can be written."""
    name = time.strftime("crash-%Y%m%d-%H%M%S-") + f"{os.getpid()}.txt"
    try:
        folders = [cache_dir(environ)]
    except RuntimeError:
        folders = []
    for folder in (*folders, Path(tempfile.gettempdir())):
        path = folder / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(trace)
        except OSError:
            continue
        return path
    return None


def keep(trace: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Write a trace to the user's cache folder.

    Returns:
        What to say of it: where it lies, or nothing where it could not be written.
    """
    head = f"flowc {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
    path = _keep(head + trace, environ)
    return () if path is None else (f"the trace was written to {path}",)


def _short(error: BaseException) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def report(error: BaseException, environ: Mapping[str, str], to: Terminal) -> None:
    """Say that this is a bug in flowc, and where its trace lies.

    An exception that has a `Code` of its own is reported under it.
    """
    trace = "".join(traceback.format_exception(error))
    if environ.get("FLOWC_DEBUG"):
        to.complain(trace)
    about = f"flowc {__version__} on Python {platform.python_version()}, {sys.platform}"
    code = getattr(error, "code", None)
    diagnostic = Diagnostic(
        code if isinstance(code, Code) else INTERNAL,
        Severity.ERROR,
        f"this is a bug in flowc: {_short(error)}",
        notes=(about, *keep(trace, environ)),
        fixes=(
            Fix("report it to flowc's maintainers with that file and the pipeline"),
            Fix("FLOWC_DEBUG=1 prints the trace here"),
        ),
    )
    to.complain(text.render([diagnostic], colour=to.colour_err, width=to.width, ascii=to.ascii_err))
