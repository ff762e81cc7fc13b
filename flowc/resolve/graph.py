"""Builds the graph of a pipeline from its tree: nodes, ports, edges.

A chain is walked with its *tails*: the ports whose records flow on to what comes next.
Tee and route are nodes with one port a branch; a named stream is built where it is first
used and read once; a node that is not enabled leaves its tails to the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from flowc.catalog import registry
from flowc.catalog.inputs import Stream
from flowc.catalog.spec import Arguments, Form, Operator, Port
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Label
from flowc.model.expr import Template
from flowc.model.graph import Edge, Node, NodeKind, Pipeline, StageBinding
from flowc.model.project import NamedText, Project
from flowc.model.source import Span, Text
from flowc.model.tree import (
    Branch,
    BrokenStage,
    Endpoint,
    Let,
    PipelineTree,
    Stage,
    Word,
)
from flowc.resolve.bind import bind, no_arguments
from flowc.resolve.endpoints import Bound, bind_endpoint, is_name, stands_alone
from flowc.resolve.ids import Ids
from flowc.resolve.names import (
    NamedStages,
    UserProcessor,
    spelled,
    stage_meaning,
    unknown_endpoint,
)
from flowc.resolve.ports import is_route, ports_of
from flowc.resolve.shown import one_line, redacted, shown_stage
from flowc.syntax import keyslips
from flowc.syntax.dsl import parse_endpoint, parse_stages

UNKNOWN_INPUT = declare("FC0265", "unknown-input", "A node reads from a name that is not there")
MISSING_END = declare("FC0263", "missing-end", "A pipeline has no source or no sink")
RETYPED_STREAM = declare(
    "FC0268", "retyped-stream", "Something is said of a stream that only its source can say"
)
CYCLE = declare("FC0260", "cycle", "A pipeline runs in a circle")


@dataclass(frozen=True, slots=True)
class Tail:
    """A port whose records flow on."""

    node: str
    port: str = "out"


Tails = tuple[Tail, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """The stream that a node belongs to, and which of its nodes it is."""

    stream: str
    number: int


@dataclass(frozen=True, slots=True)
class Built:
    """A graph and what is still to be decided of it: by node id, the option of a sink that
    is named after the record type. ``used`` are the named streams it reads. ``whole`` is
    false where an end or an edge is missing, which was reported. ``origins`` are the nodes
    that belong to a named stream."""

    pipeline: Pipeline
    unnamed: dict[str, str]
    used: frozenset[str]
    whole: bool
    origins: dict[str, Origin]


def build(
    tree: PipelineTree,
    name: str,
    lets: dict[str, Let],
    project: Project,
    folder: Path,
    reporter: Reporter,
) -> Built:
    """The graph of one pipeline. What could not be bound is a node without a binding."""
    return _Builder(tree, lets, project, folder, reporter).build(name)


class _Builder:
    def __init__(
        self,
        tree: PipelineTree,
        lets: dict[str, Let],
        project: Project,
        folder: Path,
        reporter: Reporter,
    ) -> None:
        self.tree = tree
        self.lets = lets
        self.project = project
        self.folder = folder
        self.reporter = reporter
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.ids = Ids((tree.chain, *(let.chain for let in lets.values())), reporter)
        #: What `from: NAME` reads: the tails of a node, or of what a left-out node reads.
        self.outs: dict[str, Tails] = {}
        self.left_out: dict[str, tuple[Word, ...]] = {}
        self.streams: dict[str, Tails] = {}
        self.opening: list[str] = []
        self.expanding: list[str] = []
        self.pending: list[tuple[str, Word]] = []
        self.unnamed: dict[str, str] = {}
        self.origins: dict[str, Origin] = {}
        #: False once an end or an edge is missing: what hangs in the air is no news then.
        self.whole = True

    def build(self, name: str) -> Built:
        chain = self.tree.chain
        tails = self._sources(chain.sources)
        if not tails and not self._reads_by_name():
            self._missing("source", chain.stages[0].span if chain.stages else chain.span)
        tails = self._stages(chain.stages, tails)
        self._ends(chain.sinks, tails)
        while self.pending:
            target, word = self.pending.pop(0)
            for tail in self._input(word, frozenset()):
                self.edges.append(Edge(tail.node, target, tail.port))
        pipeline = Pipeline(name, tuple(self.nodes), tuple(self.edges), self.tree)
        return Built(pipeline, self.unnamed, frozenset(self.streams), self.whole, self.origins)

    # --- nodes ------------------------------------------------------------------------

    def _add(
        self,
        name: str,
        kind: NodeKind,
        binding: object,
        text: str,
        span: Span,
        label: Word | None = None,
    ) -> str:
        id = self.ids.take(name, label)
        self.nodes.append(
            Node(id, kind, binding, text, span, named=label is not None)  # type: ignore[arg-type]
        )
        self.outs[id] = (Tail(id),)
        if self.opening:
            stream = self.opening[-1]
            number = sum(origin.stream == stream for origin in self.origins.values())
            self.origins[id] = Origin(stream, number)
        return id

    def _connect(self, tails: Tails, inputs: tuple[Word, ...], target: str) -> None:
        if inputs:
            self.pending.extend((target, word) for word in inputs)
        else:
            self.edges.extend(Edge(tail.node, target, tail.port) for tail in tails)

    def _refuse_common(self, node: Endpoint | Stage) -> None:
        """Say which keys of a node are not done yet. Of one that is itself not there, that is
        all there is to say."""
        connector = node.connector if isinstance(node, Endpoint) else None
        if connector is None or registry.connector(connector.text) is not None:
            for option in node.common:
                keyslips.not_yet(option.key, self.reporter)

    # --- ends -------------------------------------------------------------------------

    def _sources(self, endpoints: tuple[Endpoint, ...]) -> Tails:
        tails: list[Tail] = []
        for endpoint in endpoints:
            if not endpoint.enabled:
                if endpoint.label is not None:
                    self.outs[endpoint.label.text] = ()
                continue
            tails.extend(self._source(endpoint))
        return tuple(dict.fromkeys(tails))

    def _source(self, endpoint: Endpoint) -> Tails:
        word = _name_of(endpoint)
        if endpoint.inputs:
            self.reporter.error(
                UNKNOWN_INPUT,
                "a source reads from no other node",
                endpoint.inputs[0].span,
                notes=("leave `from:` out, or make this a step",),
            )
        if word is not None and word.text in self.lets:
            self._no_claims(endpoint, self.lets[word.text])
            return self._stream(word)
        found = self._endpoint(endpoint, word, sink=False)
        self._refuse_common(endpoint)
        id = self._add(
            found.name,
            NodeKind.SOURCE,
            found.binding,
            _shown(found, endpoint),
            endpoint.span,
            endpoint.label,
        )
        return (Tail(id),)

    def _sink(self, endpoint: Endpoint, tails: Tails) -> None:
        if not endpoint.enabled:
            return
        found = self._endpoint(endpoint, _name_of(endpoint), sink=True)
        self._refuse_common(endpoint)
        id = self._add(
            found.name,
            NodeKind.SINK,
            found.binding,
            _shown(found, endpoint),
            endpoint.span,
            endpoint.label,
        )
        if found.unnamed:
            self.unnamed[id] = found.unnamed
        self.outs[id] = ()
        self._connect(tails, endpoint.inputs, id)

    def _endpoint(self, endpoint: Endpoint, word: Word | None, *, sink: bool) -> Bound:
        project, reporter = self.project, self.reporter
        if word is None:
            return bind_endpoint(endpoint, project, self.folder, reporter, sink=sink)
        names = project.sinks if sink else project.sources
        named = names.get(word.text)
        if named is None and stands_alone(word.text, sink=sink):
            return bind_endpoint(endpoint, project, self.folder, reporter, sink=sink)
        if named is None:
            known = {*names, *(() if sink else self.lets)}
            unknown_endpoint(word, known, project, reporter, sink=sink)
            return Bound(None, word.text)
        meant = parse_endpoint(_text_of(named), reporter, sink=sink)
        if meant is None:
            return Bound(None, word.text)
        merged = replace(
            meant,
            type=endpoint.type or meant.type,
            keys=endpoint.keys or meant.keys,
            clock=endpoint.clock or meant.clock,
            options=(*meant.options, *endpoint.options),
        )
        bound = bind_endpoint(merged, project, self.folder, reporter, sink=sink)
        return replace(bound, name=word.text)

    def _ends(self, sinks: tuple[Endpoint, ...], tails: Tails) -> None:
        for sink in sinks:
            self._sink(sink, tails)
        ended = bool(sinks) or all(self._is_spare(tail) for tail in tails)
        if ended and any(node.kind is NodeKind.SINK for node in self.nodes):
            return
        chain = self.tree.chain
        self._missing("sink", chain.stages[-1].span if chain.stages else chain.span)

    def _is_spare(self, tail: Tail) -> bool:
        """Whether a tail may end here: a tee whose branches go to sinks."""
        return tail.port == "out" and any(
            edge.source == tail.node and edge.port != "out" for edge in self.edges
        )

    def _reads_by_name(self) -> bool:
        stages = self.tree.chain.stages
        return bool(stages) and isinstance(stages[0], Stage) and bool(stages[0].inputs)

    def _missing(self, end: str, span: Span) -> None:
        """Report an end that is not there, unless it may be what could not be read."""
        holes = self.tree.extends is not None or any(
            isinstance(stage, BrokenStage) for stage in self.tree.chain.stages
        )
        if not self.whole or holes:
            self.whole = False
            return
        self.whole = False
        disabled = any(
            not endpoint.enabled
            for endpoint in (self.tree.chain.sources if end == "source" else self.tree.chain.sinks)
        )
        where = "begins with" if end == "source" else "ends in"
        self.reporter.error(
            MISSING_END,
            f"the pipeline has no {end}",
            span,
            notes=(
                f"every {end} has `enabled: false`"
                if disabled
                else f"a pipeline {where} a {end}: a file, a URI, `-` or a name",
            ),
        )

    def _no_claims(self, endpoint: Endpoint, let: Let) -> None:
        """A stream has its type where it is defined: nothing can be said of it again."""
        spans = [endpoint.type.span] if endpoint.type is not None else []
        spans += [path.span for path in endpoint.keys]
        spans += [endpoint.clock.span] if endpoint.clock is not None else []
        spans += [option.span for option in endpoint.options]
        if spans:
            self.reporter.error(
                RETYPED_STREAM,
                f"'{let.name.text}' is a stream, which has its type already",
                spans[0],
                labels=(Label(let.name.span, "defined here"),),
                notes=("`as`, `key` and `time` stand behind the source itself",),
            )

    # --- streams ----------------------------------------------------------------------

    def _stream(self, word: Word) -> Tails:
        """The tails of a named stream, which is built where it is first used."""
        name = word.text
        if name in self.streams:
            return self.streams[name]
        if name in self.opening:
            circle = [*self.opening[self.opening.index(name) :], name]
            self.whole = False
            self.reporter.error(
                CYCLE,
                f"streams read each other in a circle: {' → '.join(circle)}",
                word.span,
                labels=tuple(
                    Label(self.lets[other].name.span, f"'{other}'") for other in circle[:-1]
                ),
            )
            return ()
        self.opening.append(name)
        chain = self.lets[name].chain
        tails = self._stages(chain.stages, self._sources(chain.sources))
        for sink in chain.sinks:
            self._sink(sink, tails)
        self.opening.pop()
        self.streams[name] = tails
        return tails

    def _input(self, word: Word, seen: frozenset[str]) -> Tails:
        """What ``from: NAME`` reads."""
        name = word.text
        if name in self.outs:
            tails = self.outs[name]
            if not tails:
                self._no_output(word)
            return tails
        if name in self.left_out and name not in seen:
            return tuple(
                tail
                for behind in self.left_out[name]
                for tail in self._input(behind, seen | {name})
            )
        if name in self.lets:
            return self._stream(word)
        self.whole = False
        known = (*self.outs, *self.lets)
        near = nearest(name, known)
        self.reporter.error(
            UNKNOWN_INPUT,
            f"nothing in this pipeline is called '{name}'",
            word.span,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=(f"names: {', '.join(known)}",),
        )
        return ()

    def _no_output(self, word: Word) -> None:
        self.whole = False
        node = next((node for node in self.nodes if node.id == word.text), None)
        if node is None:
            why = "it has `enabled: false`"
        elif node.kind is NodeKind.SINK:
            why = "a sink gives no records"
        else:
            why = "a route has no main output: name a step in one of its branches"
        self.reporter.error(
            UNKNOWN_INPUT,
            f"nothing can be read from '{word.text}'",
            word.span,
            labels=() if node is None else (Label(node.span, f"'{word.text}'"),),
            notes=(why,),
        )

    # --- stages -----------------------------------------------------------------------

    def _stages(self, stages: tuple[Stage | BrokenStage, ...], tails: Tails) -> Tails:
        for stage in stages:
            if isinstance(stage, BrokenStage):
                id = self._add("unreadable", NodeKind.STAGE, None, one_line(stage.span), stage.span)
                self._connect(tails, (), id)
                tails = (Tail(id),)
            elif stage.enabled:
                tails = self._stage(stage, tails)
            elif stage.label is not None or stage.inputs:
                tails = self._leave_out(stage, tails)
        return tails

    def _leave_out(self, stage: Stage, tails: Tails) -> Tails:
        """What flows on past a stage that is not enabled; `from: NAME` reads the same."""
        name = (stage.label or stage.name).text
        if stage.inputs:
            tails = tuple(
                tail for word in stage.inputs for tail in self._input(word, frozenset({name}))
            )
            self.left_out.setdefault(name, stage.inputs)
        else:
            self.outs.setdefault(name, tails)
        return tails

    def _stage(self, stage: Stage, tails: Tails) -> Tails:
        meaning = stage_meaning(stage.name, self.project, self.reporter)
        if meaning is not None:
            self._refuse_common(stage)
        if isinstance(meaning, NamedStages):
            return self._named_stages(stage, meaning.text, tails)
        if isinstance(meaning, UserProcessor):
            binding = None
            if no_arguments(stage, "a processor", self.reporter):
                name = Word(meaning.name, stage.name.span)
                binding = StageBinding(
                    "processor", Arguments(stage.name, {"name": name}, stage.span)
                )
            id = self._add_stage(meaning.name, binding, stage)
            self._connect(tails, stage.inputs, id)
            return (Tail(id),)
        if meaning is None:
            id = self._add_stage(stage.name.text, None, stage)
            self._connect(tails, stage.inputs, id)
            # Branches are walked all the same, for what else is wrong in them.
            return (Tail(id), *self._branches(id, stage.block or (), ports_of(stage, None)))
        ports = ports_of(stage, self.reporter)
        arguments = bind(stage, meaning, ports, self.project, self.reporter)
        binding = None if arguments is None else StageBinding(meaning.name, arguments)
        others = self._others(meaning, arguments)
        id = self._add_stage(meaning.name, binding, stage)
        self._connect(tails, stage.inputs, id)
        for input, found in others.items():
            self.edges.extend(Edge(tail.node, id, tail.port, input) for tail in found)
        flowing = self._branches(id, stage.block or (), ports)
        if is_route(meaning, stage):
            self.outs[id] = ()
            return flowing
        return (Tail(id), *flowing)

    def _others(self, operator: Operator, arguments: Arguments | None) -> dict[str, Tails]:
        """What a stage reads beside its own stream, by the parameter that names it."""
        found: dict[str, Tails] = {}
        for parameter in operator.parameters:
            stream = None if arguments is None else arguments.get(parameter.name)
            if parameter.form is Form.STREAM and isinstance(stream, Stream):
                found[parameter.name] = self._sources((stream.endpoint,))
        return found

    def _add_stage(self, name: str, binding: StageBinding | None, stage: Stage) -> str:
        return self._add(name, NodeKind.STAGE, binding, shown_stage(stage), stage.span, stage.label)

    def _named_stages(self, stage: Stage, named: NamedText, tails: Tails) -> Tails:
        """A stage that flowc.toml defines: its stages stand in its place."""
        if not no_arguments(stage, "a stage of flowc.toml", self.reporter):
            return tails
        if named.name in self.expanding:
            circle = [*self.expanding[self.expanding.index(named.name) :], named.name]
            self.reporter.error(
                CYCLE,
                f"stages of flowc.toml stand for each other in a circle: {' → '.join(circle)}",
                named.span,
            )
            return tails
        self.expanding.append(named.name)
        stages = list(parse_stages(_text_of(named), self.reporter))
        # The name that the pipeline uses is the name of what it stands for.
        name = stage.label or Word(named.name, stage.name.span)
        if len(stages) == 1 and isinstance(stages[0], Stage):
            stages[0] = replace(stages[0], label=stage.label, inputs=stage.inputs)
        elif stages and stage.inputs and isinstance(stages[0], Stage):
            stages[0] = replace(stages[0], inputs=stage.inputs)
        tails = self._stages(tuple(stages), tails)
        self.expanding.pop()
        self.outs.setdefault(name.text, tails)
        return tails

    def _branches(self, id: str, branches: tuple[Branch, ...], ports: tuple[Port, ...]) -> Tails:
        """The tails of the branches that end in no sink."""
        flowing: list[Tail] = []
        for branch, port in zip(branches, ports):
            # A branch whose sinks are all left out ends where they would have been.
            if branch.discards or (branch.sinks and not any(s.enabled for s in branch.sinks)):
                continue
            stages, sinks = branch.stages, branch.sinks
            if not sinks and stages and (named := self._sink_at_end(stages[-1])) is not None:
                stages, sinks = stages[:-1], (named,)
            tails = self._stages(stages, (Tail(id, port.name),))
            for sink in sinks:
                self._sink(sink, tails)
            if not sinks:
                flowing.extend(tails)
        return tuple(flowing)

    def _sink_at_end(self, stage: Stage | BrokenStage) -> Endpoint | None:
        """A bare word at the end of a branch that is a sink's name, and no stage's."""
        if isinstance(stage, BrokenStage) or not stage.enabled:
            return None
        if stage.items or stage.clauses or stage.as_ or stage.block or stage.options:
            return None
        name = stage.name.text
        project = self.project
        if name not in project.sinks or name in project.stages:
            return None
        if spelled(name, project.processors) is not None:
            return None
        text = Template((name,), stage.name.span, bare=True)
        return Endpoint(stage.span, text, label=stage.label, inputs=stage.inputs)


def _name_of(endpoint: Endpoint) -> Word | None:
    """The endpoint's text as a name, where it is one."""
    text = endpoint.text
    if text is None or not is_name(text, quoted=endpoint.quoted):
        return None
    return Word(text.plain or "", text.span)


def _text_of(named: NamedText) -> Text:
    source = named.span.source
    if named.span.text == named.text:
        return Text(named.text, source, named.span.start)
    return Text(named.text, source, 0, (named.span.start,) * (len(named.text) + 1))


def _shown(found: Bound, endpoint: Endpoint) -> str:
    return found.binding.shown if found.binding is not None else redacted(one_line(endpoint.span))
