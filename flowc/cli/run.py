"""``flowc run``: run a pipeline here and now."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from flowc.cli.support.command import (
    BUG,
    COMMON,
    ENV_FILE,
    OK,
    SET,
    STRICT,
    Command,
    Invocation,
    Kind,
    Option,
)

if TYPE_CHECKING:
    from flowc.launch.prepared import Prepared


def _run(call: Invocation) -> int:
    from flowc.cli.support import pipelines
    from flowc.cli.support.show.output import read_sample
    from flowc.launch.prepared import prepare

    def ahead() -> bytes:
        if sys.stdin is not None and sys.stdin.isatty():
            call.terminal.say("reading records from the keyboard; Ctrl-D ends them\n")
        return read_sample()

    (request,) = pipelines.requests(call) if call.words else pipelines.only(call)
    prepared, read = prepare(request, ahead)
    pipelines.show_diagnostics(call, prepared.diagnostics)
    code = pipelines.exit_code(prepared.diagnostics, strict=call.flag("strict"))
    if code != OK:
        pipelines.tell_of_fixes(call, prepared.diagnostics)
        return code
    if not prepared.pipelines:
        call.terminal.say("nothing to run: `enabled: false`\n")
    for line in prepared.said:
        call.terminal.say(line + "\n")
    for pipeline in prepared.pipelines:
        if len(prepared.pipelines) > 1:
            call.terminal.say(f"{pipeline.name}:\n")
        code = _one(call, pipeline, read)
        if code != OK:
            break
    return code


def _one(call: Invocation, prepared: Prepared, ahead: bytes) -> int:
    """Run one pipeline; gives the exit code."""
    from flowc.cli.support import pipelines
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
        ahead=ahead,
        as_table=to.out_is_terminal and prepared.bounded,
    )
    world.seed = call.count("seed") or 0
    options = RunOptions(
        limit=call.count("limit"),
        dry_run=call.flag("dry-run"),
        dead_letter=call.text("dead-letter"),
        fail_on_dead_letter=call.flag("fail-on-dead-letter"),
        workers=call.count("workers"),
    )
    given = call.pairs("set")
    settings = {name: given[name] for name in prepared.settings if name in given}
    try:
        with draining(world.stop), Progress(to) as progress:
            result = run(prepared.fileset, options, progress, settings=settings, environment=world)
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
            from flowc.cli.support import bug

            diagnostic = replace(
                diagnostic, notes=(*diagnostic.notes, *bug.keep(result.details, call.environ))
            )
        pipelines.show_diagnostics(call, [diagnostic])
    return result.exit_code


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
        ENV_FILE,
        Option(
            "dead-letter",
            Kind.TEXT,
            "Where records go that fail; NAME.dead.jsonl by default.",
            metavar="PATH",
            setting=True,
        ),
        Option(
            "workers",
            Kind.COUNT,
            "Read the input by so many processes; by default one a core if it is large.",
            metavar="N",
        ),
        Option("seed", Kind.COUNT, "Which records `sample` chooses; 0 by default.", metavar="N"),
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
