"""Names for imported types: the document's own where they are names here, else what a person
would make of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flowc.types.words import RESERVED

_BARE = re.compile(r"[^\W\d]\w*")
_APART = re.compile(r"[\W_]+")


def is_name(text: str) -> bool:
    """Whether a text is a name that a type may have."""
    return bool(_BARE.fullmatch(text)) and text.isprintable() and text not in RESERVED


def type_name(text: str) -> str:
    """A name for a type: ``payment`` stays, ``card-payment`` is ``CardPayment``, ``string`` is
    ``String``, ``3d model`` is ``Type3dModel``."""
    if is_name(text):
        return text
    parts = [part for part in _APART.split(text) if part.isprintable()]
    name = "".join(part[:1].upper() + part[1:] for part in parts) or "Type"
    return name if _BARE.fullmatch(name) else f"Type{name}"


class Names:
    """Gives each name once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._written = set(taken)
        self._given: set[str] = set()

    def take(self, name: str) -> str:
        """The name, which need not be free: it was written for this type."""
        self._written.add(name)
        return name

    def fresh(self, wanted: str, file: str = "") -> str:
        """A free name like the one wanted, which is the document's.

        Where the project has a type of that name, the one of the ``file`` comes before it
        (``ApiError`` of ``v1/api.yaml``); what is still not free gets a number behind it.
        """
        name = type_name(wanted)
        if name in self._written and file:
            stem = type_name(file.rpartition("/")[2].partition(".")[0])
            name = stem[:1].upper() + stem[1:] + name[:1].upper() + name[1:]
        free, number = name, 2
        while free in self._written or free in self._given:
            free, number = f"{name}{number}", number + 1
        self._given.add(free)
        return free
