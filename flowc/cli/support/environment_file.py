"""``--env-file``: variables from a file, as other tools write them.

    # a comment
    export DATABASE_URL=postgres://db/orders   # and one behind a value
    GREETING="two\\nlines"
    PATTERN='as it is: $5'

Its values are secrets, one and all: no message shows one, and nothing in it is run or expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flowc.cli.support.command import ENVIRONMENT, FINDINGS, USAGE, Refused
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic, Label, Severity
from flowc.model.source import SourceFile, Span

MALFORMED = declare("FC0740", "malformed-env-file", "A line of an environment file cannot be read")
NO_ENV_FILE = declare("FC0741", "missing-env-file", "An environment file cannot be read")

_LARGEST = 1 << 20
_LINE = re.compile(
    r"[ \t]*(?:export[ \t]+)?(?P<name>[^=\s#]+)[ \t]*(?P<equals>=)[ \t]*(?P<value>.*)"
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DOUBLE = re.compile(r'"(?P<inside>(?:[^"\\]|\\.)*)"[ \t]*(?:#.*)?')
_SINGLE = re.compile(r"'(?P<inside>[^']*)'[ \t]*(?:#.*)?")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$"}


def read_environment(name: str, cwd: Path) -> dict[str, str]:
    """The variables of a file.

    Raises:
        Refused: it cannot be read, or a line of it is malformed: exit code 2, 3 or 1.
    """
    try:
        data = (cwd / name).read_bytes()
    except FileNotFoundError:
        raise _unreadable(f"there is no file {name}", f"looked in {cwd}", USAGE) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _unreadable(f"{name} cannot be read", why, ENVIRONMENT) from None
    if len(data) > _LARGEST:
        raise _unreadable(f"{name} is too large", "it has at most 1 MiB", USAGE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(f"{name} is not UTF-8", "save it as UTF-8", USAGE) from None
    reporter = Reporter()
    found = _read(text, SourceFile(name, _masked(text)), reporter)
    if reporter.has_errors:
        raise Refused(*reporter.sorted(), exit_code=FINDINGS)
    return found


def _unreadable(message: str, why: str, exit_code: int) -> Refused:
    return Refused(
        Diagnostic(NO_ENV_FILE, Severity.ERROR, message, notes=(why,)), exit_code=exit_code
    )


def _masked(text: str) -> str:
    """The text as messages may show it: what is no name, `=` or comment is stars."""
    lines: list[str] = []
    for line in text.split("\n"):
        match = _LINE.fullmatch(line.rstrip("\r"))
        if line.strip() == "" or line.lstrip().startswith("#"):
            lines.append(line)
        elif match is None or _NAME.fullmatch(match["name"]) is None:
            lines.append("*" * len(line))
        else:
            lines.append(line[: match.start("value")] + "*" * (len(line) - match.start("value")))
    return "\n".join(lines)


def _read(text: str, source: SourceFile, reporter: Reporter) -> dict[str, str]:
    found: dict[str, str] = {}
    places: dict[str, Span] = {}
    for at, line in _lines(text):
        match = _LINE.fullmatch(line)
        span = source.span(at + len(line) - len(line.lstrip()), at + len(line.rstrip()))
        if match is None:
            reporter.error(
                MALFORMED,
                "this line is no NAME=VALUE",
                span,
                notes=('a value over several lines is written in one, as "a\\nb"',),
            )
            continue
        name = match["name"]
        if _NAME.fullmatch(name) is None:
            reporter.error(
                MALFORMED,
                "a variable's name has letters, digits and `_`, and begins with no digit",
                span,
            )
            continue
        place = source.span(at + match.start("name"), at + match.end("name"))
        value = _value(match["value"])
        if value is None:
            reporter.error(
                MALFORMED,
                f"the quoted value of {name} does not end, or something stands behind it",
                place,
                notes=('inside double quotes, write \\" for a quote',),
            )
        elif name in found:
            reporter.error(
                MALFORMED,
                f"{name} is set twice",
                place,
                labels=(Label(places[name], "the first time"),),
            )
        else:
            found[name] = value
            places[name] = place
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, and where they begin."""
    at = 0
    for line in text.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            yield at, line.rstrip("\r")
        at += len(line) + 1


def _value(written: str) -> str | None:
    """A value without its quotes and the comment behind it; None where it is malformed."""
    if written.startswith('"'):
        match = _DOUBLE.fullmatch(written)
        if match is None:
            return None
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), match["inside"])
    if written.startswith("'"):
        match = _SINGLE.fullmatch(written)
        return None if match is None else match["inside"]
    return re.sub(r"(?:^|[ \t]+)#.*", "", written).rstrip()
