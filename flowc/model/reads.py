"""What a compilation looks at beside its own text: files, folders, variables.

Whoever looks at one of them notes it; who keeps compiled pipelines listens, so that a change of
any of them is a reason to compile again. Where nobody listens, noting costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reads:
    """What was looked at, in order: ``paths`` whose being there or content matters,
    ``folders`` whose names matter, ``variables`` of the environment."""

    paths: dict[Path, None] = field(default_factory=dict)
    folders: dict[Path, None] = field(default_factory=dict)
    variables: dict[str, None] = field(default_factory=dict)


_LISTENER: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def listening() -> Iterator[Reads]:
    """What is looked at while inside."""
    reads = Reads()
    token = _LISTENER.set(reads)
    try:
        yield reads
    finally:
        _LISTENER.reset(token)


def looked_at(path: Path) -> Path:
    """Note that the content of a file matters, or that there is none; gives the path."""
    if (reads := _LISTENER.get()) is not None:
        reads.paths[path.absolute()] = None
    return path


def listed(folder: Path) -> Path:
    """Note that it matters which files a folder holds; gives the folder."""
    if (reads := _LISTENER.get()) is not None:
        reads.folders[folder.absolute()] = None
    return folder


class Variables(Mapping[str, str]):
    """The variables of an environment; those that are asked for are noted."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        if (reads := _LISTENER.get()) is not None:
            reads.variables[name] = None
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
