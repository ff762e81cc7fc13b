"""Lay a set of files into a folder without touching what is not flowc's.

A file is flowc's own when ``flowc.lock.json`` in that folder holds its hash. A file that is
not, or that somebody changed since, is never written over and never removed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from flowc.cli.support.files import replace_text, text_diff
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Diagnostic, Fix, Severity
from flowc.model.files import File, FileSet, Owner

LOCK = "flowc.lock.json"

NOT_OURS = declare(
    "FC0781", "file-not-ours", "A file stands where build would write, and flowc did not write it"
)
EDITED = declare("FC0782", "edited-file", "A generated file was changed since flowc wrote it")


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one file; ``before`` and ``after`` are its texts (None: no file)."""

    path: str
    action: Action
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Every file's change, and what forbids to write at all."""

    folder: Path
    changes: tuple[Change, ...]
    conflicts: tuple[Diagnostic, ...]

    @property
    def pending(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action is not Action.KEEP)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _read(path: Path) -> str | None:
    """The text of a file as it is, line ends included; None where there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _known(text: str | None) -> Mapping[str, str] | None:
    """The hashes in a lock file; None where it is missing or no lock of flowc's."""
    try:
        files = json.loads(text or "{}")["files"]
        return {
            str(path): str(entry["sha256"])
            for path, entry in files.items()
            if entry["owner"] != Owner.USER.value
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _checked(path: str) -> PurePosixPath:
    """A path of a file set.

    Raises:
        ValueError: it would lead out of the folder, which is a bug of the target.
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path or not pure.parts:
        raise ValueError(f"a target made a file {path!r}, which may lie anywhere")
    return pure


def _is_linked(folder: Path, path: PurePosixPath) -> bool:
    """Whether a link leads the path out of the folder, or stands at its end."""
    target = folder / path
    return target.is_symlink() or not target.parent.resolve().is_relative_to(folder.resolve())


def _is_ours(folder: Path, path: str) -> bool:
    """Whether a path of a lock file names a plain file in the folder; a lock may lie."""
    try:
        return not _is_linked(folder, _checked(path)) and (folder / path).is_file()
    except ValueError:
        return False


def _conflict(change: str, path: Path) -> Diagnostic:
    if change == "edited":
        return Diagnostic(
            EDITED,
            Severity.ERROR,
            f"{path} was changed since flowc wrote it",
            notes=("building would lose that change",),
            fixes=(
                Fix("move the change elsewhere and delete the file, or build into another folder"),
            ),
        )
    if change == "linked":
        return Diagnostic(
            NOT_OURS,
            Severity.ERROR,
            f"{path} is a link or lies behind one, and flowc did not make it",
            fixes=(Fix("build into a folder without links"),),
        )
    return Diagnostic(
        NOT_OURS,
        Severity.ERROR,
        f"{path} exists, and flowc did not write it",
        fixes=(Fix("build into another folder, or move the file away"),),
    )


def plan(files: FileSet, folder: Path) -> Layout:
    """Compare a set of files with a folder; nothing is written.

    Raises:
        OSError: the folder cannot be read.
        ValueError: a path of the set would lead out of the folder.
    """
    lock = _known(_read(folder / LOCK))
    known = lock or {}
    wanted = dict(files)
    if LOCK not in wanted:
        entries = {p: {"owner": f.owner.value, "sha256": _hash(f.text)} for p, f in files}
        wanted[LOCK] = File(json.dumps({"files": entries}, indent=2) + "\n")
    changes: list[Change] = []
    conflicts: list[Diagnostic] = []
    for path, file in sorted(wanted.items()):
        target = folder / path
        if _is_linked(folder, _checked(path)):
            conflicts.append(_conflict("linked", target))
            continue
        if target.is_dir():
            conflicts.append(_conflict("foreign", target))
            continue
        before = _read(target)
        if before is None:
            changes.append(Change(path, Action.CREATE, None, file.text))
        elif before == file.text or file.owner is Owner.USER:
            changes.append(Change(path, Action.KEEP, before, before))
        elif path == LOCK and lock is not None:
            changes.append(Change(path, Action.UPDATE, before, file.text))
        elif path not in known:
            conflicts.append(_conflict("foreign", target))
        elif _hash(before) != known[path]:
            conflicts.append(_conflict("edited", target))
        else:
            changes.append(Change(path, Action.UPDATE, before, file.text))
    for path in sorted(set(known) - set(wanted)):
        if _is_ours(folder, path):
            before = _read(folder / path)
            if before is not None and _hash(before) == known[path]:
                changes.append(Change(path, Action.REMOVE, before, None))
    return Layout(folder, tuple(changes), tuple(conflicts))


def write(layout: Layout) -> None:
    """Carry out the changes, each file at once; the lock file last.

    Raises:
        OSError: a file or folder cannot be written.
    """
    pending = sorted(layout.pending, key=lambda change: change.path == LOCK)
    for change in pending:
        target = layout.folder / change.path
        if change.after is None:
            target.unlink(missing_ok=True)
            _prune(target.parent, layout.folder)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_text(target, change.after)


def _prune(folder: Path, root: Path) -> None:
    """Remove folders that were left empty, up to the root."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def diff(changes: tuple[Change, ...], prefix: str = "") -> Iterator[str]:
    """Unified diffs of the changes, line by line, with line ends."""
    for change in changes:
        name = prefix + change.path
        yield from text_diff(change.before, change.after, name)
