"""Rules over a typed pipeline: one file each, found by being here.

A rule file has a function ``RULE(typed, context)`` that reports what it finds, declares
its own code, and has a page in the documentation that is also its test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from flowc.diagnostics.reporter import Reporter
from flowc.model.graph import TypedPipeline
from flowc.model.project import Project


@dataclass(frozen=True, slots=True)
class RuleContext:
    project: Project
    reporter: Reporter

    @property
    def strict(self) -> bool:
        return self.project.strict


Rule = Callable[[TypedPipeline, RuleContext], None]


def rules() -> Iterator[tuple[str, Rule]]:
    """Every rule by its file's name, in the order of names."""
    for info in sorted(iter_modules(__path__), key=lambda info: info.name):
        yield info.name, import_module(f"{__name__}.{info.name}").RULE


def run_rules(typed: TypedPipeline, project: Project, reporter: Reporter) -> None:
    """Let every rule look at a pipeline."""
    context = RuleContext(project, reporter)
    for _, rule in rules():
        rule(typed, context)


def nothing_comes(behind: Sequence[str]) -> tuple[str, ...]:
    """A note that names the nodes which get no record."""
    if not behind:
        return ()
    shown = ", ".join(f"'{node}'" for node in behind[:4])
    more = f" and {len(behind) - 4} more" if len(behind) > 4 else ""
    return (f"so nothing comes to {shown}{more}",)
