"""Completion in the shell, by Typer: it knows the shells, the declarations know the options.

Typer reads function signatures, so each command becomes a function that has one. Nothing
else goes this way: a command line is read by `parse`, which starts ten times faster.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from flowc.cli.support import commands
from flowc.cli.support.command import Command, Kind, Option

_TYPES: dict[Kind, tuple[Any, object]] = {
    Kind.FLAG: (bool, False),
    Kind.TEXT: (str, ""),
    Kind.COUNT: (int, 0),
    Kind.CHOICE: (str, ""),
    Kind.PAIRS: (list[str], []),
}


def _choices(option: Option) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in option.allowed() if choice.startswith(incomplete)]

    return complete


def _parameter(option: Option) -> inspect.Parameter:
    kind, default = _TYPES[option.kind]
    names = [f"--{option.name}", *([option.short] if option.short else [])]
    declared = typer.Option(
        *names,
        help=option.help,
        autocompletion=_choices(option) if option.kind is Kind.CHOICE else None,
    )
    return inspect.Parameter(
        option.name.replace("-", "_"),
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, declared],
    )


def _function(command: Command) -> Callable[..., None]:
    def described(**_: object) -> None:
        """Stands for the command; only its signature is read."""

    parameters = [_parameter(option) for option in command.options]
    if command.words:
        words = Annotated[list[str], typer.Argument(metavar=command.words)]
        parameters.append(
            inspect.Parameter("words", inspect.Parameter.KEYWORD_ONLY, default=[], annotation=words)
        )
    described.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    described.__annotations__ = {p.name: p.annotation for p in parameters}
    return described


def answer(argv: list[str]) -> None:
    """Answer the shell, or install or show its script; ends the process."""
    app = typer.Typer(name="flowc", add_completion=True, rich_markup_mode=None)
    for name in commands.names():
        command = commands.load(name)
        app.command(name, help=command.summary)(_function(command))
    sys.argv[0] = "flowc"
    app(argv, prog_name="flowc")
