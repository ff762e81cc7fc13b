"""What a target produced. The only product of a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Owner(Enum):
    """GENERATED: ours, rewritten each time. VENDORED: the runtime's bytes, unchanged.
    COPIED: the user's file, copied. USER: written once, then the user's own."""

    GENERATED = "generated"
    VENDORED = "vendored"
    COPIED = "copied"
    USER = "user"


@dataclass(frozen=True, slots=True)
class File:
    text: str
    owner: Owner = Owner.GENERATED


@dataclass(frozen=True, slots=True)
class FileSet:
    """Relative POSIX path -> file. ``package`` is the import name of what was produced."""

    package: str
    files: Mapping[str, File] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, File]]:
        return iter(sorted(self.files.items()))

    def __len__(self) -> int:
        return len(self.files)
