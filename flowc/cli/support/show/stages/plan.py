"""The plan: the blocks that a target prints, each with its steps, after all passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from flowc.cli.support.show.drawing import Arrow, Box, Drawing
from flowc.compile import Checked, Request, plans
from flowc.model.plan import (
    Align,
    Block,
    CallProgram,
    CallRuntime,
    CallUser,
    Expand,
    Find,
    Fork,
    Hold,
    Keep,
    Merge,
    Plan,
    Project,
    Pure,
    Read,
    Route,
    Step,
    Tabulate,
    Write,
)
from flowc.resolve.shown import one_line
from flowc.types.show import show_name

_FIELDS = 8


def _columns(names: tuple[str, ...]) -> str:
    shown = [show_name(name) for name in names[:_FIELDS]]
    more = [f"+{len(names) - _FIELDS}"] if len(names) > _FIELDS else []
    return "{" + ", ".join((*shown, *more)) + "}"


def _step(step: Step, texts: Mapping[str, str]) -> str:
    match step:
        case Keep():
            return f"keep: {texts[step.node]}"
        case Project():
            return f"project to {_columns(tuple(name for name, _ in step.columns))}"
        case Expand():
            return f"expand to {show_name(step.name)}"
        case Find():
            return f"find {show_name(step.name)} in {step.table}"
        case _:
            assert_never(step)


def _lines(block: Block, texts: Mapping[str, str]) -> tuple[str, ...]:
    body = block.body
    match body:
        case Read():
            return (f"read {texts[body.node]}", f"decode {body.decode.format}")
        case Write():
            return (f"encode {body.format}", f"write {texts[body.node]}")
        case Pure():
            return tuple(_step(step, texts) for step in body.steps) or ("pass on",)
        case CallRuntime():
            return (f"state: {texts[body.node]}", f"{body.module}.{body.name}")
        case CallProgram():
            return (f"start {texts[body.node]}", "JSON lines in and out")
        case CallUser():
            return (f"call {body.processor.file}", f"{body.processor.function}, once a record")
        case Tabulate():
            return (f"table by {', '.join(body.keys)}", f"{body.module}.{body.name}")
        case Hold():
            return (f"hold until {body.table} is whole",)
        case Fork():
            return ("fork",)
        case Route():
            return ("route",)
        case Align():
            return (f"wait for the others before {texts[body.node]}",)
        case Merge(clock=clock):
            return (f"merge by {'.'.join(map(show_name, clock))}" if clock else "merge",)
        case _:
            assert_never(body)


def _kind(block: Block) -> str:
    if isinstance(block.body, Read):
        return "source"
    return "sink" if isinstance(block.body, Write) else "stage"


def _whens(block: Block) -> dict[str, str]:
    """What sends a record to a port, where there is a choice."""
    if not isinstance(block.body, Route):
        return {}
    found = {block.body.otherwise: "else"} if block.body.otherwise else {}
    for port, condition in block.body.branches:
        found[port] = one_line(condition.span) if condition.span is not None else port
    return found


def _drawing(plan: Plan) -> Drawing:
    texts = {node.id: node.text for node in plan.nodes}
    places = {node.id: node.place for node in plan.nodes}
    boxes = []
    for block in plan.blocks:
        lines = _lines(block, texts)
        about = {
            "body": type(block.body).__name__.lower(),
            "nodes": list(block.nodes),
            "steps": list(lines),
        }
        hint = "\n".join(f"{places[id]}  {texts[id]}" for id in block.nodes)
        boxes.append(Box(block.id, _kind(block), lines, about, hint))
    rows = {block.id: block.rows for block in plan.blocks}
    whens = {block.id: _whens(block) for block in plan.blocks}
    arrows = [
        Arrow(
            link.source,
            link.target,
            link.port,
            whens[link.source].get(link.port, link.input),
            rows[link.source].get(link.port),
        )
        for link in plan.links
    ]
    return Drawing(plan.name, tuple(boxes), tuple(arrows))


def drawings(request: Request, checked: Checked) -> tuple[Drawing, ...]:
    """The plans; none where there is an error."""
    return tuple(map(_drawing, plans(request, checked))) if checked.ok else ()
