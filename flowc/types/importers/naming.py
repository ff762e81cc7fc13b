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
        self._taken = set(taken)

    def take(self, name: str) -> str:
        """The name, which need not be free: it was written for this type."""
        self._taken.add(name)
        return name

    def fresh(self, wanted: str, owner: str = "") -> str:
        """A free name like the one wanted: it, else with that of its owner before it, else with
        a number behind it."""
        name = type_name(wanted)
        owned = owner + name[:1].upper() + name[1:]
        for candidate in (name, owned) if owner else (name,):
            if candidate not in self._taken:
                return self.take(candidate)
        number = 2
        while f"{name}{number}" in self._taken:
            number += 1
        return self.take(f"{name}{number}")
