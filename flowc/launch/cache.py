"""Compiled pipelines, kept under the user's cache folder.

An entry is a JSON file named by a hash of what was asked for (the pipeline's text, the folder,
what `--set` gave, flowc itself). It begins with what the compilation looked at; where one of
these has changed, the entry counts for nothing. Code is run from here, so the folder must be the
user's own and closed to others: where it is not, nothing is kept and nothing is read.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from flowc.model.reads import Reads

#: Up to this size a file is told by its content, a larger one by its size and times.
_CONTENT = 1 << 20
#: Nanoseconds within which two changes of a file may have the same time.
_TICK = 2_000_000_000
_MOST = 200
_FORM = "1"


class Inputs(msgspec.Struct, frozen=True):
    """What an entry was made from, beside the request: hashes by path, folder and variable."""

    paths: dict[str, str]
    folders: dict[str, str]
    variables: dict[str, str]


class Entry(msgspec.Struct, frozen=True):
    """One kept compilation; ``compiled`` is the caller's own, still encoded."""

    inputs: Inputs
    compiled: msgspec.Raw


def key(*parts: object) -> str:
    """The name of an entry: a hash of what was asked for and of flowc."""
    return _hash(msgspec.json.encode([_FORM, _flowc(), [str(part) for part in parts]]))


class Cache:
    """The kept compilations of one user."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._folder = _folder(environ)

    def find(self, name: str) -> bytes | None:
        """What was kept under a name, if nothing that it was made from has changed."""
        if self._folder is None or not _is_ours(self._folder):
            return None
        path = self._folder / f"{name}.json"
        try:
            entry = msgspec.json.decode(path.read_bytes(), type=Entry)
        except (OSError, msgspec.MsgspecError):
            return None
        if not self._holds(entry.inputs):
            return None
        with suppress(OSError):
            os.utime(path)
        return bytes(entry.compiled)

    def keep(self, name: str, reads: Reads, compiled: Any) -> None:
        """Keep a compilation; not where a file it was made from may still be changing."""
        if self._folder is None:
            return
        inputs = self._inputs(reads)
        if inputs is None:
            return
        data = msgspec.json.encode(Entry(inputs, msgspec.Raw(msgspec.json.encode(compiled))))
        # A full disk or a read-only home must not stop the run that this is a by-product of.
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours(self._folder):
                self._write(self._folder / f"{name}.json", data)
                self._thin_out()

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            os.replace(part, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(part)

    def _thin_out(self) -> None:
        """Leave those that were used last."""
        assert self._folder is not None
        with os.scandir(self._folder) as found:
            entries = sorted(found, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
        for entry in entries[_MOST:]:
            with suppress(OSError):
                os.unlink(entry)

    def _inputs(self, reads: Reads) -> Inputs | None:
        paths: dict[str, str] = {}
        now = time.time_ns()
        for path in reads.paths:
            found = _content(str(path))
            if found is None:
                return None
            state, changed = found
            if changed > now - _TICK:
                return None
            paths[str(path)] = state
        return Inputs(
            paths,
            {str(folder): _names(str(folder)) for folder in reads.folders},
            {name: self._variable(name) for name in reads.variables},
        )

    def _holds(self, inputs: Inputs) -> bool:
        for name, value in inputs.variables.items():
            if self._variable(name) != value:
                return False
        for path, state in inputs.paths.items():
            found = _content(path)
            if found is None or found[0] != state:
                return False
        return all(_names(folder) == names for folder, names in inputs.folders.items())

    def _variable(self, name: str) -> str:
        value = self._environ.get(name)
        return "" if value is None else _hash(value.encode("utf-8", "surrogateescape"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _content(path: str) -> tuple[str, int] | None:
    """What a file holds, as a hash, and when a change of it might not show (0: never); None
    where it cannot be told."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return "folder", 0
        if not stat.S_ISREG(found.st_mode):
            return "device", 0
        if found.st_size > _CONTENT:
            times = f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
            return times, max(found.st_mtime_ns, found.st_ctime_ns)
        with open(path, "rb") as file:
            return f"{os.path.realpath(path)} {_hash(file.read())}", 0
    except (FileNotFoundError, NotADirectoryError):
        return "missing", 0
    except OSError:
        return None


def _names(folder: str) -> str:
    try:
        return _hash("\0".join(sorted(os.listdir(folder))).encode("utf-8", "surrogateescape"))
    except OSError:
        return "missing"


def _folder(environ: Mapping[str, str]) -> Path | None:
    """Where compiled pipelines are kept; None where the user has no home or wants none."""
    named = environ.get("FLOWC_CACHE")
    if named is not None:
        return None if named.lower() in ("", "0", "off", "no") else Path(named).absolute()
    base = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):
        return Path(base) / "flowc" / "compiled"
    home = environ.get("HOME", "")
    return Path(home) / ".cache" / "flowc" / "compiled" if os.path.isabs(home) else None


def _is_ours(folder: Path) -> bool:
    """Whether a folder, no link, is the user's and nobody else may look into it."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )


def _flowc() -> list[str]:
    """This flowc, as what it makes depends on it: a checkout by its files, an installed one
    by what is installed beside it."""
    import flowc
    import flowc_runtime

    found = [flowc.__version__, sys.version, sys.executable]
    roots = {Path(module.__file__ or "").parent for module in (flowc, flowc_runtime)}
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    for place in installed:
        with suppress(OSError):
            found.append(f"{place} {os.stat(place).st_mtime_ns}")
    for root in sorted(roots):
        if not any(root.is_relative_to(place) for place in installed):
            beside = (root, root.parent / "templates", root.parent / "grammar")
            found += [f"{path} {when}" for place in beside for path, when in _files(str(place))]
    return found


def _files(folder: str) -> Iterator[tuple[str, int]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        else:
            yield entry.path, entry.stat().st_mtime_ns
