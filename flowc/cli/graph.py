"""``flowc graph``: a pipeline after any stage of the road, with the types on its edges."""

from __future__ import annotations

from dataclasses import replace

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


def _formats() -> tuple[str, ...]:
    from flowc.cli.support.show import graphs

    return graphs.names()


def _stages() -> tuple[str, ...]:
    from flowc.cli.support.show import stages

    return stages.NAMES


def _run(call: Invocation) -> int:
    from flowc.cli.support import pipelines
    from flowc.cli.support.show import graphs, stages
    from flowc.compile import check

    requests = pipelines.requests(call)
    checked = [check(request) for request in requests]
    make = stages.drawings(call.text("stage") or "typed")
    drawings = [
        replace(drawing, written_out=call.flag("types"))
        for request, one in zip(requests, checked, strict=True)
        for drawing in make(request, one)
    ]
    if drawings or call.format == "json":
        drawn = graphs.drawer(call.format)(drawings, call.terminal)
        (call.terminal.show if call.format == "text" else call.terminal.write)(drawn)
    diagnostics = [d for one in checked for d in one.diagnostics if d.is_error]
    pipelines.show_diagnostics(call, diagnostics)
    return FINDINGS if diagnostics else OK


COMMAND = Command(
    name="graph",
    summary="Draw a pipeline with the types on its edges.",
    run=_run,
    words="[FILE|DSL]",
    most=1,
    options=(
        replace(FORMAT, choices=_formats),
        Option(
            "stage",
            Kind.CHOICE,
            "What to draw: the text as it was read, the graph with names looked up, with types, "
            "or the plan that is printed or run.",
            metavar="STAGE",
            choices=_stages,
        ),
        Option("types", Kind.FLAG, "All fields of the types on the edges."),
        STRICT,
        SET,
        ENV_FILE,
        *COMMON,
    ),
    examples=(
        "flowc graph orders.yaml",
        "flowc graph orders.yaml --format svg > orders.svg",
        "flowc graph orders.yaml --format mermaid --types",
        "flowc graph orders.yaml --stage plan",
    ),
    notes=("Without --stage it draws the typed graph. dot is Graphviz's language.",),
)
