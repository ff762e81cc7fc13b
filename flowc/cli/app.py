"""``flowc``: finds the command, calls it, and turns what happens into an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from flowc.cli.support import commands
from flowc.cli.support.command import (
    BUG,
    COMMON,
    ENVIRONMENT,
    INTERRUPTED,
    OK,
    USAGE,
    Invocation,
    Refused,
    UsageError,
)
from flowc.cli.support.parse import parse, with_settings
from flowc.cli.support.terminal import Terminal

#: Set by the shell's script while it asks for completions.
_COMPLETION_VARIABLE = "_FLOWC_COMPLETE"
_COMPLETION = ("--install-completion", "--show-completion")
_PIPELINE_ENDINGS = (".yaml", ".yml", ".flow")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line.

    Args:
        argv: the words behind ``flowc``; those of the process by default.

    Returns:
        The exit code: 0 ok, 1 findings, 2 usage, 3 environment, 4 our bug, 130 and 143.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    environ = os.environ
    terminal = Terminal.open(environ)
    try:
        code = _dispatch(words, environ, terminal)
        terminal.out.flush()
    except UsageError as error:
        _complain(error, terminal)
        return USAGE
    except Refused as refused:
        from flowc.diagnostics.render.text import render

        terminal.complain(
            render(
                refused.diagnostics,
                colour=terminal.colour_err,
                width=terminal.width,
                ascii=terminal.ascii_err,
            )
        )
        return refused.exit_code
    except BrokenPipeError:
        _forget_stdout()
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            terminal.complain(f"error: {error.strerror}: nothing more can be written\n")
            return ENVIRONMENT
        from flowc.cli.support import bug

        bug.report(error, environ, terminal)
        return BUG
    return code


def _dispatch(words: list[str], environ: Mapping[str, str], terminal: Terminal) -> int:
    if _COMPLETION_VARIABLE in environ:
        from flowc.cli.support import completion

        return completion.answer(environ, Path.cwd(), terminal.write)
    if words and words[0] in _COMPLETION:
        from flowc.cli.support import completion

        return completion.script(words, environ, terminal.write)
    before: list[str] = []
    while words and words[0].startswith("-") and words[0] in {f"--{o.name}" for o in COMMON}:
        before.append(words.pop(0))
    if not words or words[0] in {"--help", "-h", "help"}:
        from flowc.cli.support import help

        if len(words) > 1 and words[1] in commands.names():
            terminal.write(help.of_command(commands.load(words[1])))
        elif words:
            terminal.write(help.of_flowc())
        else:
            terminal.complain(help.of_flowc())
            return USAGE
        return OK
    if words[0] in {"--version", "-V"}:
        from flowc import __version__

        terminal.write(f"flowc {__version__}\n")
        return OK
    name = words[0]
    if name not in commands.names():
        raise _no_command(name)
    command = commands.load(name)
    given, written, wants_help = parse(command, [*before, *words[1:]])
    if wants_help:
        from flowc.cli.support import help

        terminal.write(help.of_command(command))
        return OK
    cwd = Path.cwd()
    values: dict[str, object] = dict(written)
    if any(option.setting and option.name not in written for option in command.options):
        configured, file = _configured(cwd)
        values = with_settings(command, written, environ, configured, file)
    if (env_file := values.get("env-file")) is not None:
        from flowc.cli.support.environment_file import read_environment

        environ = {**read_environment(str(env_file), cwd), **environ}
    terminal = replace(
        terminal,
        quiet=bool(values.get("quiet")),
        colour_out=terminal.colour_out and not values.get("no-color"),
        colour_err=terminal.colour_err and not values.get("no-color"),
    )
    return command.run(Invocation(given, values, terminal, cwd, environ))


def _configured(cwd: Path) -> tuple[Mapping[str, object], str]:
    """``[defaults]`` of the nearest ``flowc.toml`` at or above the current folder.

    A file that is wrong gives nothing here: the commands that read the project say so, with
    the place.
    """
    for folder in (cwd, *cwd.parents):
        path = folder / "flowc.toml"
        if path.is_file():
            break
    else:
        return {}, ""
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("defaults", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}, ""
    return (table, str(path)) if isinstance(table, dict) else ({}, "")


def _no_command(name: str) -> UsageError:
    from flowc.diagnostics.suggest import did_you_mean

    if name.startswith("-"):
        return UsageError(
            f"flowc has no option {name}",
            did_you_mean(name, ("--help", "--version")),
            "options stand behind the command: flowc COMMAND [OPTIONS]; flowc --help",
        )
    quoted = name if _is_plain(name) else f"'{name}'"
    if name.endswith(_PIPELINE_ENDINGS) or "|" in name or "://" in name or Path(name).is_file():
        return UsageError(
            f"{name!r} is a pipeline, not a command",
            f"flowc run {quoted}",
            f"flowc validate {quoted}",
        )
    return UsageError(
        f"flowc has no command {name!r}",
        did_you_mean(name, commands.names()),
        "flowc --help lists the commands",
    )


def _is_plain(word: str) -> bool:
    return all(char.isalnum() or char in "._-/:" for char in word)


def _complain(error: UsageError, terminal: Terminal) -> None:
    red, end = ("\x1b[1;31m", "\x1b[0m") if terminal.colour_err else ("", "")
    lines = [f"{red}error{end}: {error.message}", *(f"  {hint}" for hint in error.hints)]
    terminal.complain("\n".join(lines) + "\n")


def _forget_stdout() -> None:
    """What is still buffered for a closed stdout would complain again at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
