"""How a drawing is written down: one module a format, with a `draw`; nothing lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from flowc.cli.support.show.drawing import Drawing
    from flowc.cli.support.terminal import Terminal

#: The drawings of a file, and what the stream can show, to one text.
Draw: TypeAlias = "Callable[[Sequence[Drawing], Terminal], str]"


def names() -> tuple[str, ...]:
    """The formats, the one for people first."""
    found = sorted(module.name for module in iter_modules(__path__))
    return tuple(sorted(found, key=lambda name: name != "text"))


def drawer(name: str) -> Draw:
    """The format of that name, which is one of `names`."""
    draw: Draw = import_module(f"{__name__}.{name}").draw
    return draw
