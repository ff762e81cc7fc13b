"""``flowc graph``: a pipeline's nodes and edges with the types on them."""

from __future__ import annotations

from dataclasses import replace

from flowc.cli.support.command import (
    COMMON,
    FINDINGS,
    FORMAT,
    OK,
    SET,
    STRICT,
    Command,
    Invocation,
)


def _run(call: Invocation) -> int:
    import json

    from flowc.cli.support import pipelines
    from flowc.cli.support.show.graph_json import graph_object
    from flowc.cli.support.show.graph_mermaid import graph_mermaid
    from flowc.cli.support.show.graph_text import graph_text
    from flowc.compile import check

    to = call.terminal
    checked = [check(request) for request in pipelines.requests(call)]
    found = [typed for one in checked for typed in one.typed]
    match call.format:
        case "json":
            to.write(json.dumps({"pipelines": [graph_object(t) for t in found]}, indent=2) + "\n")
        case "mermaid":
            to.write("\n".join(graph_mermaid(typed) for typed in found))
        case _:
            heads = [f"{typed.name}:\n" if len(found) > 1 else "" for typed in found]
            texts = [graph_text(t, width=to.width, ascii=to.ascii_out) for t in found]
            to.write("\n".join(head + text for head, text in zip(heads, texts, strict=True)))
    diagnostics = [d for one in checked for d in one.diagnostics if d.is_error]
    pipelines.show_diagnostics(call, diagnostics)
    return FINDINGS if diagnostics else OK


COMMAND = Command(
    name="graph",
    summary="Draw a pipeline with the types on its edges.",
    run=_run,
    words="[FILE|DSL]",
    most=1,
    options=(replace(FORMAT, choices=("text", "mermaid", "json")), STRICT, SET, *COMMON),
    examples=("flowc graph orders.yaml", "flowc graph orders.yaml --format mermaid"),
)
