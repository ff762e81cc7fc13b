"""``flowc fmt``: one way to write a pipeline; and from pipe form to YAML and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowc.cli.support.command import (
    COMMON,
    FINDINGS,
    OK,
    Command,
    Invocation,
    Kind,
    Option,
)
from flowc.diagnostics.codes import declare
from flowc.model.source import SourceFile

if TYPE_CHECKING:
    from flowc.compile import Request
    from flowc.model.project import Project
    from flowc.model.tree import Comment, Document

_YAML = (".yaml", ".yml")

UNFAITHFUL = declare("FC0902", "unfaithful-format", "Formatting would change what a pipeline says")


UNSAYABLE = declare("FC0788", "unsayable", "A pipeline cannot be said in the other form")


class UnfaithfulError(Exception):
    """The formatter's text reads otherwise than what it was made from: a bug of flowc."""

    code = UNFAITHFUL


def _run(call: Invocation) -> int:
    from flowc.cli.support import pipelines
    from flowc.cli.support.files import cannot_write, replace_text, text_diff

    to = call.terminal
    broken = changed = 0
    requests = pipelines.requests(call)
    for request in requests:
        text = _formatted(call, request)
        source = request.source
        if text is None:
            broken += 1
            continue
        file = pipelines.on_disk(request)
        if call.text("to") is not None or file is None:
            to.write(text)
            continue
        if text == source.text:
            continue
        changed += 1
        if call.flag("diff"):
            for line in text_diff(source.text, text, source.name):
                to.write(line)
        elif call.flag("check"):
            to.say(f"would format {source.name}\n")
        else:
            try:
                replace_text(file, text)
            except OSError as error:
                raise cannot_write(file, error) from None
            to.say(f"formatted {source.name}\n")
    if broken or (changed and call.flag("check")):
        return FINDINGS
    return OK


def _formatted(call: Invocation, request: Request) -> str | None:
    """The text as `fmt` writes it; None where it does not parse, which is then reported.

    Raises:
        UnfaithfulError: the new text would not mean the same.
    """
    from flowc.catalog import registry
    from flowc.cli.support import pipelines
    from flowc.diagnostics.reporter import Reporter
    from flowc.resolve.piped import piped
    from flowc.syntax import format, parse
    from flowc.syntax.carry import yaml_comments

    reporter = Reporter()
    source = request.source
    document = parse(
        source,
        reporter,
        command_line=request.path is None,
        operators=registry.operator_words(),
    )
    if reporter.has_errors:
        pipelines.show_diagnostics(call, reporter.sorted())
        return None
    project = _project(request)
    source, document = _canonical(request, document, project)
    wanted = call.text("to")
    is_yaml = source.name.endswith(_YAML)
    if wanted == "yaml" and not is_yaml:
        return _converted(source, document, format.to_yaml(document), "x.yaml", document.comments)
    if wanted == "dsl" and is_yaml:
        document = piped(document, project, request.folder)
        comments = yaml_comments(source)
        text = format.to_dsl(document, broken=bool(comments))
        return _converted(source, document, text, "x.flow", comments)
    text = format.format_source(source)
    again = parse(
        SourceFile(source.name, text),
        Reporter(),
        command_line=request.path is None,
        operators=registry.operator_words(),
    )
    if again != document:
        raise UnfaithfulError(f"formatting {source.name} would change what it says")
    return text


def _project(request: Request) -> Project:
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.load import load_project

    return load_project(
        request.path or request.folder,
        environ=request.environment,
        settings={},
        strict=False,
        reporter=Reporter(),
    )


def _canonical(
    request: Request, document: Document, project: Project
) -> tuple[SourceFile, Document]:
    """The file with the names that flowc gives operators and functions, and what it says."""
    from flowc.catalog import registry
    from flowc.diagnostics.reporter import Reporter
    from flowc.resolve.canonical import canonical
    from flowc.syntax import parse

    source = canonical(document, project)
    reporter = Reporter()
    again = parse(
        source,
        reporter,
        command_line=request.path is None,
        operators=registry.operator_words(),
    )
    return (request.source, document) if reporter.has_errors else (source, again)


def _converted(
    source: SourceFile, document: Document, text: str, name: str, comments: tuple[Comment, ...]
) -> str:
    """The text in the other form, which must say the same, with the comments.

    Raises:
        Refused: the other form cannot say all of it.
    """
    from flowc.catalog import registry
    from flowc.cli.support.command import Refused
    from flowc.diagnostics.reporter import Reporter
    from flowc.model.diagnostic import Diagnostic, Label, Severity
    from flowc.syntax import parse
    from flowc.syntax.carry import with_comments
    from flowc.syntax.format import dsl_obstacles

    reporter = Reporter()
    again = parse(SourceFile(name, text), reporter, operators=registry.operator_words())
    # A file in pipe form has its name for the pipeline's.
    trees = [replace(pipeline, name=None) for pipeline in document.pipelines]
    same = [replace(pipeline, name=None) for pipeline in again.pipelines] == trees
    if same and again.lets == document.lets and not reporter.has_errors:
        return with_comments(comments, document, text, again)
    lost = () if name.endswith(_YAML) else dsl_obstacles(document)
    form = "YAML" if name.endswith(_YAML) else "the pipe form"
    raise Refused(
        Diagnostic(
            UNSAYABLE,
            Severity.ERROR,
            f"{form} cannot say all that {source.name} says",
            lost[0][0] if lost else None,
            lost[0][1] if lost else "",
            tuple(Label(span, why) for span, why in lost[1:]),
            notes=(
                "an endpoint whose options no URI of its connector can hold, a node with a name, "
                "and the blocks of a pipeline stand in YAML alone",
            ),
        )
    )


COMMAND = Command(
    name="fmt",
    summary="Format pipelines; convert between YAML and pipe form.",
    run=_run,
    words="[FILE|DSL]...",
    most=None,
    options=(
        Option("check", Kind.FLAG, "Write nothing; exit 1 if a file would change."),
        Option("diff", Kind.FLAG, "Write nothing; print what would change."),
        Option(
            "to",
            Kind.CHOICE,
            "Print the pipeline in the other form.",
            metavar="FORM",
            choices=("yaml", "dsl"),
        ),
        *COMMON,
    ),
    examples=(
        "flowc fmt",
        "flowc fmt orders.yaml --to dsl",
        "flowc fmt --to yaml 'orders.jsonl | filter amount > 100 | big.jsonl'",
    ),
    notes=("Without a file it formats every pipeline of the project. Comments stay.",),
)
