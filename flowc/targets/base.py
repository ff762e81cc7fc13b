"""What a target is, and how one is found.

A target turns a plan into files. It is a folder of ``flowc/targets`` whose package has a
``TARGET``, or an entry point of the group ``flowc.targets``; nothing lists them.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from typing import ClassVar, Protocol

from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Code
from flowc.model.files import FileSet
from flowc.model.plan import Plan

UNPREDICTED_CODE = declare(
    "FC0601",
    "unpredicted-code",
    "The generated code is not what the plan predicted",
)


class EmissionError(Exception):
    """A target cannot print a plan, or printed what it must not: a bug of flowc.

    ``code`` names the kind. Nothing was written.
    """

    def __init__(self, message: str, code: Code = UNPREDICTED_CODE) -> None:
        super().__init__(message)
        self.code = code


class Target(Protocol):
    """``TARGET`` of ``targets/NAME``."""

    name: ClassVar[str]
    summary: ClassVar[str]

    def emit(self, plan: Plan, *, formatted: bool) -> FileSet:
        """The files of a plan.

        ``formatted``: the whole project, as ``build`` writes it. Otherwise what ``run``
        loads: the same modules with the same syntax trees, without the copy of the runtime,
        for which the installed one stands in.

        Raises:
            EmissionError: the output would not be what the plan predicts (our bug).
        """
        ...


def target(name: str) -> Target | None:
    """The target of that name, or None."""
    if name in _folders():
        found: Target = importlib.import_module(f"{__package__}.{name}").TARGET
        return found
    for entry in entry_points(group="flowc.targets", name=name):
        loaded: Target = entry.load()
        return loaded
    return None


def target_names() -> tuple[str, ...]:
    """The names of all targets, in order."""
    installed = {entry.name for entry in entry_points(group="flowc.targets")}
    return tuple(sorted(_folders() | installed))


def _folders() -> set[str]:
    package = importlib.import_module(__package__ or "flowc.targets")
    return {module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg}
