"""``exec "jq -c ." as Type``: an existing program, JSON lines in and out."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace

from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.effects import VALIDATION_ERROR, Facts, Order, Truth
from flowc.model.expr import Literal, Template, Variable
from flowc.model.graph import Lineage
from flowc.model.plan import CallProgram
from flowc.model.source import Span
from flowc.model.tree import TypeExpr
from flowc.model.types import Poison, Record
from flowc.types.show import show

SHELL = declare("FC0431", "shell-in-exec", "`exec` starts a program, and no shell reads its words")
UNTYPED = declare("FC0432", "untyped-program", "It is not said what records a program gives")
NOT_RECORDS = declare("FC0433", "program-without-records", "A program gives records, nothing else")
NO_COMMAND = declare(
    "FC0434", "malformed-command", "A command is empty, or a quote in it stays open"
)

#: What only a shell would understand, outside of quotes.
_SHELL = re.compile(r"\|\|?|&&?|;|>>?|<|\$\(|`|\n")
_QUOTED = re.compile(r"\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
#: Where a variable stands while a command is cut into words: such characters are in no text.
_HOLDER = "\ue000"


@dataclass(frozen=True, slots=True)
class Program:
    command: tuple[Template, ...]
    takes: Record
    gives: Record
    live: bool


class Exec(Operator):
    name = "exec"
    kind = "other people's code"
    summary = "sends the records through a program, as JSON lines in and out"
    doc = (
        "The program is started once, and records stream through it: JSON lines go to its "
        "standard input, and each JSON line of its standard output is a record of the type behind "
        "`as`. It may leave out, change and multiply records, so what goes in counts as absorbed "
        "and what comes out as made. A line that is no such record goes to the dead letter as it "
        "came; without `as`, the records that come out are of the type of those that go in. No "
        "shell reads the command: its words are cut at blanks, quotes hold a word together, and "
        "`${VAR}` stays one word. A program is found on PATH, or by a path from the current "
        "folder. What it says on standard error is shown; if it ends with another exit code than "
        "0 the run stops. `--strict` wants a type."
    )
    form = 'exec "COMMAND" [as Type]'
    parameters = (
        Parameter("command", Form.TEXT, "the program and its arguments, quoted"),
        Parameter("as", Form.TYPE, "the type of the records that it gives", required=False),
    )
    corrections = {"shell": "exec", "command": "exec", "subprocess": "exec", "system": "exec"}
    examples = (
        OperatorExample(
            "A program that leaves lines out",
            'exec "grep -v draft"',
            '{"id": 1, "state": "draft"}\n{"id": 2, "state": "done"}',
            '{"id": 2, "state": "done"}',
        ),
        OperatorExample(
            "One that makes other records, of which some do not fit",
            """exec "sed -e 's/\\"small\\"/1/'" as {size: int}""",
            '{"size": "small"}\n{"size": "large"}',
            '{"size": 1}',
            dead=1,
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: Template | Literal = arguments.get("command")
        command = _words(written, check)
        gives = _given(arguments, row, check)
        origin = f"is given by the program {command[0].span.text!r}" if command else ""
        where = arguments.get("as").span if "as" in arguments else arguments.span
        if gives is not row:
            gives = gives.with_fields(tuple(f.because(origin, where) for f in gives.fields))
        reads = frozenset((name,) for name in row.names)
        return Outcome(
            ports={"out": gives},
            facts=replace(
                facts,
                keys=frozenset(),
                time=None,
                order=Order.ARRIVAL if facts.order is Order.ARRIVAL else Order.SOURCE,
                deterministic=Truth.UNKNOWN,
            ),
            lineage=Lineage(
                reads=reads, computed={(name,): reads for name in gives.names}, rest=False
            ),
            errors=frozenset({VALIDATION_ERROR}),
            outcome=Program(command, row, gives, facts.bounded is not Truth.YES),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Program)
        return CallProgram(
            context.node.id, outcome.command, outcome.takes, outcome.gives, outcome.live
        )


def _given(arguments: Arguments, row: Record, check: CheckContext) -> Record:
    """The type of the records that the program gives."""
    written: TypeExpr | None = arguments.get("as")
    if written is None:
        if check.strict:
            check.reporter.error(
                UNTYPED,
                "this does not say what records the program gives",
                arguments.span,
                notes=(
                    "without `as`, they are taken to be of the type of those that go in: "
                    f"`as {show(row, width=200)}`",
                ),
                fixes=_typed(arguments.span, row),
            )
        return row
    type = check.resolve_type(written)
    if isinstance(type, Record):
        return type
    if not isinstance(type, Poison):
        check.reporter.error(
            NOT_RECORDS,
            f"a program gives records, not {show(type)}",
            written.span,
            notes=('write the fields: `exec "jq -c ." as {id: int, name: string}`',),
        )
    return row


def _typed(span: Span, row: Record) -> tuple[Fix, ...]:
    end = Span(span.source, span.end, span.end)
    return (Fix("say their type", (Edit(end, f" as {show(row)}"),), Safety.UNSAFE),)


def _words(written: Template | Literal, check: CheckContext) -> tuple[Template, ...]:
    """The words of a command; reported, and none, where it has none or needs a shell."""
    parts = (written.text,) if isinstance(written, Literal) else written.parts
    variables = [part for part in parts if isinstance(part, Variable)]
    text = "".join(part if isinstance(part, str) else _HOLDER for part in parts)
    found = _SHELL.search(_QUOTED.sub(lambda quoted: "x" * len(quoted[0]), text))
    if found is not None:
        _no_shell(found[0], text, written.span, check)
        return ()
    try:
        words = shlex.split(text)
    except ValueError as error:
        check.reporter.error(
            NO_COMMAND, f"the command cannot be read: {str(error).lower()}", written.span
        )
        return ()
    if not words:
        check.reporter.error(
            NO_COMMAND,
            "the command is empty",
            written.span,
            notes=('as in `exec "jq -c ."`',),
        )
        return ()
    return tuple(_template(word, variables, written.span) for word in words)


def _template(word: str, variables: list[Variable], span: Span) -> Template:
    """A word with its variables, taken from ``variables`` in their order."""
    made: list[str | Variable] = []
    for index, piece in enumerate(word.split(_HOLDER)):
        if index:
            made.append(variables.pop(0))
        if piece:
            made.append(piece)
    return Template(tuple(made), span)


def _no_shell(sign: str, text: str, span: Span, check: CheckContext) -> None:
    shown = sign.strip() or "a line end"
    notes = [f"`{shown}` is read by shells only; quote it if the program is to see it"]
    if sign.startswith("|"):
        notes.append('steps follow each other in flowc: `exec "a" | exec "b"`')
    fixes: tuple[Fix, ...] = ()
    if "'" not in text and _HOLDER not in text and text in span.text and '"' not in text:
        whole = span.text.replace(text, f"sh -c '{text}'")
        fixes = (Fix("let a shell read it", (Edit(span, whole),), Safety.UNSAFE),)
    check.reporter.error(
        SHELL,
        f"`{shown}` means nothing here: no shell reads the command",
        span,
        notes=tuple(notes),
        fixes=fixes,
    )


OPERATOR = Exec()
