"""Completion in the shell.

Typer knows the shells: their scripts, and where each wants its own. What it would answer a
script we answer here, from the same declarations, since starting it takes longer than a
keypress may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from flowc.cli.support import commands
from flowc.cli.support.command import Command, Kind, Offer, Option, UsageError

VARIABLE = "_FLOWC_COMPLETE"
_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def offers(words: list[str], incomplete: str, cwd: Path) -> Iterator[Offer]:
    """What may stand for the last, incomplete word; nothing where that may be any file.

    Args:
        words: those before it, without ``flowc``.
    """
    before = [word for word in words if not word.startswith("-")]
    if not before:
        names = ((name, commands.load(name).summary) for name in commands.names())
        yield from _starting(names, incomplete)
        if incomplete.startswith("-"):
            yield from _starting((("--help", ""), ("--version", "")), incomplete)
        return
    if before[0] == "help":
        yield from _starting(((name, "") for name in commands.names()), incomplete)
        return
    if before[0] not in commands.names():
        return
    command = commands.load(before[0])
    rest = words[words.index(before[0]) + 1 :]
    by_name = {f"--{o.name}": o for o in command.options}
    by_name |= {o.short: o for o in command.options if o.short}
    asked = by_name.get(rest[-1]) if rest else None
    if asked is not None and asked.kind is not Kind.FLAG:
        yield from _values(asked, incomplete)
    elif incomplete.startswith("--") and "=" in incomplete:
        name, _, value = incomplete.partition("=")
        if name in by_name:
            for offer, help in _values(by_name[name], value):
                yield f"{name}={offer}", help
    elif incomplete.startswith("-") and not incomplete.startswith("-?"):
        yield from _starting(_options(command, rest), incomplete)
    else:
        yield from _arguments(command, rest, by_name, incomplete, cwd)


def _starting(found: Iterable[Offer], incomplete: str) -> Iterator[Offer]:
    return ((word, help) for word, help in found if word.startswith(incomplete))


def _values(option: Option, incomplete: str) -> Iterator[Offer]:
    if option.kind is Kind.CHOICE:
        yield from _starting(((choice, "") for choice in option.allowed()), incomplete)


def _options(command: Command, written: list[str]) -> Iterator[Offer]:
    """The options, without those that were written and may be but once."""
    for option in command.options:
        name = f"--{option.name}"
        if name not in written or option.kind is Kind.PAIRS:
            yield name, option.help
    yield "--help", "Print this."


def _arguments(
    command: Command,
    written: list[str],
    options: Mapping[str, Option],
    incomplete: str,
    cwd: Path,
) -> Iterator[Offer]:
    taking = {name for name, option in options.items() if option.kind is not Kind.FLAG}
    words = tuple(
        word
        for i, word in enumerate(written)
        if not word.startswith("-") and (i == 0 or written[i - 1] not in taking)
    )
    if command.most is not None and len(words) >= command.most:
        return
    if command.offers is not None:
        yield from _starting(command.offers(words, cwd), incomplete)
    if "DSL" in command.words and "|" in incomplete:
        from flowc.cli.support.stages import stage_offers

        yield from stage_offers(incomplete, cwd)


# --- the shells -------------------------------------------------------------------------


def _split(text: str) -> list[str]:
    """A command line in words as a shell splits it; the last may be in an open quote."""
    import shlex

    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: list[str] = []
    try:
        found.extend(lexer)
    except ValueError:
        found.append(lexer.token)
    return found


def _bash(environ: Mapping[str, str]) -> tuple[list[str], str]:
    words = _split(environ.get("COMP_WORDS", ""))
    at = int(environ.get("COMP_CWORD", "0"))
    before, incomplete = words[1:at], words[at] if at < len(words) else ""
    # Bash takes `=` for a word of its own: `--format`, `=`, `js`.
    if incomplete == "=":
        return before, ""
    if before and before[-1] == "=":
        before = before[:-1]
    return before, incomplete


def _others(environ: Mapping[str, str]) -> tuple[list[str], str]:
    text = environ.get("_TYPER_COMPLETE_ARGS", "")
    words = _split(text)[1:]
    if not words or (text.endswith((" ", "\t")) and not _is_open(text)):
        return words, ""
    return words[:-1], words[-1]


def _is_open(text: str) -> bool:
    """Whether a quote is open at the end."""
    import shlex

    try:
        shlex.split(text)
    except ValueError:
        return True
    return False


def _zsh_text(text: str) -> str:
    """As Typer's script for zsh, which is evaluated, takes it."""
    for char, by in (
        ("\\", "\\\\"),
        ('"', '""'),
        ("'", "''"),
        ("$", "\\$"),
        ("`", "\\`"),
        (":", "\\\\:"),
    ):
        text = text.replace(char, by)
    return text


def _answer(shell: str, found: list[Offer], environ: Mapping[str, str]) -> tuple[str, int]:
    """What the shell's script wants to read, and the exit code."""
    match shell:
        case "zsh":
            shown = [
                f'"{_zsh_text(word)}"' + (f':"{_zsh_text(help)}"' if help else "")
                for word, help in found
            ]
            return ("_arguments '*: :((" + "\n".join(shown) + "))'" if shown else "_files"), 0
        case "fish":
            if environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
                return "", 0 if found else 1
            return "\n".join(f"{word}\t{help}" if help else word for word, help in found), 0
        case "powershell" | "pwsh":
            return "\n".join(f"{word}:::{help or ' '}" for word, help in found), 0
        case _:
            return "\n".join(word for word, _ in found), 0


def answer(environ: Mapping[str, str], cwd: Path, write: Callable[[str], None]) -> int:
    """Answer a shell's script; gives the exit code."""
    _, _, shell = environ[VARIABLE].partition("_")
    words, incomplete = _bash(environ) if shell == "bash" else _others(environ)
    text, code = _answer(shell, list(offers(words, incomplete, cwd)), environ)
    if text:
        write(text + "\n")
    return code


def script(words: list[str], environ: Mapping[str, str], write: Callable[[str], None]) -> int:
    """``--show-completion [SHELL]`` and ``--install-completion [SHELL]``.

    Raises:
        UsageError: the shell is not known, or could not be told.
    """
    from typer._completion_shared import get_completion_script, install

    shell = words[1] if len(words) > 1 else Path(environ.get("SHELL", "")).name
    if shell not in _SHELLS:
        raise UsageError(
            f"there is no completion for {shell or 'this shell'}",
            f"flowc {words[0]} SHELL, where SHELL is one of {', '.join(_SHELLS)}",
        )
    if words[0] == "--show-completion":
        made = get_completion_script(prog_name="flowc", complete_var=VARIABLE, shell=shell)
        write(made.strip() + "\n")
        return 0
    _, path = install(shell=shell, prog_name="flowc", complete_var=VARIABLE)
    write(f"wrote {path}; it works in the next {shell}\n")
    return 0
