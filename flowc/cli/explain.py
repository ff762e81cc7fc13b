"""``flowc explain``: what a code means, and what to do."""

from __future__ import annotations

from flowc.cli.support.command import COMMON, FORMAT, OK, Command, Invocation, UsageError


def _run(call: Invocation) -> int:
    import json

    from flowc.diagnostics import pages

    if not call.words:
        known = pages.pages()
        if call.format == "json":
            rows = [{"code": p.id, "name": p.name, "summary": p.summary} for p in known]
            call.terminal.write(json.dumps({"codes": rows}, indent=2) + "\n")
        else:
            width = max((len(p.name) for p in known), default=0)
            call.terminal.write("".join(f"{p.id}  {p.name:<{width}}  {p.summary}\n" for p in known))
        return OK
    wanted = call.words[0]
    page = pages.page(wanted)
    if page is None:
        close = pages.similar(wanted)
        raise UsageError(
            f"there is no code {wanted!r}",
            *(f"flowc explain {p.id}   {p.name}" for p in close),
            "flowc explain lists every code",
        )
    if call.format == "json":
        row = {"code": page.id, "name": page.name, "summary": page.summary, "page": page.text}
        call.terminal.write(json.dumps(row, indent=2) + "\n")
    else:
        call.terminal.write(page.text.rstrip("\n") + "\n")
    return OK


COMMAND = Command(
    name="explain",
    summary="Explain a code: what it means, an example, what to do.",
    run=_run,
    words="[CODE]",
    most=1,
    options=(FORMAT, *COMMON),
    examples=("flowc explain FC0312", "flowc explain"),
    notes=("Without a code it lists them all. It needs no network.",),
)
