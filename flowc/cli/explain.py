"""``flowc explain``: what a code means and what to do, or what an operator or the like does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowc.cli.support.command import (
    COMMON,
    FORMAT,
    OK,
    Command,
    Invocation,
    Offer,
    UsageError,
)


def _run(call: Invocation) -> int:
    import json

    from flowc.cli.support.sets import find, load, names
    from flowc.diagnostics import pages

    if not call.words:
        known = pages.pages()
        if call.format == "json":
            rows = [{"code": p.id, "name": p.name, "summary": p.summary} for p in known]
            call.terminal.write(json.dumps({"codes": rows}, indent=2) + "\n")
        else:
            width = max((len(p.name) for p in known), default=0)
            call.terminal.show("".join(f"{p.id}  {p.name:<{width}}  {p.summary}\n" for p in known))
        return OK
    wanted = call.words[0]
    found = find(wanted, [load("codes")], call.cwd) or find(
        wanted, [load(name) for name in names() if name != "codes"], call.cwd
    )
    if not found:
        raise _nothing(wanted, call)
    if call.format == "json":
        objects = [entry_set.object(entry) for entry_set, entry in found]
        shown = objects[0] if len(objects) == 1 else objects
        call.terminal.write(json.dumps(shown, indent=2) + "\n")
    else:
        call.terminal.show("\n".join(s.details(entry) for s, entry in found))
    return OK


def _nothing(wanted: str, call: Invocation) -> UsageError:
    from flowc.cli.support.sets import nothing, sets
    from flowc.diagnostics import pages

    close = pages.similar(wanted)
    if not close:
        return nothing(wanted, list(sets()), call.cwd)
    return UsageError(
        f"there is no code {wanted!r}",
        *(f"flowc explain {p.id}   {p.name}" for p in close),
        "flowc explain lists every code",
    )


def _offers(words: tuple[str, ...], cwd: Path) -> Iterator[Offer]:
    from flowc.cli.support.sets import sets

    for entry_set in sets():
        for name, entry in entry_set.entries(cwd).items():
            yield name, entry_set.summary(entry)


COMMAND = Command(
    name="explain",
    summary="Explain a code, or an operator, a function, a connector, a type.",
    run=_run,
    words="[CODE|NAME]",
    most=1,
    options=(FORMAT, *COMMON),
    examples=("flowc explain FC0312", "flowc explain filter", "flowc explain"),
    notes=("Without a code it lists all codes. It needs no network.",),
    offers=_offers,
)
