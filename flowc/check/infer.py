"""Walks a pipeline from its sources to its sinks and finds the type of every edge.

Forward: the record type, error set and facts of each node. Backward: what each processor
and sink requires, and which fields are used. A node whose input is unknown, because of an
error already reported, is left out; nothing more is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path as FilePath

from flowc.catalog import registry
from flowc.catalog.inputs import Arriving, Stream
from flowc.catalog.spec import Arguments, Connector, Form, Operator, Sampled
from flowc.check.context import Check
from flowc.check.members import keeps_members, lifted_ports, members_of
from flowc.check.merge import merge_facts, merge_rows, with_waiting
from flowc.check.usage import with_usage
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.effects import NO_ERRORS, VALIDATION_ERROR, Clock, Facts, Held, Truth
from flowc.model.expr import FieldStep, Literal, Path
from flowc.model.graph import (
    EndpointBinding,
    Lineage,
    Node,
    NodeKind,
    NodeTypes,
    Pipeline,
    StageBinding,
    TypedPipeline,
)
from flowc.model.project import Project
from flowc.model.types import (
    TIMESTAMP,
    Field,
    Openness,
    Poison,
    Record,
    Union,
    may_be_null,
    strip_null,
)
from flowc.syntax.measures import duration_of
from flowc.types.show import show

NOT_A_RECORD = declare(
    "FC0343", "source-type-not-record", "The type of a source's records is not a record"
)
IDLE_UNUSED = declare(
    "FC0345", "idle-without-effect", "A clock's `idle` stands where nothing waits for the clock"
)
NOT_A_CLOCK = declare(
    "FC0344", "unfit-clock", "The clock of a stream is a timestamp that is never null"
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a connector may ask: `catalog.spec.SampleContext`."""

    reporter: Reporter
    folder: FilePath
    strict: bool
    read_ahead: bytes | None = None


def check_pipeline(
    pipeline: Pipeline,
    project: Project,
    folder: FilePath,
    reporter: Reporter,
    *,
    read_ahead: bytes | None = None,
) -> TypedPipeline:
    """The pipeline with its types.

    Args:
        folder: the current folder, against which relative endpoints are read.
        read_ahead: what a run has read ahead of standard input, to type it from.
    """
    walk = _Walk(pipeline, project, Sampling(reporter, folder, project.strict, read_ahead))
    for node in pipeline.order():
        walk.visit(node)
    types = with_waiting(pipeline, walk.types)
    return TypedPipeline(pipeline, with_usage(pipeline, types))


class _Walk:
    def __init__(self, pipeline: Pipeline, project: Project, sampling: Sampling) -> None:
        self.pipeline = pipeline
        self.project = project
        self.reporter = sampling.reporter
        self.check = Check(project, sampling.reporter)
        self.sampling = sampling
        self.types: dict[str, NodeTypes] = {}

    def visit(self, node: Node) -> None:
        found: NodeTypes | None = None
        match node.kind, node.binding:
            case NodeKind.SOURCE, EndpointBinding() as binding:
                found = self._source(node, binding)
            case NodeKind.STAGE, StageBinding() as stage:
                found = self._stage(node, stage)
            case NodeKind.SINK, EndpointBinding() as binding:
                found = self._sink(node, binding)
        if found is not None:
            self.types[node.id] = found

    def _source(self, node: Node, binding: EndpointBinding) -> NodeTypes | None:
        connector = _connector(binding)
        sampled: Sampled | None = None
        if binding.declared is not None:
            type = self.check.resolve_type(binding.declared)
            if isinstance(type, Poison):
                return None
            if isinstance(type, Union):
                span = binding.declared.span
                members = members_of(type, binding, span, self.project.types, self.reporter)
                if members is None:
                    return None
                type = members
            if not isinstance(type, Record):
                self.reporter.error(
                    NOT_A_RECORD,
                    f"the records of a source are of a record type, not {show(type)}",
                    binding.declared.span,
                    notes=("write the fields: `as {id: int, name: string}`",),
                )
                return None
            row = type
        else:
            sampled = connector.record_type(binding, node.span, self.sampling)
            if sampled is None:
                return None
            row = sampled.record
        facts = self._declared_facts(binding, row, connector.facts(binding))
        return NodeTypes(
            row=None,
            ports={"out": row},
            errors=frozenset({VALIDATION_ERROR}),
            facts=facts,
            lineage=Lineage(),
            outcome=sampled,
        )

    def _declared_facts(self, binding: EndpointBinding, row: Record, facts: Facts) -> Facts:
        keys = set(facts.keys)
        for key in binding.keys:
            if all(self._find(part, binding, row) for part in key):
                keys.add(key)
        time = facts.time
        if binding.clock is not None:
            clock = binding.clock
            if clock.idle is not None and facts.bounded is Truth.YES and not _micros(clock.lag):
                self.reporter.error(
                    IDLE_UNUSED,
                    "`idle` has no effect here",
                    clock.idle.span,
                    notes=(
                        "the input ends and has no lag: windows close at its end, however long "
                        "it is silent",
                    ),
                )
            found = self.check.field(clock.path, row)
            names = clock.path.names
            if found is not None and names is not None:
                time = Clock(names, _micros(clock.lag), _micros(clock.idle) or None)
                unfit = strip_null(found.type) != TIMESTAMP or may_be_null(found.type)
                if unfit and not isinstance(found.type, Poison):
                    self.reporter.error(
                        NOT_A_CLOCK,
                        f"'{'.'.join(names)}' is {show(found.type)}; a clock is a timestamp "
                        "that is never null",
                        clock.path.span,
                    )
        return replace(facts, keys=frozenset(keys), time=time)

    def _find(self, name: str, binding: EndpointBinding, row: Record) -> Field | None:
        span = binding.declared.span if binding.declared else self.pipeline.tree.span
        return self.check.field(Path((FieldStep(name, span),), span), row)

    def _incoming(self, node: Node, input: str = "") -> tuple[Record, Facts] | None:
        """The record and the facts that arrive at an input; None where they are unknown."""
        rows: list[tuple[Node, Record]] = []
        facts: list[Facts] = []
        for edge in self.pipeline.arriving(node.id, input):
            known = self.types.get(edge.source)
            if known is None or edge.port not in known.ports:
                return None
            rows.append((self.pipeline.node(edge.source), known.ports[edge.port]))
            facts.append(known.facts)
        if not rows:
            return None
        row = rows[0][1]
        if len(rows) > 1:
            row = merge_rows(rows, node, self.project.types, self.reporter)
        return row, merge_facts(facts)

    def _stage(self, node: Node, stage: StageBinding) -> NodeTypes | None:
        incoming = self._incoming(node)
        operator = registry.operator(stage.operator)
        if incoming is None or operator is None or not isinstance(stage.arguments, Arguments):
            return None
        others = self._others(node, operator, stage.arguments)
        if others is None:
            return None
        row, facts = incoming
        self.check.inputs = others
        outcome = operator.infer(stage.arguments, row, facts, self.check)
        ports = outcome.ports
        if row.members is not None:
            ports = lifted_ports(
                operator, outcome, row, node.span, self.project.types, self.reporter
            )
        return NodeTypes(
            row=row,
            ports=ports,
            errors=outcome.errors,
            facts=outcome.facts,
            lineage=outcome.lineage,
            outcome=outcome.outcome,
            held=(*outcome.held, *self._waiting(node, others)),
            others={input: arriving.row for input, arriving in others.items()},
        )

    def _waiting(self, node: Node, others: Mapping[str, Arriving]) -> Iterator[Held]:
        """What waits for another input, because it comes from a source that this one needs, too."""
        if not others:
            return
        own = self.pipeline.sources(node.id)
        for input, arriving in others.items():
            if own & self.pipeline.sources(node.id, input):
                what = f"the records that come before {arriving.shown} is whole"
                yield Held(what, ends=arriving.facts.bounded)

    def _others(
        self, node: Node, operator: Operator, arguments: Arguments
    ) -> dict[str, Arriving] | None:
        """What arrives by other inputs than the stream; None where it is unknown."""
        found: dict[str, Arriving] = {}
        for parameter in operator.parameters:
            if parameter.form is not Form.STREAM or parameter.name not in arguments:
                continue
            incoming = self._incoming(node, parameter.name)
            if incoming is None:
                return None
            edges = self.pipeline.arriving(node.id, parameter.name)
            source = self.pipeline.node(edges[0].source) if len(edges) == 1 else None
            stream: Stream = arguments.get(parameter.name)
            shown = stream.name or " ".join(stream.span.text.split())
            if source is not None and isinstance(source.binding, EndpointBinding):
                shown = source.binding.shown
            found[parameter.name] = Arriving(*incoming, shown, source)
        return found

    def _sink(self, node: Node, binding: EndpointBinding) -> NodeTypes | None:
        incoming = self._incoming(node)
        if incoming is None:
            return None
        row, facts = incoming
        if keeps_members(binding, row, node.span, self.project.types, self.reporter) and not any(
            isinstance(field.type, Poison) for field in row.fields
        ):
            _connector(binding).check_sink(binding, row, node.span, self.sampling)
        return NodeTypes(
            row=row, ports={}, errors=NO_ERRORS, facts=facts, lineage=Lineage(), outcome=None
        )


def reaches_sink_open(
    pipeline: Pipeline, types: Mapping[str, NodeTypes], source: str, at: tuple[str, ...] = ()
) -> bool:
    """Whether fields that an inferred type has not seen would reach a sink from here: those of
    the record, or of what stands ``at`` a path of it."""
    row = types[source].ports["out"]
    if row.openness is not Openness.UNSEEN:
        return False
    # A node, and where in what leaves it the whole record is: the empty path is all of it.
    start: tuple[str, tuple[str, ...]] = (source, at)
    stack, seen = [start], {start}
    while stack:
        id, path = stack.pop()
        for edge in pipeline.out_of(id):
            if edge.target not in types:
                continue
            if pipeline.node(edge.target).kind is NodeKind.SINK:
                return True
            known = types[edge.target]
            for reached in _whole_behind(known.lineage.of(edge.input), path):
                if reached and not any(row.field(reached[0]) for row in known.ports.values()):
                    continue
                following = (edge.target, reached)
                if following not in seen:
                    seen.add(following)
                    stack.append(following)
    return False


def _whole_behind(lineage: Lineage, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Where the whole of what stands at a path of the input is in the output."""
    found = [out for out, came in lineage.carried.items() if came == path]
    if lineage.rest and (not path or lineage.back(path) == path):
        found.append(path)
    return found


def _connector(binding: EndpointBinding) -> Connector:
    connector = registry.connector(binding.connector)
    if connector is None:
        raise LookupError(f"the connector {binding.connector} was bound, but is not there")
    return connector


def _micros(duration: object) -> int:
    """A duration literal in microseconds; 0 where none was written."""
    if not isinstance(duration, Literal):
        return 0
    length = duration_of(duration.text)
    return length // timedelta(microseconds=1) if length is not None else 0
