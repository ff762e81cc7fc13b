"""How diagnostics are shown: one file a format, found by its name.

Each has ``render(diagnostics, *, colour, width, ascii) -> str``. Files that begin with an
underscore are parts of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from flowc.model.diagnostic import Diagnostic


class Render(Protocol):
    """Diagnostics in, text out, with a line end at its end unless it is empty.

    ``width`` is in terminal columns; ``ascii`` asks for nothing beyond ASCII. A format for
    machines has no use for ``colour`` and ``width`` and takes them all the same.
    """

    def __call__(
        self,
        diagnostics: Iterable[Diagnostic],
        *,
        colour: bool = False,
        width: int = 80,
        ascii: bool = False,
    ) -> str: ...


def formats() -> tuple[str, ...]:
    """The names of the formats, ``text`` first."""
    names = {m.name for m in iter_modules(__path__) if not m.name.startswith("_")}
    return ("text", *sorted(names - {"text"}))


def renderer(format: str) -> Render:
    """The renderer of a format.

    Raises:
        LookupError: there is no such format.
    """
    if format not in formats():
        raise LookupError(format)
    return cast(Render, import_module(f"{__name__}.{format}").render)
