"""The commands, found by their files: every module beside `app` is one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import flowc.cli
from flowc.cli.support.command import Command


def names() -> tuple[str, ...]:
    """The names of all commands."""
    return tuple(
        sorted(m.name for m in iter_modules(flowc.cli.__path__) if not m.ispkg and m.name != "app")
    )


def load(name: str) -> Command:
    """A command by its name, which is one of `names`."""
    command: Command = import_module(f"flowc.cli.{name}").COMMAND
    return command
