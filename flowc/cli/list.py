"""``flowc list``: what there is to build pipelines from, and each entry in detail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowc.cli.support.command import (
    COMMON,
    FORMAT,
    OK,
    Command,
    Invocation,
    Kind,
    Offer,
    Option,
    UsageError,
)

if TYPE_CHECKING:
    from flowc.cli.support.sets import EntrySet


def _run(call: Invocation) -> int:
    from flowc.cli.support import sets

    words = list(call.words)
    known = {entry_set.name: entry_set for entry_set in sets.sets()}
    chosen = [known[words.pop(0)]] if words and words[0] in known else list(known.values())
    if words:
        _show(call, chosen, words[0])
        return OK
    listed = {s.name: (s, _filtered(s, call)) for s in chosen}
    if _is_filtered(call):
        listed = {name: found for name, found in listed.items() if found[1]}
        if not listed:
            raise _no_match(call, chosen)
    if call.format == "json":
        import json

        data = {
            name: [entry_set.object(entry) for entry in entries.values()]
            for name, (entry_set, entries) in listed.items()
        }
        call.terminal.write(json.dumps(data, indent=2) + "\n")
        return OK
    whole = len(chosen) == 1 or _is_filtered(call)
    blocks = [_block(s, entries, whole) for s, entries in listed.values()]
    call.terminal.show("\n".join(blocks))
    return OK


def _is_filtered(call: Invocation) -> bool:
    return call.text("kind") is not None or call.text("search") is not None


def _filtered(entry_set: EntrySet[Any], call: Invocation) -> dict[str, Any]:
    """The entries of a set of which the filters are true."""
    kind = (call.text("kind") or "").casefold()
    search = (call.text("search") or "").casefold()
    return {
        name: entry
        for name, entry in entry_set.entries(call.cwd).items()
        if kind in entry_set.kind(entry).casefold()
        and (
            search in name.casefold()
            or search in entry_set.summary(entry).casefold()
            or any(search in word.casefold() for word in entry_set.words(entry))
        )
    }


def _block(entry_set: EntrySet[Any], entries: Mapping[str, Any], whole: bool) -> str:
    """A set: its entries under their kinds; one that is not listed whole is counted."""
    from flowc.cli.support.show.entries import entry_rows

    if entry_set.brief and not whole:
        return f"{entry_set.name}: {len(entries)}; flowc list {entry_set.name}\n"
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, entry in entries.items():
        kinds.setdefault(entry_set.kind(entry), []).append((name, entry_set.summary(entry)))
    return f"{entry_set.name}\n" + entry_rows(kinds)


def _show(call: Invocation, chosen: list[EntrySet[Any]], word: str) -> None:
    """The entries of a name, in detail."""
    from flowc.cli.support.sets import find, nothing

    found = find(word, chosen, call.cwd)
    if not found:
        raise nothing(word, chosen, call.cwd)
    if call.format == "json":
        import json

        objects = {entry_set.name: entry_set.object(entry) for entry_set, entry in found}
        call.terminal.write(json.dumps(objects, indent=2) + "\n")
    else:
        call.terminal.show("\n".join(s.details(entry) for s, entry in found))


def _no_match(call: Invocation, chosen: list[EntrySet[Any]]) -> UsageError:
    kinds = dict.fromkeys(s.kind(e) for s in chosen for e in s.entries(call.cwd).values())
    named = [kind for kind in kinds if kind]
    return UsageError(
        "no entry is like that",
        f"kinds: {', '.join(named)}" if call.text("kind") is not None and named else "",
        f"flowc list{f' {chosen[0].name}' if len(chosen) == 1 else ''} shows all of them",
    )


def _offers(words: tuple[str, ...], cwd: Path) -> Iterator[Offer]:
    from flowc.cli.support import sets

    if not words:
        for name in sets.names():
            yield name, ""
    for entry_set in (s for s in sets.sets() if not words or s.name == words[0]):
        for name, entry in entry_set.entries(cwd).items():
            yield name, entry_set.summary(entry)


COMMAND = Command(
    name="list",
    summary="List operators, functions, connectors and more, or show one.",
    run=_run,
    words="[SET] [NAME]",
    most=2,
    options=(
        Option("kind", Kind.TEXT, "Only those of a kind, as `time` or `state`.", metavar="KIND"),
        Option("search", Kind.TEXT, "Only those that speak of this.", metavar="TEXT"),
        FORMAT,
        *COMMON,
    ),
    examples=(
        "flowc list operators",
        "flowc list functions --kind time",
        "flowc list --search null",
        "flowc list filter",
        "flowc list functions round --format json",
    ),
    notes=(
        "The sets: connectors, formats, operators, functions, aggregates (functions of "
        "aggregate), texts (formats of parse and format), types (also those of the project), "
        "codes, rules, targets.",
    ),
    offers=_offers,
)
