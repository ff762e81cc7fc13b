"""``flowc validate``: check pipelines, show how their types flow and what is wrong."""

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
)

if TYPE_CHECKING:
    from flowc.model.diagnostic import Diagnostic
    from flowc.model.graph import TypedPipeline


def _run(call: Invocation) -> int:
    from flowc.cli.support import pipelines
    from flowc.compile import check

    requests = pipelines.requests(call)
    unsafe, dry = call.flag("unsafe-fixes"), call.flag("diff")
    if call.flag("fix") or unsafe or dry:
        from flowc.cli.support.mend import mended

        requests = tuple(mended(call, one, unsafe=unsafe, dry=dry) for one in requests)
    checked = [check(request) for request in requests]
    diagnostics = tuple(d for one in checked for d in one.diagnostics)
    strict = call.flag("strict")
    if call.format == "json":
        import json

        from flowc.diagnostics.render.json import document

        found = [_object(typed) for one in checked for typed in one.typed]
        call.terminal.write(json.dumps(document(diagnostics, pipelines=found), indent=2) + "\n")
    else:
        for one in checked:
            failed = pipelines.fails(one.diagnostics, strict=strict)
            for typed in one.typed:
                _show(call, typed, failed)
        pipelines.show_diagnostics(call, diagnostics)
        call.terminal.say(
            _count(
                sum(len(t.pipeline.parts) or 1 for one in checked for t in one.typed), diagnostics
            )
        )
    return FINDINGS if pipelines.fails(diagnostics, strict=strict) else OK


def _show(call: Invocation, typed: TypedPipeline, failed: bool) -> None:
    from flowc.cli.support.show import flow
    from flowc.model.graph import NodeKind

    to = call.terminal
    good, bad, arrow = ("ok", "no", " -> ") if to.ascii_out else ("✓", "✗", " → ")
    colour, end = (("\x1b[31m" if failed else "\x1b[32m"), "\x1b[0m") if to.colour_out else ("", "")
    mark = f"{colour}{bad if failed else good}{end}"
    for names in flow.type_flows(typed):
        text = flow.flow_text(names, lead="Type flow: ", arrow=arrow, width=to.width - 2)
        to.write(f"{mark} " + text.replace("\n", "\n  ").rstrip(" "))
    if call.flag("verbose"):
        to.write("".join(f"{line}\n" for line in flow.steps(typed, to.width)))
        return
    to.write("".join(f"{line}\n" for line in flow.kept(typed, to.width)))
    for node in typed.pipeline.nodes:
        if node.kind is NodeKind.SINK and node.id in typed.types:
            facts = flow.facts(typed.types[node.id].facts)
            if facts:
                to.write(f"  {node.text}: {facts}\n")


def _object(typed: TypedPipeline) -> dict[str, Any]:
    from flowc.cli.support.show import flow
    from flowc.cli.support.show.graphs.json import graph_object
    from flowc.cli.support.show.stages.typed import drawing

    return {
        **graph_object(drawing(typed)),
        "joined": list(typed.pipeline.parts),
        "type_flow": [list(names) for names in flow.type_flows(typed)],
    }


def _count(pipelines: int, diagnostics: tuple[Diagnostic, ...]) -> str:
    from flowc.cli.support.mend import fixable
    from flowc.diagnostics.render.text import count

    found = count(diagnostics) or "nothing wrong"
    line = f"{pipelines} pipeline{'' if pipelines == 1 else 's'}: {found}"
    safe, unsafe = fixable(diagnostics)
    if safe:
        line += f"; {safe} can be fixed with --fix"
    if unsafe:
        line += f"; {unsafe}{' more' if safe else ''} with --unsafe-fixes"
    return line + "\n"


COMMAND = Command(
    name="validate",
    summary="Check pipelines: types from source to sink, names, graph, facts.",
    run=_run,
    words="[FILE|DSL]...",
    most=None,
    options=(
        STRICT,
        FORMAT,
        Option("verbose", Kind.FLAG, "The record type, errors and facts of each step.", "-v"),
        Option("fix", Kind.FLAG, "Apply the fixes that keep the meaning; comments stay."),
        Option("unsafe-fixes", Kind.FLAG, "Apply also those that may change the meaning."),
        Option("diff", Kind.FLAG, "Write no fix; print what the fixes would change."),
        SET,
        ENV_FILE,
        *COMMON,
    ),
    examples=(
        "flowc validate",
        "flowc validate orders.yaml --strict",
        "flowc validate 'orders.jsonl | filter amount > 100 | big.jsonl' --verbose",
    ),
    notes=(
        "Without a file it checks every pipeline of the project. It opens no connection. "
        "Exit code 1: something is wrong.",
    ),
)
