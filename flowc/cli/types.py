"""``flowc types``: the record type at each node, and where a field comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc.cli.support.command import (
    COMMON,
    ENV_FILE,
    FINDINGS,
    FORMAT,
    OK,
    SET,
    STRICT,
    Command,
    Invocation,
    Kind,
    Option,
    UsageError,
)

if TYPE_CHECKING:
    from flowc.cli.support.show.why import Ask
    from flowc.model.graph import Node, TypedPipeline


def _run(call: Invocation) -> int:
    import json

    from flowc.cli.support import pipelines
    from flowc.compile import check

    checked = [check(request) for request in pipelines.requests(call)]
    found = [typed for one in checked for typed in one.typed]
    name, field = call.text("node"), call.text("why")
    chosen = _chosen(found, name)
    if field is not None:
        asked = _asked(chosen, field, name)
        if call.format == "json":
            call.terminal.write(json.dumps(_why_objects(asked), indent=2) + "\n")
        else:
            call.terminal.show(_why_texts(asked, call))
    elif call.format == "json":
        objects = [_object(typed, nodes) for typed, nodes in chosen]
        call.terminal.write(json.dumps({"pipelines": objects}, indent=2) + "\n")
    else:
        call.terminal.show("\n".join(_text(typed, nodes, call) for typed, nodes in chosen))
    diagnostics = [d for one in checked for d in one.diagnostics if d.is_error]
    pipelines.show_diagnostics(call, diagnostics)
    return FINDINGS if diagnostics else OK


_Chosen = list[tuple["TypedPipeline", tuple["Node", ...]]]
_Asked = list[tuple["TypedPipeline", "Ask"]]


def _chosen(found: list[TypedPipeline], name: str | None) -> _Chosen:
    """The nodes to show of each pipeline: those of that name, or all.

    Raises:
        UsageError: no pipeline has a node of that name.
    """
    if name is None:
        return [(typed, typed.pipeline.nodes) for typed in found]
    chosen = [(t, tuple(n for n in t.pipeline.nodes if n.id == name)) for t in found]
    chosen = [(typed, nodes) for typed, nodes in chosen if nodes]
    if not chosen:
        from flowc.diagnostics.suggest import did_you_mean

        names = [node.id for typed in found for node in typed.pipeline.nodes]
        raise UsageError(
            f"there is no node {name!r}",
            did_you_mean(name, names),
            f"the nodes are {', '.join(names)}" if names else "",
        )
    return chosen


def _asked(chosen: _Chosen, written: str, name: str | None) -> _Asked:
    """The places at which the field is asked for.

    Raises:
        UsageError: what was written is no field, or no record has it.
    """
    from flowc.cli.support.show.why import asks
    from flowc.diagnostics.suggest import did_you_mean

    path = _path(written)
    found = [
        (typed, ask)
        for typed, nodes in chosen
        for ask in asks(typed, path, nodes[0] if name is not None else None)
    ]
    if found:
        return found
    rows = [
        row
        for typed, nodes in chosen
        for node in nodes
        if node.id in typed.types
        for row in (*typed.types[node.id].ports.values(), typed.types[node.id].row)
        if row is not None
    ]
    names = dict.fromkeys(field.name for row in rows for field in row.fields)
    raise UsageError(
        f"no record has a field {written!r}" + (f" at {name!r}" if name is not None else ""),
        did_you_mean(path[0], names),
        f"there are {', '.join(names)}" if names else "",
    )


def _path(written: str) -> tuple[str, ...]:
    from flowc.diagnostics.reporter import Reporter
    from flowc.model.source import SourceFile, Text
    from flowc.syntax.dsl import parse_fields

    reporter = Reporter()
    fields = parse_fields(Text.whole(SourceFile("--why", written)), reporter)
    if reporter.has_errors or len(fields) != 1 or fields[0].names is None:
        raise UsageError(f"--why takes a field, not {written!r}", "for example: --why address.city")
    return fields[0].names


def _why_texts(asked: _Asked, call: Invocation) -> str:
    from flowc.cli.support.show.why import why_text

    return "\n".join(why_text(typed, ask, call.terminal) for typed, ask in asked)


def _why_objects(asked: _Asked) -> list[dict[str, Any]]:
    from flowc.cli.support.show.why import why_object

    return [{"pipeline": typed.name, **why_object(typed, ask)} for typed, ask in asked]


def _text(typed: TypedPipeline, nodes: tuple[Node, ...], call: Invocation) -> str:
    from flowc.cli.support.show.flow import step

    lines = [f"{typed.name}:"]
    for node in nodes:
        lines.append(f"  {node.id}  {node.text}")
        lines += step(typed.types.get(node.id), call.terminal.width)
    return "\n".join(lines) + "\n"


def _object(typed: TypedPipeline, nodes: tuple[Node, ...]) -> dict[str, Any]:
    from flowc.cli.support.show.graphs.json import record_object
    from flowc.cli.support.show.stages.typed import drawing

    known = {box.id: box for box in drawing(typed).boxes}
    shown = []
    for node in nodes:
        types = typed.types.get(node.id)
        ports = types.ports.items() if types is not None else ()
        shown.append(
            {
                "id": node.id,
                "kind": node.kind.value,
                **known[node.id].about,
                "in": record_object(types.row) if types is not None else None,
                "out": {port: record_object(row) for port, row in ports},
            }
        )
    return {"name": typed.name, "nodes": shown}


COMMAND = Command(
    name="types",
    summary="Show the type at each node, and where a field comes from.",
    run=_run,
    words="[FILE|DSL]",
    most=1,
    options=(
        Option(
            "why",
            Kind.TEXT,
            "Where a field comes from, back to its sources, and how its type came about.",
            metavar="FIELD",
        ),
        Option("node", Kind.TEXT, "Only this node.", metavar="NAME"),
        FORMAT,
        STRICT,
        SET,
        ENV_FILE,
        *COMMON,
    ),
    examples=(
        "flowc types orders.yaml",
        "flowc types orders.yaml --why net",
        "flowc types orders.yaml --why customer --node select",
    ),
    notes=(
        "--why follows a field from where it reaches a sink, or from --node, through each "
        "step that carried or made it.",
    ),
)
