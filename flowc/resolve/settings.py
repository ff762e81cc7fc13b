"""What ``--set`` gives: values of variables, and values that the document holds.

``--set limit=10`` fills ``${limit}``; ``--set source=x.jsonl``, ``source.path=…``,
``sinks.1.table=…``, ``process.0=…`` and ``big.condition=…`` (a node by its name) change the
document. A name that is both is an error, and so is one that is neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from flowc.catalog import registry
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.expr import Template, Variable
from flowc.model.project import Project
from flowc.model.source import SourceFile, Span, Text
from flowc.model.tree import (
    BrokenStage,
    Chain,
    Document,
    Endpoint,
    Let,
    Option,
    PipelineTree,
    Stage,
    Word,
)
from flowc.resolve.written import SETTING
from flowc.syntax.dsl import parse_endpoint, parse_stages

UNKNOWN_SETTING = declare("FC0280", "unknown-setting", "--set names nothing of the pipeline")
AMBIGUOUS_SETTING = declare(
    "FC0281", "ambiguous-setting", "--set names a variable and a value of the document"
)
WRONG_SETTING = declare("FC0282", "wrong-setting", "A value of --set does not fit its place")

_Stages = tuple[Stage | BrokenStage, ...]
_SOURCES = ("source", "sources")
_STAGES = ("process", "processors", "stages")
_SINKS = ("sink", "sinks")


def apply_settings(document: Document, project: Project, reporter: Reporter) -> Document:
    """The document with the values that ``--set`` gave in their places.

    Variables are left as they are: they are filled from the project's settings.
    """
    if not project.settings:
        return document
    variables = frozenset(_variables(document, project))
    for name, value in project.settings.items():
        found = Reporter()
        change = _Change(name, value, found)
        changed = change.apply(document)
        if name in variables and changed is not None:
            reporter.error(
                AMBIGUOUS_SETTING,
                f"'{name}' is a variable and a value of the pipeline",
                change.span(),
                notes=(
                    f"${{{name}}} stands in the pipeline, which has a {name}, too; rename the "
                    "variable",
                ),
            )
        elif name not in variables and changed is None:
            known = sorted({*variables, *_paths(document)})
            near = nearest(name, known)
            reporter.error(
                UNKNOWN_SETTING,
                f"the pipeline has neither a variable nor a value '{name}'",
                change.span(),
                at=f"did you mean '{near[0]}'?" if near else "",
                notes=(f"it has {', '.join(known[:20])}" if known else "it has no variables",),
            )
        elif changed is not None:
            reporter.extend(found)
            document = changed
    return document


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


def _paths(document: Document) -> Iterator[str]:
    """The paths that a value can be set at, for did-you-mean."""
    several = len(document.pipelines) > 1
    for tree in document.pipelines:
        prefix = f"{tree.name.text}." if several and tree.name is not None else ""
        chain = tree.chain
        for (one, many), ends in ((_SOURCES, chain.sources), (_SINKS, chain.sinks)):
            if len(ends) == 1:
                yield prefix + one
            else:
                yield from (f"{prefix}{many}.{index}" for index in range(len(ends)))
        for index, stage in enumerate(chain.stages):
            yield f"{prefix}process.{index}"
            if isinstance(stage, Stage):
                yield prefix + (stage.label or stage.name).text


class _Change:
    """One ``--set PATH=VALUE``. Methods give None where the document has no such path."""

    def __init__(self, path: str, value: str, reporter: Reporter) -> None:
        self.path = path
        self.value = value
        self.reporter = reporter
        self.source = SourceFile(SETTING, f"{path}={value}")

    def span(self) -> Span:
        """The path, as it was given."""
        return self.source.span(0, len(self.path))

    def last(self) -> Span:
        """The last part of the path."""
        return self.source.span(self.path.rfind(".") + 1, len(self.path))

    def text(self) -> Text:
        return Text(self.value, self.source, len(self.path) + 1)

    def value_span(self) -> Span:
        return self.source.span(len(self.path) + 1)

    def apply(self, document: Document) -> Document | None:
        parts = self.path.split(".")
        if not all(parts):
            return None
        trees = document.pipelines
        named = [
            index
            for index, tree in enumerate(trees)
            if tree.name is not None and tree.name.text == parts[0]
        ]
        if len(named) == 1 and len(parts) > 1:
            changed = self._tree(trees[named[0]], parts[1:])
            if changed is not None:
                return _with_tree(document, named[0], changed)
        if len(trees) == 1:
            changed = self._tree(trees[0], parts)
            if changed is not None:
                return _with_tree(document, 0, changed)
        return self._in_streams(document, parts)

    def _in_streams(self, document: Document, parts: list[str]) -> Document | None:
        for index, let in enumerate(document.lets):
            chain = self._by_name(let.chain, parts)
            if chain is not None:
                lets: list[Let] = list(document.lets)
                lets[index] = replace(let, chain=chain)
                return replace(document, lets=tuple(lets))
        return None

    def _tree(self, tree: PipelineTree, parts: list[str]) -> PipelineTree | None:
        if parts == ["name"] and tree.name is not None:
            return replace(tree, name=Word(self.value, self.value_span()))
        chain = self._chain(tree.chain, parts)
        return None if chain is None else replace(tree, chain=chain)

    def _chain(self, chain: Chain, parts: list[str]) -> Chain | None:
        head, rest = parts[0], parts[1:]
        if head in _SOURCES:
            ends = self._ends(chain.sources, rest, sink=False)
            return None if ends is None else replace(chain, sources=ends)
        if head in _SINKS:
            ends = self._ends(chain.sinks, rest, sink=True)
            return None if ends is None else replace(chain, sinks=ends)
        if head in _STAGES and rest and rest[0].isdecimal():
            index = int(rest[0])
            if index >= len(chain.stages):
                return None
            stages = self._stage_at(chain.stages, index, rest[1:])
            return None if stages is None else replace(chain, stages=stages)
        return self._by_name(chain, rest if head in _STAGES else parts)

    # --- ends -------------------------------------------------------------------------

    def _ends(
        self, ends: tuple[Endpoint, ...], parts: list[str], *, sink: bool
    ) -> tuple[Endpoint, ...] | None:
        """The ends with one of them changed: the only one, or one by index or name."""
        index = 0 if len(ends) == 1 else None
        if parts and parts[0].isdecimal():
            index, parts = int(parts[0]), parts[1:]
        elif parts and (by_name := _labelled(ends, parts[0])) is not None:
            index, parts = by_name, parts[1:]
        if index is None or index >= len(ends):
            return None
        changed = self._end(ends[index], parts, sink=sink)
        if changed is None:
            return None
        return (*ends[:index], changed, *ends[index + 1 :])

    def _end(self, end: Endpoint, parts: list[str], *, sink: bool) -> Endpoint | None:
        if not parts:
            written = parse_endpoint(self.text(), self.reporter, sink=sink)
            if written is None:
                return end
            return replace(
                written,
                type=written.type or end.type,
                keys=written.keys or end.keys,
                clock=written.clock or end.clock,
                label=end.label,
                inputs=end.inputs,
                enabled=end.enabled,
            )
        if parts[0] == "config":
            parts = parts[1:]
        if len(parts) != 1:
            return None
        if parts[0] == "enabled":
            return replace(end, enabled=self._flag(end.enabled))
        if parts[0] == "path" and end.text is not None and not end.options:
            return replace(end, text=self._template(), quoted=True)
        return replace(end, options=self._with_option(end.options, parts[0]))

    # --- stages -----------------------------------------------------------------------

    def _by_name(self, chain: Chain, parts: list[str]) -> Chain | None:
        """A node by its name: a stage, also in branches, else a labelled end."""
        if not parts:
            return None
        stages = self._stage_named(chain.stages, parts[0], parts[1:])
        if stages is not None:
            return replace(chain, stages=stages)
        for ends, sink in ((chain.sources, False), (chain.sinks, True)):
            if _labelled(ends, parts[0]) is not None:
                changed = self._ends(ends, parts, sink=sink)
                if changed is not None and sink:
                    return replace(chain, sinks=changed)
                if changed is not None:
                    return replace(chain, sources=changed)
        return None

    def _stage_named(self, stages: _Stages, name: str, rest: list[str]) -> _Stages | None:
        written = [_called(stage) for stage in stages]
        if name in written:
            return self._stage_at(stages, written.index(name), rest)
        for index, stage in enumerate(stages):
            if isinstance(stage, BrokenStage) or stage.block is None:
                continue
            for place, branch in enumerate(stage.block):
                inner = self._stage_named(branch.stages, name, rest)
                if inner is not None:
                    block = (
                        *stage.block[:place],
                        replace(branch, stages=inner),
                        *stage.block[place + 1 :],
                    )
                    changed = replace(stage, block=block)
                    return (*stages[:index], changed, *stages[index + 1 :])
        return None

    def _stage_at(self, stages: _Stages, index: int, rest: list[str]) -> _Stages | None:
        stage = stages[index]
        if not rest:
            written = parse_stages(self.text(), self.reporter)
            if isinstance(stage, Stage) and len(written) == 1 and isinstance(written[0], Stage):
                kept = replace(
                    written[0], label=stage.label, inputs=stage.inputs, enabled=stage.enabled
                )
                written = (kept,)
            return (*stages[:index], *written, *stages[index + 1 :])
        if rest[0] == "config":
            rest = rest[1:]
        if isinstance(stage, BrokenStage) or len(rest) != 1:
            return None
        return (*stages[:index], self._parameter(stage, rest[0]), *stages[index + 1 :])

    def _parameter(self, stage: Stage, name: str) -> Stage:
        """The stage with one parameter as an option, in place of how it was written."""
        if name == "enabled":
            return replace(stage, enabled=self._flag(stage.enabled))
        operator = registry.operator(stage.name.text)
        parameters = operator.parameters if operator is not None else ()
        parameter = next((p for p in parameters if p.name == name), None)
        items, clauses = stage.items, stage.clauses
        if parameter is not None and parameter.clause is None:
            items = ()
        elif parameter is not None:
            clauses = tuple(c for c in clauses if c.word.text != parameter.clause)
        options = self._with_option(stage.options, name)
        return replace(stage, items=items, clauses=clauses, options=options)

    # --- values -----------------------------------------------------------------------

    def _template(self) -> Template:
        return Template((self.value,), self.value_span(), bare=True)

    def _with_option(self, options: tuple[Option, ...], name: str) -> tuple[Option, ...]:
        option = Option(Word(name, self.last()), self._template(), self.source.span())
        kept = tuple(other for other in options if other.key.text != name)
        return (*kept, option)

    def _flag(self, before: bool) -> bool:
        known: Mapping[str, bool] = {"true": True, "false": False}
        if self.value in known:
            return known[self.value]
        self.reporter.error(
            WRONG_SETTING,
            f"--set {self.path} takes true or false, not '{self.value}'",
            self.value_span(),
        )
        return before


def _with_tree(document: Document, index: int, tree: PipelineTree) -> Document:
    trees = document.pipelines
    return replace(document, pipelines=(*trees[:index], tree, *trees[index + 1 :]))


def _labelled(ends: tuple[Endpoint, ...], name: str) -> int | None:
    found = [i for i, end in enumerate(ends) if end.label is not None and end.label.text == name]
    return found[0] if found else None


def _called(stage: Stage | BrokenStage) -> str:
    if isinstance(stage, BrokenStage):
        return ""
    return (stage.label or stage.name).text
