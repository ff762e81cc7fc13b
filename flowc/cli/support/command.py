"""What a command says of itself: its name, options and examples, and what it is called with.

Commands are declared as data and read by `parse`, so that starting one costs nothing. Typer
gives the shells their completion scripts and reads no command line: its import takes 60 to
90 ms, and since 0.29 it builds a pydantic adapter for each parameter, 200 ms in all before a
command does anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from flowc.cli.support.terminal import Terminal

if TYPE_CHECKING:
    from flowc.model.diagnostic import Diagnostic

OK = 0
FINDINGS = 1
USAGE = 2
ENVIRONMENT = 3
BUG = 4
INTERRUPTED = 130


#: What the shell may complete a word to, and what it is for (or nothing).
Offer: TypeAlias = tuple[str, str]


class UsageError(Exception):
    """The command line is wrong. ``hints`` say what would be right, a line each."""

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.message = message
        self.hints = tuple(hint for hint in hints if hint)


class Refused(Exception):
    """The command cannot go on. ``diagnostics`` say why, ``exit_code`` is the process's."""

    def __init__(self, *diagnostics: Diagnostic, exit_code: int = FINDINGS) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics
        self.exit_code = exit_code


class Kind(Enum):
    FLAG = "flag"
    TEXT = "text"
    COUNT = "count"
    CHOICE = "choice"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Option:
    """``--name``. ``choices`` may be a function, for what is costly to list.

    ``setting``: the option may also be given by ``FLOWC_NAME`` or in ``[defaults]`` of
    ``flowc.toml``; a flag then has a ``--no-name`` too.
    """

    name: str
    kind: Kind
    help: str
    short: str = ""
    metavar: str = ""
    choices: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    setting: bool = False

    def allowed(self) -> tuple[str, ...]:
        return self.choices if isinstance(self.choices, tuple) else self.choices()

    @property
    def variable(self) -> str:
        return "FLOWC_" + self.name.upper().replace("-", "_")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command as called: its words and options, and the surroundings it may use."""

    words: tuple[str, ...]
    values: Mapping[str, object]
    terminal: Terminal
    cwd: Path
    environ: Mapping[str, str]

    def flag(self, name: str) -> bool:
        return bool(self.values.get(name, False))

    def text(self, name: str) -> str | None:
        return cast("str | None", self.values.get(name))

    def count(self, name: str) -> int | None:
        return cast("int | None", self.values.get(name))

    def pairs(self, name: str) -> dict[str, str]:
        return dict(cast("Mapping[str, str]", self.values.get(name, {})))

    @property
    def format(self) -> str:
        return self.text("format") or "text"


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the command line: ``COMMAND`` of ``cli/NAME.py``.

    ``words`` is how its arguments read in the usage line, ``most`` how many there may be.
    ``examples`` are command lines; ``notes`` what else its help says. ``offers`` gives what the
    next argument may be, of those already there and the current folder.
    """

    name: str
    summary: str
    run: Callable[[Invocation], int]
    words: str = ""
    most: int | None = 0
    options: tuple[Option, ...] = ()
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    offers: Callable[[tuple[str, ...], Path], Iterable[Offer]] | None = None


QUIET = Option("quiet", Kind.FLAG, "Only what was asked for and what is wrong.", "-q", setting=True)
NO_COLOR = Option("no-color", Kind.FLAG, "No colour, also on a terminal.", setting=True)
STRICT = Option(
    "strict",
    Kind.FLAG,
    "Warnings are errors; nothing dynamic, nullable or guessed passes unsaid.",
    setting=True,
)
SET = Option(
    "set",
    Kind.PAIRS,
    "Fill ${NAME}, or change the document at a path. May be repeated.",
    metavar="NAME=VALUE",
)
ENV_FILE = Option(
    "env-file",
    Kind.TEXT,
    "Variables, NAME=VALUE a line; those that are set already win.",
    metavar="FILE",
)
FORMAT = Option(
    "format",
    Kind.CHOICE,
    "How the result is printed.",
    metavar="FORMAT",
    choices=("text", "json"),
    setting=True,
)
COMMON = (QUIET, NO_COLOR)
