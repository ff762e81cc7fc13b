"""``flowc fmt``: canonical text that says the same."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit
from flowc.model.expr import Expr, Template
from flowc.model.source import SourceFile, Span
from flowc.model.tree import BrokenStage, Chain, Document, Endpoint, Stage
from flowc.syntax import YAML_SUFFIXES, layout, parse
from flowc.syntax.spelling import Speller


def expression_text(expression: Expr) -> str:
    """An expression in the canonical spelling."""
    return Speller().expression(expression)


def stage_text(stage: Stage | BrokenStage) -> str:
    """A stage on one line, its branches too."""
    return Speller().stage(stage)


def endpoint_text(endpoint: Endpoint, *, sink: bool = False) -> str:
    """A source or a sink that has a text; empty for one with a connector and options."""
    return Speller().endpoint(endpoint, "sink" if sink else "source")


def template_text(template: Template) -> str:
    """A text with its variables, as an address or a scalar has it."""
    from flowc.syntax import yamlwriter

    return yamlwriter.template_text(template)


def to_dsl(document: Document, *, broken: bool = False) -> str:
    """The document as pipe text; ``broken``: each stage on a line of its own.

    What pipe text has no words for is left out: `dsl_obstacles` says what that is.
    """
    chains = [pipeline.chain for pipeline in document.pipelines]
    lines = [
        line
        for let in document.lets
        for line in layout.statement(f"let {let.name.text} = ", let.chain, let.span, broken)
    ]
    for chain in chains:
        lines += layout.statement("", chain, chain.span, broken)
    return "\n".join(made for line in lines for made in line.render()) + "\n"


def to_yaml(document: Document) -> str:
    """The document as YAML; read back, it is the same tree."""
    from flowc.syntax import yamlwriter

    return yamlwriter.document(document)


def dsl_obstacles(document: Document) -> tuple[tuple[Span, str], ...]:
    """What of a document has no form in pipe text: where it stands, and why."""
    found: list[tuple[Span, str]] = []
    if len(document.pipelines) > 1:
        found.append((document.pipelines[1].span, "a `.flow` file holds one pipeline"))
    for pipeline in document.pipelines:
        if pipeline.name is not None:
            found.append((pipeline.name.span, "the pipeline's name is that of its `.flow` file"))
        if pipeline.version is not None:
            found.append((pipeline.version.span, "pipe text has no `version`"))
        if not pipeline.enabled:
            found.append((pipeline.span, "pipe text has no `enabled`"))
        if pipeline.extends is not None:
            found.append((pipeline.extends.span, "pipe text has no `extends`"))
        if pipeline.abstract is not None:
            found.append((pipeline.abstract.span, "pipe text has no `abstract`"))
        for option in (*pipeline.overrides, *pipeline.blocks):
            found.append((option.key.span, f"pipe text has no `{option.key.text}`"))
        found += _obstacles(pipeline.chain)
    for let in document.lets:
        found += _obstacles(let.chain)
    return tuple(found)


def _obstacles(chain: Chain) -> Iterator[tuple[Span, str]]:
    for end in (*chain.sources, *chain.sinks):
        yield from _node_obstacles(end)
    for stage in chain.stages:
        if isinstance(stage, Stage):
            yield from _stage_obstacles(stage)


def _stage_obstacles(stage: Stage) -> Iterator[tuple[Span, str]]:
    yield from _node_obstacles(stage)
    for branch in stage.block or ():
        for sink in branch.sinks:
            yield from _node_obstacles(sink)
        for inner in branch.stages:
            if isinstance(inner, Stage):
                yield from _stage_obstacles(inner)


def _node_obstacles(node: Endpoint | Stage) -> Iterator[tuple[Span, str]]:
    if isinstance(node, Endpoint) and node.text is None:
        yield node.span, "a connector with options as a map"
    elif node.options:
        yield node.options[0].span, "options as a map"
    if node.label is not None:
        yield node.label.span, "a node with a name"
    if node.inputs:
        yield node.inputs[0].span, "`from`"
    if not node.enabled:
        yield node.span, "`enabled: false`"
    for option in node.common:
        yield option.key.span, f"`{option.key.text}`"


def format_source(source: SourceFile, *, operators: frozenset[str] = frozenset()) -> str:
    """The file in canonical form, comments kept; unchanged where it has errors."""
    reporter = Reporter()
    document = parse(source, reporter, operators=operators)
    if reporter.has_errors:
        return source.text
    if source.name.endswith(YAML_SUFFIXES):
        text = _formatted_yaml(source, document)
    else:
        chains = [pipeline.chain for pipeline in document.pipelines]
        text = layout.document(source, document.lets, chains, document.comments)
    again = Reporter()
    same = parse(SourceFile(source.name, text), again, operators=operators) == document
    return text if same and not again.has_errors else source.text


def _formatted_yaml(source: SourceFile, document: Document) -> str:
    from flowc.syntax import yamldoc, yamlformat

    values = yamldoc.load(source, Reporter())
    return _applied(source.text, yamlformat.edits(document, values))


def _applied(text: str, edits: Iterator[Edit]) -> str:
    pieces: list[str] = []
    end = len(text)
    for edit in sorted(set(edits), key=lambda edit: edit.span.start, reverse=True):
        if edit.span.end > end:
            continue
        pieces += [text[edit.span.end : end], edit.text]
        end = edit.span.start
    return "".join(reversed([*pieces, text[:end]]))
