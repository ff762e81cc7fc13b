"""``--help``, of flowc and of a command: examples first, 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from flowc import __version__
from flowc.cli.support import commands
from flowc.cli.support.command import Command, Kind, Option

_FIRST = ("init", "run", "validate", "build")


def _columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Two columns; the left one as wide as it needs, the right one wrapped."""
    listed = list(rows)
    left = min(28, max((len(a) for a, _ in listed), default=0)) + 4
    out: list[str] = []
    for a, b in listed:
        wrapped = textwrap.wrap(b, 79 - left) or [""]
        if len(a) + 4 > left:
            out.append(f"  {a}")
            out.extend(" " * left + part for part in wrapped)
            continue
        out.append(f"  {a:<{left - 2}}{wrapped[0]}")
        out.extend(" " * left + part for part in wrapped[1:])
    return out


def _written(option: Option) -> str:
    value = "" if option.kind is Kind.FLAG else " " + (option.metavar or "VALUE")
    return (f"{option.short}, " if option.short else "") + f"--{option.name}{value}"


def _explained(option: Option) -> str:
    choices = option.allowed() if option.kind is Kind.CHOICE else ()
    return option.help + (f" One of {', '.join(choices)}." if choices else "")


def of_command(command: Command) -> str:
    """The help of one command."""
    usage = f"Usage: flowc {command.name}"
    if command.options:
        usage += " [OPTIONS]"
    lines = [command.summary, "", f"{usage} {command.words}".rstrip()]
    if command.examples:
        lines += ["", "Examples:", *(f"  {example}" for example in command.examples)]
    rows = [(_written(option), _explained(option)) for option in command.options]
    rows.append(("-h, --help", "Print this."))
    lines += ["", "Options:", *_columns(rows)]
    for note in command.notes:
        lines += ["", *textwrap.wrap(note, 79)]
    settings = [option.variable for option in command.options if option.setting]
    if settings:
        text = f"Also set by {', '.join(settings)}, or under [defaults] in flowc.toml."
        lines += ["", *textwrap.wrap(text, 79)]
    return "\n".join(lines) + "\n"


def of_flowc() -> str:
    """The help of flowc itself."""
    found = [commands.load(name) for name in commands.names()]
    found.sort(key=lambda c: (_FIRST.index(c.name) if c.name in _FIRST else len(_FIRST), c.name))
    lines = [
        f"flowc {__version__}: a compiler for data pipelines.",
        "",
        "Usage: flowc COMMAND [OPTIONS] [FILE|DSL]",
        "",
        "Examples:",
        "  flowc init --demo",
        "  flowc run 'orders.jsonl | filter amount > 100 | select id, amount | -'",
        "  flowc validate orders.yaml --strict",
        "  flowc build orders.yaml --target python -o dist/orders",
        "",
        "Commands:",
        *_columns((command.name, command.summary) for command in found),
        "",
        "Options:",
        *_columns(
            [
                ("-h, --help", "Print this; after a command, its own help."),
                ("--version", "Print the version."),
                ("--install-completion [SHELL]", "Complete words with the Tab key, in this shell."),
                ("--show-completion [SHELL]", "Print what that would install."),
            ]
        ),
        "",
        "Exit codes: 0 ok, 1 findings, 2 usage, 3 environment, 4 a bug in flowc.",
    ]
    return "\n".join(lines) + "\n"
