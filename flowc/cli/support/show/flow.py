"""How the type changes on its way: ``RawTransaction → Payment → EnrichedPayment``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from flowc.catalog.spec import Arguments
from flowc.model.effects import Changes, Facts, Order, Truth
from flowc.model.graph import Edge, NodeKind, NodeTypes, Pipeline, StageBinding, TypedPipeline
from flowc.model.types import Record
from flowc.types.show import show, show_lines, show_name

#: More paths than a person reads; a pipeline of forks can have very many.
_MOST_PATHS = 8
_FIELDS = 44
_MOST_TYPES = 12


def brief(record: Record) -> str:
    """A record's name, or its fields without their types: ``{id, amount, +4}``."""
    if record.name is not None:
        return record.name
    names = [show_name(field.name) for field in record.fields]
    kept: list[str] = []
    for i, name in enumerate(names):
        if sum(map(len, kept)) + 2 * len(kept) + len(name) > _FIELDS:
            kept.append(f"+{len(names) - i}")
            break
        kept.append(name)
    return "{" + ", ".join(kept) + "}"


def paths(typed: TypedPipeline) -> tuple[tuple[Edge, ...], ...]:
    """The ways from a source to a sink, each as its edges; the first few only."""
    return tuple(path for path, _ in zip(_paths(typed), range(_MOST_PATHS), strict=False))


def _paths(typed: TypedPipeline) -> Iterator[tuple[Edge, ...]]:
    pipeline = typed.pipeline
    size = len(pipeline.nodes)
    for node in pipeline.nodes:
        if node.kind is not NodeKind.SOURCE:
            continue
        stack: list[tuple[Edge, ...]] = [(edge,) for edge in reversed(pipeline.out_of(node.id))]
        while stack:
            path = stack.pop()
            last = path[-1]
            following = () if last.input else pipeline.out_of(last.target)
            if not following:
                yield path
            elif len(path) <= size:
                stack.extend((*path, edge) for edge in reversed(following))


def row_on(typed: TypedPipeline, edge: Edge) -> Record | None:
    """The record type on an edge; None where the checker did not get there."""
    types = typed.types.get(edge.source)
    return types.ports.get(edge.port) if types is not None else None


def port_label(pipeline: Pipeline, edge: Edge) -> str:
    """What sends a record along an edge: the condition of a route's branch, ``else``, or
    nothing where the node has no choice; and the input where it is not the stream's own."""
    choice = _choice(pipeline, edge)
    return f"{choice}, {edge.input}" if choice and edge.input else choice or edge.input


def _choice(pipeline: Pipeline, edge: Edge) -> str:
    binding = pipeline.node(edge.source).binding
    if edge.port == "out":
        return ""
    arguments = binding.arguments if isinstance(binding, StageBinding) else None
    branches = arguments.get("branches") if isinstance(arguments, Arguments) else None
    for port in branches or ():
        if port.name == edge.port and port.condition is not None:
            return " ".join(port.condition.span.text.split())
        if port.name == edge.port:
            return "else" if port.otherwise else ""
    return edge.port


def type_flows(typed: TypedPipeline) -> tuple[tuple[str, ...], ...]:
    """For each path the types that differ from the one before, briefly; no path twice."""
    found: dict[tuple[str, ...], None] = {}
    for path in paths(typed):
        names: list[str] = []
        before: Record | None = None
        for edge in path:
            row = row_on(typed, edge)
            if row is None:
                names.append("?")
                break
            if before is None or row != before:
                names.append(brief(row))
            before = row
        if path[-1].input:
            names.append(f"{path[-1].input} of {path[-1].target}")
        # One name twice in a row is one type whose refinements changed.
        names = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
        found.setdefault(tuple(names))
    return tuple(found)


def flow_text(names: tuple[str, ...], *, lead: str, arrow: str, width: int) -> str:
    """A type flow behind ``lead`` in lines of at most ``width``, where names allow it.

    Of very many types the first and the last are shown.
    """
    if len(names) > _MOST_TYPES:
        half = _MOST_TYPES // 2
        names = (*names[:half], f"{len(names) - 2 * half} more", *names[-half:])
    lines = [lead + names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(arrow) + len(name) > width:
            lines[-1] += arrow.rstrip()
            lines.append(" " * len(lead) + name)
        else:
            lines[-1] += arrow + name
    return "\n".join(lines) + "\n"


def facts(of: Facts) -> str:
    """The facts of an edge in words; what is unknown is left out."""
    parts: list[str] = []
    match of.bounded:
        case Truth.YES:
            parts.append("bounded")
        case Truth.NO:
            parts.append("endless")
        case Truth.UNKNOWN:
            pass
    match of.changes:
        case Changes.APPEND:
            parts.append("appends only")
        case Changes.UPSERT:
            parts.append("upserts by key")
        case Changes.RETRACT:
            parts.append("retracts")
        case Changes.UNKNOWN:
            pass
    parts += [f"unique by {', '.join(key)}" for key in sorted(of.keys)]
    if of.time is not None and of.time.kept:
        parts.append(f"clock {'.'.join(of.time.field)}")
    match of.order:
        case Order.SOURCE:
            parts.append("in the source's order")
        case Order.ARRIVAL:
            parts.append("in order of arrival")
        case Order.NONE:
            parts.append("in no order")
        case Order.UNKNOWN:
            pass
    match of.deterministic:
        case Truth.YES:
            parts.append("deterministic")
        case Truth.NO:
            parts.append("not deterministic")
        case Truth.UNKNOWN:
            pass
    return "; ".join(parts)


def kept(typed: TypedPipeline, width: int) -> Iterator[str]:
    """For each node with memory what it keeps and what bounds that, in lines."""
    for node in typed.pipeline.nodes:
        types = typed.types.get(node.id)
        for held in types.held if types is not None else ():
            yield from textwrap.wrap(
                f"{node.text}: keeps {held}",
                width,
                initial_indent="  ",
                subsequent_indent="    ",
                break_on_hyphens=False,
            )


def steps(typed: TypedPipeline, width: int) -> Iterator[str]:
    """Every node with its place, what it gives, its errors and its facts, in lines."""
    for node in typed.pipeline.nodes:
        yield f"  {node.span.place}  {node.text}"
        yield from step(typed.types.get(node.id), width)


def step(types: NodeTypes | None, width: int) -> Iterator[str]:
    """What a node gives, its errors and its facts, in lines."""
    if types is None:
        yield "      not checked: an error stands before it"
        return
    for port, row in types.ports.items():
        if row == types.row:
            yield f"      {_lead(port)}unchanged"
            continue
        named = f"{row.name} = " if row.name else ""
        if len(named) + len(show(row)) + 6 + len(_lead(port)) <= width:
            yield f"      {_lead(port)}{named}{show(row)}"
        else:
            lines = show_lines(row, width - 6)
            yield f"      {_lead(port)}{named}{lines[0]}"
            yield from (f"      {line}" for line in lines[1:])
    if types.errors:
        yield f"      can fail with {', '.join(sorted(types.errors))}"
    for text in (*(f"keeps {held}" for held in types.held), facts(types.facts)):
        if text:
            yield from textwrap.wrap(
                text, width - 6, initial_indent=" " * 6, subsequent_indent=" " * 6
            )


def _lead(port: str) -> str:
    return "" if port == "out" else f"{port}: "
