"""What the operating system's errors mean for the person who runs a pipeline."""

from __future__ import annotations

import difflib
import errno
import os

from ..errors import Diagnosis

__all__ = ["diagnose_os", "similar_names"]


def similar_names(path: str) -> list[str]:
    """Files beside `path` whose names are like its own, as paths, the nearest first."""
    folder, name = os.path.split(path)
    try:
        siblings = sorted(os.listdir(folder or "."))[:10_000]
    except OSError:
        return []
    return [os.path.join(folder, near) for near in difflib.get_close_matches(name, siblings, n=3)]


def diagnose_os(error: OSError, path: str, *, writing: bool) -> Diagnosis:
    """The diagnosis of an error about the file at `path`."""
    folder = os.path.dirname(path) or "."
    match error.errno:
        case errno.ENOENT if writing:
            return Diagnosis(
                "FC0805",
                f"cannot write {path}",
                f"the folder {folder} does not exist",
                (f"Create it: mkdir -p {folder}", "Check the spelling of the path"),
            )
        case errno.ENOENT:
            near = similar_names(path)
            return Diagnosis(
                "FC0801",
                f"no such file: {path}",
                f"it does not exist, seen from the current folder {os.getcwd()}",
                (
                    *(f"Did you mean {name}?" for name in near),
                    *(() if near else (f"See what is there: ls {folder}",)),
                ),
            )
        case errno.EISDIR:
            return Diagnosis(
                "FC0802",
                f"{path} is a folder, not a file",
                "a source or a sink of records is one file",
                (f"Name a file in it, as in {os.path.join(path, 'records.jsonl')}",),
            )
        case errno.ENOTDIR:
            return Diagnosis(
                "FC0801",
                f"no such file: {path}",
                "a part of the path that should be a folder is a file",
                ("Check the path",),
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            verb = "write" if writing else "read"
            return Diagnosis(
                "FC0803",
                f"not permitted to {verb} {path}",
                os.strerror(error.errno),
                (f"See who may: ls -l {path if not writing else folder}", "Choose another path"),
            )
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return Diagnosis(
                "FC0804",
                f"no space left to write {path}",
                os.strerror(error.errno),
                (f"See what is free: df -h {folder}", "Write to another disk"),
            )
        case number:
            return Diagnosis(
                "FC0816",
                f"cannot {'write' if writing else 'read'} {path}",
                os.strerror(number) if number else str(error),
                ("Check that the disk or mount is in order, then run again",),
            )
