"""The page of each code: ``docs/errors/FCxxxx.md``, read without a network.

A page begins with ``# FC0312: nullable-comparison``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowc.diagnostics.suggest import nearest
from flowc.resources import errors_dir

_HEADING = re.compile(r"# (?P<id>FC\d{4}): (?P<name>[a-z0-9-]+)\s*\n+(?P<rest>[^\n]*)")


@dataclass(frozen=True, slots=True)
class Page:
    """A page. ``summary`` is its first sentence or paragraph line."""

    id: str
    name: str
    summary: str
    text: str


def pages() -> tuple[Page, ...]:
    """Every page, by code."""
    found: list[Page] = []
    for path in sorted(errors_dir().glob("FC*.md")):
        text = path.read_text(encoding="utf-8")
        heading = _HEADING.match(text)
        if heading is not None:
            found.append(Page(heading["id"], heading["name"], heading["rest"], text))
    return tuple(found)


def page(wanted: str) -> Page | None:
    """The page of a code (``FC0312``, ``fc312``, ``312``) or of a code's name."""
    digits = re.fullmatch(r"(?:fc)?0*(\d{1,4})", wanted, re.IGNORECASE)
    id = f"FC{int(digits[1]):04}" if digits else ""
    for candidate in pages():
        if candidate.id == id or candidate.name == wanted:
            return candidate
    return None


def similar(wanted: str) -> tuple[Page, ...]:
    """Pages that may be meant by a code or name that has none, the nearest first."""
    known = pages()
    by_key = {p.id: p for p in known} | {p.name: p for p in known}
    code = wanted.upper()
    ids = nearest(code, (p.id for p in known), most=len(known))
    # A code's first digits are its range, so those are right rather than the last.
    close = [by_key[id] for id in sorted(ids, key=lambda id: id[:4] != code[:4])]
    close += [by_key[key] for key in nearest(wanted.lower(), (p.name for p in known))]
    if not close:
        close = [p for p in known if wanted.lower() in p.name]
    return tuple(dict.fromkeys(close))[:3]
