"""``flowc list``: what there is to build pipelines from, and each entry in detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowc.cli.support.command import COMMON, FORMAT, OK, Command, Invocation, UsageError

_SETS = ("connectors", "formats", "operators", "functions")


def _run(call: Invocation) -> int:
    import json

    from flowc.catalog import registry
    from flowc.cli.support.show.entries import DETAILS, OBJECTS, entry_rows

    entries: dict[str, Mapping[str, Any]] = {
        "connectors": registry.connectors(),
        "formats": registry.formats(),
        "operators": registry.operators(),
        "functions": registry.functions(),
    }
    word = call.words[0] if call.words else ""
    if not word or word in _SETS:
        chosen = [word] if word else list(_SETS)
        if call.format == "json":
            data = {s: [OBJECTS[s](entry) for entry in entries[s].values()] for s in chosen}
            call.terminal.write(json.dumps(data, indent=2) + "\n")
        else:
            blocks = [
                f"{s}\n" + entry_rows((n, e.summary) for n, e in entries[s].items()) for s in chosen
            ]
            call.terminal.write("\n".join(blocks))
        return OK
    kinds = {
        "operators": registry.operator(word),
        "functions": registry.function(word),
        "connectors": registry.connector(word.removesuffix("://")),
        "formats": registry.format(word.removeprefix(".")),
    }
    found = {kind: entry for kind, entry in kinds.items() if entry is not None}
    if not found:
        raise _nothing(word, entries)
    if call.format == "json":
        objects = {kind: OBJECTS[kind](entry) for kind, entry in found.items()}
        call.terminal.write(json.dumps(objects, indent=2) + "\n")
    else:
        call.terminal.write("\n".join(DETAILS[kind](entry) for kind, entry in found.items()))
    return OK


def _nothing(word: str, entries: Mapping[str, Mapping[str, Any]]) -> UsageError:
    from flowc.catalog import registry
    from flowc.diagnostics.suggest import did_you_mean

    names = {*_SETS, *(name for group in entries.values() for name in group)}
    for group in entries.values():
        names.update(word for entry in group.values() for word in getattr(entry, "spellings", ()))
    instead = registry.correction("operator", word) or registry.correction("function", word)
    return UsageError(
        f"there is no connector, format, operator or function {word!r}",
        did_you_mean(word, names) or (f"in flowc: {instead}" if instead else ""),
        "flowc list shows all of them",
    )


COMMAND = Command(
    name="list",
    summary="List connectors, formats, operators and functions, or show one.",
    run=_run,
    words="[connectors|formats|operators|functions|NAME]",
    most=1,
    options=(FORMAT, *COMMON),
    examples=("flowc list operators", "flowc list filter", "flowc list round --format json"),
)
