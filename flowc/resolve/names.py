"""What the names of a pipeline stand for.

Order: the pipeline's own definitions, the project's (``flowc.toml``, ``processors/``),
installed components, built-ins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flowc.catalog import registry
from flowc.catalog.spec import Operator
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Literal, Template
from flowc.model.project import NamedText, Project
from flowc.model.reads import looked_at
from flowc.model.source import Span
from flowc.model.tree import Word
from flowc.resolve.processors import check_agreement

UNKNOWN_STAGE = declare("FC0201", "unknown-stage", "No operator or processor has this name")
FOREIGN_WORD = declare("FC0202", "foreign-word", "A word of another language; flowc has its own")
UNKNOWN_ENDPOINT = declare("FC0203", "unknown-endpoint", "No source, sink or stream has this name")
HIDDEN_OPERATOR = declare(
    "FC0207", "hidden-operator", "A processor of the project hides an operator"
)
UNSUPPORTED_NODE = declare(
    "FC0271", "unsupported-node", "A kind of processor that this version cannot reach yet"
)
UNSUPPORTED_FILE = declare(
    "FC0278", "unsupported-endpoint-file", "A source or sink is a Python file of the project"
)
OUTSIDE = declare("FC0286", "script-outside-project", "A script lies outside the project")
NO_SCRIPT = declare("FC0287", "missing-script", "A script that is named is no Python file")
NO_CODE = declare("FC0208", "processor-without-code", "A declared processor has no Python file")


@dataclass(frozen=True, slots=True)
class UserProcessor:
    """A stage is the user's own code; ``name`` is as the project spells it."""

    name: str


@dataclass(frozen=True, slots=True)
class NamedStages:
    """A stage is a name of ``[stages]`` in flowc.toml."""

    text: NamedText


#: What a stage's word stands for.
Meaning = Operator | UserProcessor | NamedStages


def spelled(name: str, names: Iterable[str]) -> str | None:
    """The name among ``names`` that is ``name`` but for ``-`` and ``_``; exact ones first."""
    plain = name.replace("-", "_")
    found = [other for other in names if other.replace("-", "_") == plain]
    return name if name in found else next(iter(found), None)


def stage_meaning(word: Word, project: Project, reporter: Reporter) -> Meaning | None:
    """What a stage's word stands for; None where it stands for nothing, which is reported."""
    name = word.text
    if name in project.stages:
        return NamedStages(project.stages[name])
    code = spelled(name, project.processors)
    declared = spelled(name, project.declared)
    if code is not None or declared is not None:
        if code is None:
            _no_code(word, declared or name, project, reporter)
        elif registry.operator(name) is not None:
            reporter.warning(
                HIDDEN_OPERATOR,
                f"processors/{name.replace('-', '_')}.py hides the operator '{name}'",
                word.span,
                notes=("the project's names come first; rename the file to reach the operator",),
            )
        check_agreement(declared or name, project, reporter)
        return UserProcessor(declared or name)
    operator = registry.operator(name)
    if operator is None:
        _unknown_stage(word, project, reporter)
    return operator


def processor_name(word: Word, project: Project, reporter: Reporter) -> Word:
    """The name of a processor that an operator refers to, as the project spells it."""
    name, dot, function = word.text.partition(".")
    code = spelled(name, project.processors)
    declared = spelled(name, project.declared)
    if code is not None and dot:
        return Word(f"{code}.{function}", word.span)
    if code is None and declared is None:
        near = nearest(name, _processors(project))
        reporter.error(
            UNKNOWN_STAGE,
            f"no processor is called '{name}'",
            word.span,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=(_how_to_define(name),),
            fixes=_instead(word.span, tuple(f"{other}{dot}{function}" for other in near)),
        )
    elif code is None:
        _no_code(word, declared or name, project, reporter)
    else:
        check_agreement(declared or name, project, reporter)
    return Word(declared or name, word.span)


def script_name(written: Template | Literal, project: Project, reporter: Reporter) -> Word | None:
    """A file of the project, written as a path from the file that names it, by its path from the
    project's root; reported, and None, where it is none."""
    text = written.text if isinstance(written, Literal) else written.plain or ""
    span = written.span
    here = Path(span.source.name)
    folder = here.parent if here.is_file() else Path()
    path = folder / text
    root = project.root.resolve()
    real = path.resolve()
    if not real.is_relative_to(root):
        reporter.error(
            OUTSIDE,
            f"{text} lies outside the project",
            span,
            notes=(f"the project is {project.root}", "what is executed stays inside it"),
        )
        return None
    if not looked_at(path).is_file() or path.suffix != ".py":
        files = path.parent.glob("*.py") if path.parent.is_dir() else ()
        near = nearest(path.name, [file.name for file in files])
        reporter.error(
            NO_SCRIPT,
            f"{text} is no Python file" if path.is_file() else f"there is no file {text}",
            span,
            at=f"did you mean {near[0]}?" if near else "",
            notes=("a path is read from the folder of the file that it stands in",),
        )
        return None
    return Word(real.relative_to(root).as_posix(), span)


def unknown_endpoint(
    word: Word, known: Iterable[str], project: Project, reporter: Reporter, *, sink: bool
) -> None:
    """Report an endpoint's name that stands for nothing. ``known`` are names that would do."""
    name = word.text
    near = nearest(name, known)
    what = "sink" if sink else "source"
    file = f"{what}s/{name.replace('-', '_')}.py"
    if looked_at(project.root / file).is_file():
        reporter.error(
            UNSUPPORTED_FILE,
            f"{file} would be '{name}', and {what}s in Python are not supported yet",
            word.span,
            notes=(f"read or write a file or a table, or name one in flowc.toml: [{what}s]",),
        )
        return
    notes: list[str] = []
    fixes = list(_instead(word.span, near))
    if "/" in name:
        notes.append(f"'{name}' is read as a component; the file is written ./{name}")
        fixes.append(Fix("make it a path", (Edit(_before(word.span), "./"),), Safety.UNSAFE))
    else:
        notes.append(f"a file without extension is written ./{name}")
        section = "sinks" if sink else "sources"
        notes.append(f'or define it in flowc.toml: [{section}] {name} = "orders.jsonl"')
    if name in project.stages or spelled(name, project.processors) or registry.operator(name):
        end = "behind" if sink else "before"
        notes.insert(0, f"'{name}' is a stage: a {what} is missing {end} it")
    reporter.error(
        UNKNOWN_ENDPOINT,
        f"no {what} is called '{name}'",
        word.span,
        at=f"did you mean '{near[0]}'?" if near else "",
        notes=notes,
        fixes=fixes,
    )


def _before(span: Span) -> Span:
    return Span(span.source, span.start, span.start)


#: What a stage can be that is not part of flowc or the project, by the form of its name.
_ELSEWHERE = (
    (re.compile(r"external"), "external processors are", "it listens elsewhere"),
    (re.compile(r"[a-z][\w+.-]*://.*"), "processors of a registry are", "it is a registry's"),
    (re.compile(r"[\w.-]+/[\w./@:-]+"), "components are", "a name with `/` is a component's"),
)


def _elsewhere(word: Word, reporter: Reporter) -> bool:
    """Whether the name is of something that flowc has no way to reach yet, which is reported."""
    for form, what, why in _ELSEWHERE:
        if form.fullmatch(word.text):
            reporter.error(
                UNSUPPORTED_NODE,
                f"'{word.text}': {what} not supported yet",
                word.span,
                notes=(why, "a processor of your own is a Python file in processors/"),
            )
            return True
    return False


def _unknown_stage(word: Word, project: Project, reporter: Reporter) -> None:
    name = word.text
    if _elsewhere(word, reporter):
        return
    correction = registry.correction("operator", name)
    if correction is not None:
        # The line that it stands for is said by `resolve.foreign`, which sees all of it.
        instead = f"it is `{correction}` here" if correction else "flowc says it otherwise"
        reporter.error(FOREIGN_WORD, f"'{name}' is not a word of flowc; {instead}", word.span)
        return
    entries = registry.operators().values()
    words = [spelling for entry in entries for spelling in (entry.name, *entry.spellings)]
    near = nearest(name, (*words, *_processors(project), *project.stages))
    notes = [_how_to_define(name)]
    fixes = list(_instead(word.span, near))
    glued, _, rest = name.partition("-")
    operator = registry.operator(glued)
    if rest and operator is not None and operator.name == glued:
        at = word.span.start + len(glued)
        cut = Span(word.span.source, at, at + 1)
        notes.append("the name of a stage may hold dashes, and reaches up to the next blank")
        fixes.append(Fix(f"write {glued} {rest}", (Edit(cut, " "),), Safety.UNSAFE))
    if name in project.sources or name in project.sinks:
        notes.insert(0, f"'{name}' is a source or a sink: it stands at an end of a pipeline")
    notes += [
        f"the operator {entry.name} of {entry.package} cannot be imported: {entry.reason}"
        for entry in registry.broken("operator")
    ]
    reporter.error(
        UNKNOWN_STAGE,
        f"unknown stage '{name}'",
        word.span,
        at=f"did you mean '{near[0]}'?" if near else "",
        notes=notes,
        fixes=fixes,
    )


def _processors(project: Project) -> tuple[str, ...]:
    """The names of the processors, each in one spelling."""
    names = tuple(project.declared)
    return (*names, *(name for name in project.processors if spelled(name, names) is None))


def _how_to_define(name: str) -> str:
    file = re.sub(r"\W", "_", name)
    return f"a stage of your own is processors/{file}.py with `def process(record: In) -> Out`"


def _no_code(word: Word, name: str, project: Project, reporter: Reporter) -> None:
    reporter.error(
        NO_CODE,
        f"'{name}' has no code: there is no processors/{name.replace('-', '_')}.py",
        word.span,
        labels=(Label(project.declared[name].span, "declared here"),),
        notes=(_how_to_define(name),),
    )


def _instead(span: Span, words: tuple[str, ...]) -> tuple[Fix, ...]:
    return tuple(Fix(f"write {word}", (Edit(span, word),), Safety.UNSAFE) for word in words)
