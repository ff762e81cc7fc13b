"""``flowc validate``: check pipelines, show how their types flow and what is wrong."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path
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
    from flowc.compile import Request
    from flowc.model.diagnostic import Diagnostic
    from flowc.model.graph import TypedPipeline

#: A fix can make way for another; more rounds than this mean that two undo each other.
_ROUNDS = 10


def _run(call: Invocation) -> int:
    from flowc.cli.support import pipelines
    from flowc.compile import check

    requests = pipelines.requests(call)
    if call.flag("fix") or call.flag("unsafe-fixes"):
        requests = tuple(_fixed(call, request) for request in requests)
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
    from flowc.diagnostics.render.text import count
    from flowc.model.diagnostic import Safety

    found = count(diagnostics) or "nothing wrong"
    line = f"{pipelines} pipeline{'' if pipelines == 1 else 's'}: {found}"
    safe = unsafe = 0
    for diagnostic in diagnostics:
        safeties = {fix.safety for fix in diagnostic.fixes if fix.edits}
        safe += Safety.SAFE in safeties
        unsafe += Safety.UNSAFE in safeties and Safety.SAFE not in safeties
    if safe:
        line += f"; {safe} can be fixed with --fix"
    if unsafe:
        line += f"; {unsafe}{' more' if safe else ''} with --unsafe-fixes"
    return line + "\n"


def _fixed(call: Invocation, request: Request) -> Request:
    """Apply fixes and write the files they are in, until there is nothing more to apply.

    Returns:
        The request with the text as it now is.
    """
    from dataclasses import replace

    from flowc.cli.support.pipelines import on_disk
    from flowc.compile import check
    from flowc.diagnostics.apply import apply_fixes
    from flowc.model.source import SourceFile

    file = on_disk(request)
    total = 0
    for _ in range(_ROUNDS):
        done = apply_fixes(check(request).diagnostics, unsafe=call.flag("unsafe-fixes"))
        if not done.fixes:
            break
        total += len(done.fixes)
        for name, text in done.texts.items():
            if name != request.source.name:
                _write(call.cwd / name, text)
            else:
                if file is not None:
                    _write(file, text)
                request = replace(request, source=SourceFile(name, text))
    call.terminal.say(f"{request.source.name}: {total} fix{'' if total == 1 else 'es'} applied\n")
    if file is None and total:
        call.terminal.write(request.source.text.rstrip("\n") + "\n")
    return request


def _write(path: Path, text: str) -> None:
    """A new text for a file, with the line ends and the byte order mark it had."""
    from flowc.cli.support.files import cannot_write, replace_text

    try:
        before = path.read_bytes()
        if b"\r\n" in before and "\r\n" not in text:
            text = text.replace("\n", "\r\n")
        if before.startswith(BOM_UTF8) and not text.startswith("\ufeff"):
            text = "\ufeff" + text
        replace_text(path, text)
    except OSError as error:
        raise cannot_write(path, error) from None


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
