"""The registry of codes. A code is declared in the file that raises it, and is for ever."""

from __future__ import annotations

import re

from flowc.model.diagnostic import Code

#: What the first two digits say.
RANGES = {
    "01": "syntax",
    "02": "names and graph",
    "03": "types",
    "04": "errors, effects and facts",
    "05": "delivery",
    "06": "emission",
    "07": "project and environment",
    "08": "at run time",
    "09": "ours",
}

_CODES: dict[str, Code] = {}
_FORM = re.compile(r"FC0[1-9]\d\d")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

#: Codes that appeared in a release and are no longer raised; never used again.
RETIRED: frozenset[str] = frozenset()


def declare(id: str, name: str, title: str) -> Code:
    """Register a code.

    Args:
        id: ``FC0312``, in the range of the folder that declares it.
        name: what it flags, so that "allow NAME" reads well: ``nullable-comparison``.
        title: one sentence without a full stop.

    Raises:
        ValueError: the id or the name is malformed, retired or taken.
    """
    if not _FORM.fullmatch(id) or not _NAME.fullmatch(name):
        raise ValueError(f"malformed code {id} {name}")
    if id in RETIRED:
        raise ValueError(f"{id} is retired")
    known = _CODES.get(id)
    code = Code(id, name, title)
    if known is not None and known != code:
        raise ValueError(f"{id} is declared twice: {known.name} and {name}")
    if any(other.name == name and other.id != id for other in _CODES.values()):
        raise ValueError(f"the name {name} is taken")
    _CODES[id] = code
    return code


def declared() -> tuple[Code, ...]:
    """Every code declared by the modules imported so far, in order."""
    return tuple(_CODES[id] for id in sorted(_CODES))
