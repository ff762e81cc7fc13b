"""Where a field comes from and how its type came about, as people and as programs read it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowc.check.lineage import How, Path, Place, Step, entering, field_at, trace
from flowc.cli.support.terminal import Terminal
from flowc.diagnostics.render.text import excerpts
from flowc.model.diagnostic import Label
from flowc.model.graph import Node, NodeKind, TypedPipeline
from flowc.model.source import Span
from flowc.model.types import Field, Origin
from flowc.types.show import show, show_name

#: How the origin of a field begins that only repeats what stands under the caret.
_MADE = "was made by"
#: Columns of line numbers, at least.
_GUTTER = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """A field where it leaves a node or reaches a sink: ``where`` says so in words."""

    path: Path
    where: str
    starts: tuple[Place, ...]


def dotted(path: Path) -> str:
    """A path as it is written."""
    return ".".join(show_name(name) for name in path)


def asks(typed: TypedPipeline, path: Path, node: Node | None) -> tuple[Ask, ...]:
    """The places at which a field is asked for: behind the node; without one, where it reaches
    sinks, or else where it was last seen. Sinks that get it from one place are one. Empty where
    no record has it."""
    if node is not None and node.kind is not NodeKind.SINK:
        starts = tuple(_leaving(typed, node, path))
        return (Ask(path, f"behind {node.text}", starts),) if starts else ()
    sinks = [node] if node is not None else _of_kind(typed, NodeKind.SINK)
    reached: dict[tuple[Place, ...], list[str]] = {}
    for sink in sinks:
        reached.setdefault(entering(typed, sink.id, path), []).append(sink.text)
    found = tuple(
        Ask(path, f"where it reaches {' and '.join(texts)}", starts)
        for starts, texts in reached.items()
        if starts
    )
    if found or node is not None:
        return found
    for last in reversed(typed.pipeline.order()):
        starts = tuple(_leaving(typed, last, path))
        if starts:
            return (Ask(path, f"behind {last.text}; it reaches no sink", starts),)
    return ()


def _of_kind(typed: TypedPipeline, kind: NodeKind) -> list[Node]:
    return [node for node in typed.pipeline.nodes if node.kind is kind]


def _leaving(typed: TypedPipeline, node: Node, path: Path) -> Iterator[Place]:
    types = typed.types.get(node.id)
    for port in types.ports if types is not None else ():
        place = Place(node.id, port, path)
        if field_at(typed, place) is not None:
            yield place


def _steps(typed: TypedPipeline, ask: Ask) -> tuple[Step, ...]:
    found: dict[Place, Step] = {}
    for start in ask.starts:
        for step in trace(typed, start):
            found.setdefault(step.place, step)
    return tuple(found.values())


def _typed(field: Field) -> str:
    return show(field.type) + (", or absent" if field.optional else "")


def _listed(places: Iterable[Place]) -> str:
    return ", ".join(f"`{dotted(path)}`" for path in dict.fromkeys(p.path for p in places))


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a field at a span, behind its name and type. Fields of which the same
    is said share a label."""

    span: Span
    verb: str
    behind: str


def _labels(typed: TypedPipeline, steps: tuple[Step, ...]) -> Iterator[Label]:
    """What is worth a caret, from the asked place back to the sources."""
    said: dict[_Said, list[Step]] = {}
    by_place = {step.place: step for step in steps}
    for step in steps:
        known = {o for place in step.inputs for o in by_place[place].field.origin}
        origins = tuple(origin for origin in step.field.origin if origin not in known)
        for one in _said(step, origins, typed.pipeline.node(step.place.node)):
            said.setdefault(one, []).append(step)
    for one, of in said.items():
        yield Label(one.span, _sentence(one, of))


def _said(step: Step, origins: tuple[Origin, ...], node: Node) -> Iterator[_Said]:
    match step.how:
        case How.COMPUTED:
            last = origins[-1] if origins else None
            span = last.span if last is not None and last.span is not None else node.span
            verb = last.verb if last is not None and not last.verb.startswith(_MADE) else ""
            itself = verb and {place.path for place in step.inputs} == {step.place.path}
            of = f"made of {_listed(step.inputs)}" if step.inputs else "made of no field"
            yield _Said(span, verb, "" if itself else of)
        case How.READ | How.CARRIED:
            for origin in origins:
                yield _Said(origin.span or node.span, origin.verb, "")
            renamed = [place for place in step.inputs if place.path != step.place.path]
            if renamed and not origins:
                yield _Said(node.span, f"is {_listed(renamed)}", "")
            elif step.how is How.READ and not origins:
                yield _Said(node.span, "", "of this source")


def _sentence(said: _Said, steps: list[Step]) -> str:
    behind = f", {said.behind}" if said.behind else ""
    typed = [f"`{dotted(step.place.path)}`: {_typed(step.field)}" for step in steps]
    if not said.verb:
        return ", ".join(typed) + behind
    if len(steps) > 1:
        return f"{', '.join(typed)}; each {said.verb}{behind}"
    (step,) = steps
    # A verb may name the type itself: "was read as int from orders.jsonl".
    told = show(step.field.type) in said.verb.split() or said.verb.startswith("is `")
    type = "" if told else f": {_typed(step.field)}"
    return f"`{dotted(step.place.path)}` {said.verb}{type}{behind}"


def _shown(labels: Iterable[Label], terminal: Terminal) -> str:
    """Labels under their lines; one by one where a line is too long to be seen whole."""
    found = list(labels)
    longest = max(
        (len(label.span.source.line(label.span.position.line)) for label in found), default=0
    )
    groups = [found] if longest <= terminal.width - _GUTTER else [[label] for label in found]
    return "".join(
        excerpts(
            group,
            colour=terminal.colour_out,
            width=terminal.width,
            ascii=terminal.ascii_out,
        )
        for group in groups
        if group
    )


def _sources(typed: TypedPipeline, steps: tuple[Step, ...]) -> Iterator[str]:
    """The fields of sources that it comes from, a line for each source."""
    found: dict[str, list[Place]] = {}
    for step in steps:
        if step.how is How.READ:
            found.setdefault(step.place.node, []).append(step.place)
    for id, places in found.items():
        yield f"{_listed(places)} of {typed.pipeline.node(id).text}"


def why_text(typed: TypedPipeline, ask: Ask, terminal: Terminal) -> str:
    """The field's type, the source fields it comes from, and the places on the way."""
    steps = _steps(typed, ask)
    types = dict.fromkeys(_typed(step.field) for step in steps if step.place in ask.starts)
    lines = [f"{dotted(ask.path)}: {' or '.join(types)}, {ask.where}"]
    sources = [f"comes from {source}" for source in _sources(typed, steps)]
    for source in sources or ["comes from no field of a source"]:
        lines += textwrap.wrap(
            source,
            terminal.width,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )
    return "\n".join(lines) + "\n" + _shown(_labels(typed, steps), terminal)


def _place(place: Place) -> dict[str, Any]:
    return {"node": place.node, "port": place.port, "field": dotted(place.path)}


def why_object(typed: TypedPipeline, ask: Ask) -> Mapping[str, Any]:
    """The same as JSON values; ``sources`` are fields of sources, ``steps`` the way back."""
    steps = _steps(typed, ask)
    return {
        "field": dotted(ask.path),
        "where": ask.where,
        "at": [_place(start) for start in ask.starts],
        "sources": [_place(step.place) for step in steps if step.how is How.READ],
        "steps": [
            {
                **_place(step.place),
                "type": show(step.field.type),
                "optional": step.field.optional,
                "how": step.how.value,
                "inputs": [_place(place) for place in step.inputs],
                "place": typed.pipeline.node(step.place.node).span.place,
                "origin": [
                    {"verb": o.verb, "place": o.span.place if o.span else None}
                    for o in step.field.origin
                ],
            }
            for step in steps
        ],
    }
