"""A pipeline file of YAML to the tree that pipe text gives.

`keys` says which keys there are; `nodes` reads sources, stages and sinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.source import SourceFile, Span
from flowc.model.tree import (
    BrokenStage,
    Chain,
    Document,
    Endpoint,
    Let,
    MapValue,
    NullValue,
    Option,
    PipelineTree,
    Stage,
    Value,
    Word,
)
from flowc.syntax import blocks, dsl, keys, keyslips, nodes, yamldoc
from flowc.syntax.values import Values, first_line

EMPTY = declare("FC0163", "empty-pipeline", "A pipeline file says nothing")

_PAIRS = (("source", "sources"), ("process", "processors"), ("sink", "sinks"))


def to_tree(
    values: Sequence[Value],
    source: SourceFile,
    reporter: Reporter,
    *,
    operators: frozenset[str] = frozenset(),
) -> Document:
    """The tree of a pipeline file whose documents are ``values``.

    Args:
        values: what `yamldoc.load` gave.
        operators: the names of operators, to tell ``filter:`` from an option.
    """
    reader = _Reader(source, reporter, operators)
    for value in values:
        reader.document(value)
    if not values and not reporter.has_errors:
        reporter.error(
            EMPTY,
            "the file is empty",
            source.span(0, 0),
            notes=("a pipeline has `source:`, `process:` and `sink:`",),
        )
    return Document(source, tuple(reader.pipelines), tuple(reader.lets))


@dataclass(slots=True)
class _Keys:
    """The entries of a map by key, with the map's own span."""

    options: dict[str, Option]
    span: Span

    def value(self, key: str) -> Value | None:
        option = self.options.get(key)
        return option.value if option else None


class _Reader:
    def __init__(self, source: SourceFile, reporter: Reporter, operators: frozenset[str]) -> None:
        self._source = source
        self._reporter = reporter
        self._operators = operators
        self._values = Values(reporter)
        self._nodes = nodes.Nodes(reporter, operators)
        self.pipelines: list[PipelineTree] = []
        self.lets: list[Let] = []

    def document(self, value: Value) -> None:
        """One document between ``---``."""
        if isinstance(value, NullValue):
            self._empty(value.span)
            return
        if not isinstance(value, MapValue):
            self._not_a_map(value)
            return
        found = self._closed(value, keys.names(keys.PipelineFile), "a pipeline")
        several = found.options.get("pipelines")
        if several is None:
            self.pipelines.append(self._pipeline(found, None))
            return
        self._several(found, several)

    def _empty(self, span: Span) -> None:
        self._reporter.error(
            EMPTY,
            "this document is empty",
            span,
            notes=("a pipeline has `source:`, `process:` and `sink:`",),
        )

    def _not_a_map(self, value: Value) -> None:
        text = value.span.text
        chain = isinstance(value, Template) and "|" in text
        notes = ("a pipeline has `source:`, `process:` and `sink:`",)
        if chain:
            notes = ("pipe text stands in a file that ends in `.flow`",)
        self._reporter.error(
            EMPTY, "a pipeline file is a map of keys", first_line(value.span), notes=notes
        )

    def _several(self, found: _Keys, several: Option) -> None:
        self._lets(found)
        for key, other in found.options.items():
            if key not in ("streams", "pipelines"):
                self._exclusive(other, several)
        if not isinstance(several.value, MapValue):
            self._values.expected("a map of pipelines by name", several.value)
            return
        if not several.value.entries:
            self._reporter.error(EMPTY, "no pipeline stands under `pipelines`", several.key.span)
        for entry in several.value.entries:
            if not isinstance(entry.value, MapValue):
                self._values.expected("a pipeline, a map of keys", entry.value)
                continue
            inner = self._closed(entry.value, keys.names(keys.Pipeline), "a pipeline")
            self.pipelines.append(self._pipeline(inner, entry.key))

    # Keys

    def _closed(self, value: MapValue, known: frozenset[str], what: str) -> _Keys:
        """The entries whose keys are known; others are reported."""
        options: dict[str, Option] = {}
        for option in value.entries:
            if option.key.text in known:
                options[option.key.text] = option
            else:
                keyslips.unknown_key(option.key, known, what, self._reporter, self._operators)
        return _Keys(options, value.span)

    def _exclusive(self, one: Option, other: Option) -> None:
        keyslips.exclusive(one.key, other.key, self._reporter)

    def _one_of(self, found: _Keys, one: str, many: str) -> Option | None:
        first, second = found.options.get(one), found.options.get(many)
        if first is not None and second is not None:
            self._exclusive(second, first)
        return first or second

    # Pipelines

    def _pipeline(self, found: _Keys, given: Word | None) -> PipelineTree:
        self._lets(found)
        later = self._later(found)
        name = given
        if (written := found.options.get("name")) is not None:
            name = self._values.word(written.value) or given
        version: Template | None = None
        if (option := found.options.get("version")) is not None:
            version = self._values.template(option.value)
        enabled = True
        if (option := found.options.get("enabled")) is not None:
            enabled = self._values.flag(option.value, default=True)
        chain = self._chain(found)
        extends: Word | None = None
        if (option := found.options.get("extends")) is not None:
            extends = self._values.word(option.value) or option.key
        return PipelineTree(
            chain,
            found.span,
            name,
            version,
            later,
            enabled,
            extends,
            self._abstract(found),
            self._overrides(found),
        )

    def _abstract(self, found: _Keys) -> Word | None:
        option = found.options.get("abstract")
        if option is None:
            return None
        return option.key if self._values.flag(option.value, default=False) else None

    def _overrides(self, found: _Keys) -> tuple[Option, ...]:
        option = found.options.get("overrides")
        if option is None:
            return ()
        if not isinstance(option.value, MapValue):
            self._values.expected("a map of nodes by name", option.value)
            return ()
        return tuple(self._values.option(entry) for entry in option.value.entries)

    def _later(self, found: _Keys) -> tuple[Option, ...]:
        """The blocks that are not done yet: said once each, and read all the same, so that
        what is wrong in them is known."""
        given = []
        for key in sorted(keys.refused(keys.Pipeline)):
            if (option := found.options.get(key)) is not None:
                keyslips.not_yet(option.key, self._reporter)
                blocks.read(keys.Pipeline, option, self._reporter)
                given.append(option)
        return tuple(sorted(given, key=lambda option: option.span.start))

    def _chain(self, found: _Keys) -> Chain:
        sources: list[Endpoint] = []
        stages: list[Stage | BrokenStage] = []
        sinks: list[Endpoint] = []
        if (option := self._one_of(found, *_PAIRS[0])) is not None:
            self._endpoints(option, sources, stages, sink=False)
        if (option := self._one_of(found, *_PAIRS[1])) is not None:
            stages += self._nodes.stages(option)
        if (option := self._one_of(found, *_PAIRS[2])) is not None:
            self._endpoints(option, sinks, stages, sink=True)
        return Chain(tuple(sources), tuple(stages), tuple(sinks), found.span)

    def _endpoints(
        self,
        option: Option,
        into: list[Endpoint],
        holes: list[Stage | BrokenStage],
        *,
        sink: bool,
    ) -> None:
        """The endpoints of a key; a hole among the stages for one that cannot be read."""
        for endpoint in self._nodes.endpoints(option, sink=sink):
            if isinstance(endpoint, BrokenStage):
                holes.append(endpoint)
            else:
                into.append(endpoint)

    # Streams

    def _lets(self, found: _Keys) -> None:
        option = found.options.get("streams")
        if option is None:
            return
        if not isinstance(option.value, MapValue):
            self._values.expected("a map of streams by name", option.value)
            return
        for entry in option.value.entries:
            chain = self._stream(entry)
            self.lets.append(Let(entry.key, chain, entry.span))

    def _stream(self, entry: Option) -> Chain:
        value = entry.value
        if isinstance(value, Template):
            return dsl.parse_chain(
                yamldoc.text_of(value), self._reporter, place="stream", operators=self._operators
            )
        if isinstance(value, MapValue):
            found = self._closed(value, keys.names(keys.Stream), "a stream")
            return self._chain(found)
        self._values.expected("pipe text, or a map with `source` and `process`", value)
        return Chain((), (BrokenStage(value.span),), (), value.span)
