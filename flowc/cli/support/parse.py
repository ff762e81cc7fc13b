"""Read a command's words and options; flag, then FLOWC_*, then flowc.toml, then default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowc.cli.support.command import Command, Kind, Option, UsageError
from flowc.diagnostics.suggest import did_you_mean

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})


def _is_option(word: str) -> bool:
    """``-`` and ``-?format=csv`` are endpoints, and what holds a blank or a pipe is DSL."""
    if not word.startswith("-") or word == "-" or word.startswith("-?"):
        return False
    head = word.split("=", 1)[0]
    return not (" " in head or "|" in head)


def _value(option: Option, text: str, where: str) -> object:
    """An option's text as its kind wants it.

    Raises:
        UsageError: it does not fit.
    """
    match option.kind:
        case Kind.FLAG:
            if text.lower() in _YES:
                return True
            if text.lower() in _NO:
                return False
            raise UsageError(f"{where} is {text!r}, and takes 1 or 0")
        case Kind.COUNT:
            digits = text.replace("_", "").replace(",", "")
            if not (digits.isascii() and digits.isdigit()):
                raise UsageError(f"{where} takes a whole number, not {text!r}")
            return int(digits)
        case Kind.CHOICE:
            allowed = option.allowed()
            if text not in allowed:
                raise UsageError(
                    f"{where} has no {text!r}",
                    did_you_mean(text, allowed),
                    "one of " + ", ".join(allowed),
                )
            return text
        case Kind.TEXT:
            return text
        case Kind.PAIRS:
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise UsageError(
                    f"{where} takes NAME=VALUE, not {text!r}", f"for example: {where} region=eu"
                )
            return (name, value)


def _unknown(command: Command, word: str) -> UsageError:
    names = [f"--{option.name}" for option in command.options] + ["--help"]
    return UsageError(
        f"flowc {command.name} has no option {word}",
        did_you_mean(word, names),
        f"flowc {command.name} --help lists the options",
    )


def parse(command: Command, argv: Sequence[str]) -> tuple[tuple[str, ...], dict[str, object], bool]:
    """The words, the options that were written, and whether help was asked for.

    Raises:
        UsageError: an option is unknown or lacks its value, or there are too many words.
    """
    by_name = {f"--{option.name}": option for option in command.options}
    by_name |= {option.short: option for option in command.options if option.short}
    negative = {
        f"--no-{option.name}": option
        for option in command.options
        if option.kind is Kind.FLAG and option.setting and not option.name.startswith("no-")
    }
    words: list[str] = []
    values: dict[str, object] = {}
    queue = list(argv)
    while queue:
        word = queue.pop(0)
        if word == "--":
            words += queue
            break
        if not _is_option(word):
            words.append(word)
            continue
        if word in {"--help", "-h"}:
            return (), {}, True
        name, equals, text = word.partition("=")
        if name in negative and not equals:
            values[negative[name].name] = False
            continue
        option = by_name.get(name)
        if option is None and not name.startswith("--") and len(name) > 2:
            option, equals, text, name = by_name.get(name[:2]), "=", word[2:], name[:2]
            if option is not None and option.kind is Kind.FLAG:
                queue.insert(0, "-" + text)
                equals = ""
        if option is None:
            raise _unknown(command, name)
        if option.kind is Kind.FLAG:
            if equals:
                raise UsageError(f"{name} takes no value")
            values[option.name] = True
            continue
        if not equals:
            if not queue or (_is_option(queue[0]) and queue[0] != "--"):
                raise UsageError(f"{name} needs a value: {name} {option.metavar or 'VALUE'}")
            text = queue.pop(0)
        value = _value(option, text, name)
        if option.kind is Kind.PAIRS:
            pairs = values.setdefault(option.name, {})
            assert isinstance(pairs, dict)
            assert isinstance(value, tuple)
            pairs[value[0]] = value[1]
        else:
            values[option.name] = value
    if command.most is not None and len(words) > command.most:
        extra = words[command.most]
        raise UsageError(
            f"flowc {command.name} takes "
            + (f"one argument, {command.words}" if command.most == 1 else "no arguments")
            + f", and {extra!r} is one too many",
            "a pipeline on the command line stands in quotes" if "DSL" in command.words else "",
        )
    return tuple(words), values, False


def with_settings(
    command: Command,
    written: Mapping[str, object],
    environ: Mapping[str, str],
    configured: Mapping[str, object],
    config_name: str,
) -> dict[str, object]:
    """Fill in what was not written: from ``FLOWC_NAME``, then from ``[defaults]``.

    Raises:
        UsageError: a value does not fit its option.
    """
    values = dict(written)
    for option in command.options:
        if not option.setting or option.name in values:
            continue
        if option.variable in environ:
            values[option.name] = _value(option, environ[option.variable], option.variable)
        elif option.name in configured:
            value = configured[option.name]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            values[option.name] = _value(option, text, f"{option.name} in {config_name}")
    return values
