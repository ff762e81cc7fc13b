"""``flowc run``: run a pipeline here and now."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from flowc.cli.support.command import (
    BUG,
    COMMON,
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
    from flowc.model.files import FileSet
    from flowc.model.graph import TypedPipeline
    from flowc.model.plan import Plan
    from flowc.model.tree import Document, Endpoint

#: Characters of an inferred type that are printed.
_TYPE = 400


def _run(call: Invocation) -> int:
    from flowc.cli.support import pipelines
    from flowc.compile import emit

    (request,) = pipelines.requests(call) if call.words else pipelines.only(call)
    request = _with_sample(call, request)
    emitted = emit(request, formatted=False)
    checked = emitted.checked
    pipelines.show_diagnostics(call, checked.diagnostics)
    code = pipelines.exit_code(checked.diagnostics, strict=call.flag("strict"))
    if code != OK:
        return code
    _tell(call, checked.document, checked.typed)
    for typed, plan in zip(checked.typed, emitted.plans, strict=True):
        if len(emitted.plans) > 1:
            call.terminal.say(f"{plan.name}:\n")
        code = _one(call, request, typed, plan, emitted.filesets[plan.name])
        if code != OK:
            break
    return code


def _one(
    call: Invocation, request: Request, typed: TypedPipeline, plan: Plan, fileset: FileSet
) -> int:
    """Run one pipeline; gives the exit code."""
    from flowc.cli.support import bug, pipelines
    from flowc.cli.support.show.output import TerminalEnvironment
    from flowc.cli.support.show.progress import Progress
    from flowc.cli.support.show.summary import as_diagnostic, summary
    from flowc.launch.run import run
    from flowc_runtime.engine import RunOptions
    from flowc_runtime.errors import RunError
    from flowc_runtime.main import draining

    to = call.terminal
    world = TerminalEnvironment(
        call.environ,
        ahead=request.read_ahead or b"",
        as_table=to.out_is_terminal and _is_bounded(typed),
    )
    options = RunOptions(
        limit=call.count("limit"),
        dry_run=call.flag("dry-run"),
        dead_letter=call.text("dead-letter"),
        fail_on_dead_letter=call.flag("fail-on-dead-letter"),
    )
    names = {name for setting in plan.settings for name in (setting.name, setting.variable)}
    settings = {name: value for name, value in call.pairs("set").items() if name in names}
    try:
        with draining(world.stop), Progress(to) as progress:
            result = run(fileset, options, progress, settings=settings, environment=world)
    except RunError as error:
        pipelines.show_diagnostics(call, [as_diagnostic(error.diagnosis)])
        return error.exit_code
    to.write(world.table(width=to.width, ascii=to.ascii_out))
    to.out.flush()
    began = any(account.received for account in result.accounts.nodes.values())
    if began or result.diagnosis is None:
        to.say(summary(result))
    if result.diagnosis is not None:
        diagnostic = as_diagnostic(result.diagnosis)
        if result.exit_code == BUG:
            diagnostic = replace(
                diagnostic, notes=(*diagnostic.notes, *bug.keep(result.details, call.environ))
            )
        pipelines.show_diagnostics(call, [diagnostic])
    return result.exit_code


def _tell(call: Invocation, document: Document, found: tuple[TypedPipeline, ...]) -> None:
    """What the pipeline did not say and flowc took for granted."""
    from flowc.catalog.spec import Sampled
    from flowc.types.show import show

    for end in document.assumed:
        where = "stdin" if end == "source" else "stdout"
        call.terminal.say(f"no {end} is named: {where} it is\n")
    for typed in found:
        for node in typed.pipeline.nodes:
            types = typed.types.get(node.id)
            if types is not None and isinstance(types.outcome, Sampled):
                sampled = types.outcome
                if sampled.evidence:
                    shown = show(sampled.record, width=_TYPE)
                    call.terminal.say(f"{sampled.evidence}: {shown}\n")


def _is_bounded(typed: TypedPipeline) -> bool:
    """Whether the pipeline ends by itself, so that a table can wait for the end."""
    from flowc.model.effects import Truth

    return all(types.facts.bounded is not Truth.NO for types in typed.types.values())


def _with_sample(call: Invocation, request: Request) -> Request:
    """The request with the beginning of stdin, where the pipeline reads stdin untyped."""
    from flowc.catalog import registry
    from flowc.cli.support.show.output import read_sample
    from flowc.diagnostics.reporter import Reporter
    from flowc.syntax import parse

    document = parse(
        request.source,
        Reporter(),
        command_line=request.path is None,
        operators=registry.operator_words(),
    )
    chains = [tree.chain for tree in document.pipelines] + [let.chain for let in document.lets]
    reads = any(_is_untyped_stdin(source) for chain in chains for source in chain.sources)
    if not reads:
        return request
    if sys.stdin is not None and sys.stdin.isatty():
        call.terminal.say("reading records from the keyboard; Ctrl-D ends them\n")
    return replace(request, read_ahead=read_sample())


def _is_untyped_stdin(source: Endpoint) -> bool:
    text = source.text.plain if source.text is not None else None
    return source.type is None and text is not None and (text == "-" or text.startswith("-?"))


COMMAND = Command(
    name="run",
    summary="Run a pipeline here and now.",
    run=_run,
    words="[FILE|DSL]",
    most=1,
    options=(
        Option("limit", Kind.COUNT, "Read so many records from each source.", "-n", "N"),
        Option("dry-run", Kind.FLAG, "Do everything but opening the sinks."),
        SET,
        Option(
            "dead-letter",
            Kind.TEXT,
            "Where records go that fail; NAME.dead.jsonl by default.",
            metavar="PATH",
            setting=True,
        ),
        Option("fail-on-dead-letter", Kind.FLAG, "Exit with 1 if a record failed.", setting=True),
        STRICT,
        *COMMON,
    ),
    examples=(
        "flowc run orders.yaml",
        "flowc run 'orders.jsonl | filter amount > 100 | select id, amount | -'",
        "flowc run 'orders.jsonl | sqlite://orders.db/orders' --limit 1000",
    ),
    notes=(
        "Ctrl-C stops reading, lets what was read reach the sinks, and prints the summary; "
        "a second one ends at once.",
    ),
)
