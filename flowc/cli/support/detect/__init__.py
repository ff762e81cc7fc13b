"""What `flowc init` can tell of a folder: one module a kind of thing, each with a `detect`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules


@dataclass(frozen=True, slots=True)
class Found:
    """What was detected.

    ``what`` reads behind "Detected:". ``files`` are to be generated, by their paths in the
    folder; ``steps`` are commands to try then. ``notes`` say, a line each, what flowc cannot do
    with it.
    """

    what: str
    files: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


#: Looks at a folder, not below it unless the kind of thing lies there; reads, never runs.
Detector = Callable[[Path], Found | None]


def found_in(folder: Path) -> Iterator[Found]:
    """What every detector has to say of a folder, in the order of their names."""
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        detect: Detector = import_module(f"{__name__}.{module.name}").detect
        found = detect(folder)
        if found is not None:
            yield found


def names_of(folder: Path, *patterns: str) -> tuple[str, ...]:
    """The files of a folder that a pattern matches, sorted; hidden ones are left out."""
    names = {
        path.relative_to(folder).as_posix()
        for pattern in patterns
        for path in folder.glob(pattern)
        if path.is_file() and not path.name.startswith(".")
    }
    return tuple(sorted(names))


def listed(names: tuple[str, ...], most: int = 3) -> str:
    """Names in words: ``a, b, c and 4 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
