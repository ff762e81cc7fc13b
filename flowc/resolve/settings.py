"""What ``--set`` gives: values of variables, and values that the document holds.

``--set limit=10`` fills ``${limit}``; ``--set source=x.jsonl``, ``source.path=…``,
``sinks.1.table=…``, ``process.0=…`` and ``big.condition=…`` (a node by its name) change the
document. A name that is both is an error, and so is one that is neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.expr import Template, Variable
from flowc.model.project import Project
from flowc.model.source import SourceFile, Span, Text
from flowc.model.tree import Document, Word
from flowc.resolve import changes
from flowc.resolve.written import SETTING

UNKNOWN_SETTING = declare("FC0280", "unknown-setting", "--set names nothing of the pipeline")
AMBIGUOUS_SETTING = declare(
    "FC0281", "ambiguous-setting", "--set names a variable and a value of the document"
)


def apply_settings(document: Document, project: Project, reporter: Reporter) -> Document:
    """The document with the values that ``--set`` gave in their places.

    Variables are left as they are: they are filled from the project's settings.
    """
    if not project.settings:
        return document
    variables = frozenset(_variables(document, project))
    for name, value in project.settings.items():
        found = Reporter()
        given = SourceFile(SETTING, f"{name}={value}")
        span = given.span(0, len(name))
        changed = None if not all(name.split(".")) else _change(given, name, found).apply(document)
        if name in variables and changed is not None:
            reporter.error(
                AMBIGUOUS_SETTING,
                f"'{name}' is a variable and a value of the pipeline",
                span,
                notes=(
                    f"${{{name}}} stands in the pipeline, which has a {name}, too; rename the "
                    "variable",
                ),
            )
        elif name not in variables and changed is None:
            known = sorted({*variables, *changes.paths(document)})
            near = nearest(name, known)
            reporter.error(
                UNKNOWN_SETTING,
                f"the pipeline has neither a variable nor a value '{name}'",
                span,
                at=f"did you mean '{near[0]}'?" if near else "",
                notes=(f"it has {', '.join(known[:20])}" if known else "it has no variables",),
            )
        elif changed is not None:
            reporter.extend(found)
            document = changed
    return document


def _change(given: SourceFile, name: str, reporter: Reporter) -> changes.Change:
    """``name=value`` as a change of the document."""
    path: list[Word] = []
    at = 0
    for part in name.split("."):
        path.append(Word(part, given.span(at, at + len(part))))
        at += len(part) + 1
    value = given.text[at:]
    text = Text(value, given, at)
    template = Template((value,), given.span(at), bare=True)
    return changes.Change(tuple(path), template, text, reporter)


def _variables(document: Document, project: Project) -> Iterator[str]:
    """The names of the variables in the document and in what flowc.toml defines."""
    waiting: list[object] = [document.pipelines, document.lets]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Variable):
            yield here.name
        elif isinstance(here, tuple):
            waiting.extend(here)
        elif is_dataclass(here) and not isinstance(here, Span | SourceFile):
            waiting.extend(getattr(here, field.name) for field in fields(here))
    texts = (*project.sources.values(), *project.sinks.values(), *project.stages.values())
    for name in project.settings:
        if any("${" + name in named.text for named in texts):
            yield name
