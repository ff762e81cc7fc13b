"""What goes wrong with quotes, brackets and endpoints, in the user's terms.

Each function reports one slip that the scanner found; those that return a number look
ahead for where the slip ends.
"""

from __future__ import annotations

import re

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.source import Span
from flowc.syntax.limits import DEEPEST, DEEPEST_BLOCKS, TOO_DEEP

UNTERMINATED = declare("FC0101", "unterminated-text", "A quoted text is not closed on its line")
UNBALANCED = declare("FC0104", "unbalanced-brackets", "A bracket is not closed, or closes nothing")
GLUED_BLOCK = declare("FC0106", "glued-block", "A blank is missing between a stage and its `{`")
UNQUOTED = declare("FC0107", "unquoted-endpoint", "An endpoint holds a sign that ends it")
PIPE_INSIDE = declare("FC0108", "pipe-in-brackets", "A `|` stands inside brackets")
STATEMENT_INSIDE = declare("FC0109", "misplaced-semicolon", "A `;` stands between stages")

_WORD_THEN_END = re.compile(r"([^\W\d][\w-]*)?\s*(?:\||\Z)")
_OPTIONS = re.compile(r"\?[^\s=|]+=")
_RUN = re.compile(r"[^\s{}]*")


def too_deep(span: Span, reporter: Reporter, *, blocks: bool = False) -> None:
    what, most = ("blocks", DEEPEST_BLOCKS) if blocks else ("expressions", DEEPEST)
    reporter.error(
        TOO_DEEP,
        f"{what} are nested deeper than {most} levels",
        span,
        notes=("give an inner part a name: `set` a field first, or `let` a stream",),
    )


def glued_block(word: str, span: Span, reporter: Reporter) -> None:
    reporter.error(
        GLUED_BLOCK,
        f"a blank is missing between `{word}` and `{{`",
        span.at_end(),
        notes=("`data/{a,b}.csv` is a path, so braces glued to a word belong to it",),
        fixes=(Fix("put a blank before `{`", (Edit(span.at_end(), " "),)),),
    )


def cut_endpoint(value: str, start: int, end: int, alone: bool) -> int:
    """Where an endpoint really ends that ``,`` or ``|`` seems to cut in two; else ``end``.

    ``http://h/x?ids=1,2|3`` and ``kafka://b1,b2/t``. ``alone``: no list of endpoints.
    """
    word, sign = value[start:end], value[end : end + 1]
    glued = value[end + 1 : end + 2]
    if not glued or glued.isspace() or glued in "|;,}":
        return end
    run = _RUN.match(value, end)
    assert run is not None
    if sign == "," and "://" in word:
        rest = value[end + 1 : run.end()]
        return end if not alone and ("://" in rest or "." in rest) else run.end()
    if sign == "," and alone and "?" not in word:
        return end
    if sign == "," and alone:
        return run.end()
    if sign == "|" and _OPTIONS.search(word):
        lone = _WORD_THEN_END.match(value, end + 1)
        if lone or not (glued.isalpha() or glued in "_-./{\"'"):
            return run.end()
    return end


def unquoted(span: Span, sign: str, reporter: Reporter) -> None:
    reporter.error(
        UNQUOTED,
        f"`{sign}` ends an endpoint: quote it",
        span,
        at="this reads like one endpoint",
        notes=("an unquoted endpoint runs to a blank, `|`, `,`, `;`, a quote or `}`",),
        fixes=(
            Fix(
                "quote the endpoint",
                (Edit(Span(span.source, span.start, span.start), '"'), Edit(span.at_end(), '"')),
            ),
        ),
    )


def stray_closer(span: Span, reporter: Reporter) -> None:
    reporter.error(
        UNBALANCED,
        f"`{span.text}` closes nothing",
        span,
        fixes=(Fix(f"remove `{span.text}`", (Edit(span, ""),), Safety.UNSAFE),),
    )


def unclosed(opener: Span, closer: str, reporter: Reporter) -> None:
    reporter.error(
        UNBALANCED,
        f"`{opener.text}` is not closed",
        opener,
        at=f"`{closer}` is missing",
    )


def mismatched(opener: Span, closer: Span, sign: str, reporter: Reporter) -> None:
    reporter.error(
        UNBALANCED,
        f"`{opener.text}` is closed by `{sign}`",
        closer,
        labels=(Label(opener, "opened here"),),
    )


def closes_soon(value: str, at: int) -> bool:
    """Whether brackets close behind a `|` before another one: it was meant as `or`."""
    match = re.compile(r"[^|;\n(\[{]*[)\]]").match(value, at + 1)
    return match is not None


def pipe_in_brackets(span: Span, reporter: Reporter) -> None:
    reporter.error(
        PIPE_INSIDE,
        "`|` stands between stages, not inside brackets",
        span,
        notes=("of two conditions, `a or b` holds where either does",),
        fixes=(Fix("write `or`", (Edit(span, " or "),), Safety.UNSAFE),),
    )


def statement_inside(span: Span, reporter: Reporter) -> None:
    reporter.error(
        STATEMENT_INSIDE,
        "`;` ends a branch or a statement; stages are joined by `|`",
        span,
        fixes=(Fix("write `|`", (Edit(span, " |"),), Safety.UNSAFE),),
    )


def unterminated_end(value: str, at: int) -> int:
    """Where a text without its closing quote is taken to end: before ` | `, or its line."""
    line = value.find("\n", at)
    line = len(value) if line < 0 else line
    pipe = re.compile(r"\s\|\s").search(value, at, line)
    return pipe.start() if pipe else line


def unterminated(span: Span, quote: str, reporter: Reporter) -> None:
    what = "a field's name" if quote == "`" else "a text"
    reporter.error(
        UNTERMINATED,
        f"{what} begins with {quote} and is not closed on its line",
        Span(span.source, span.start, span.start + 1),
        at=f"the closing {quote} is missing",
        notes=() if quote == "`" else (r"a line break in a text is written `\n`",),
    )


def chain_inside(what: str, span: Span, reporter: Reporter) -> None:
    reporter.error(
        STATEMENT_INSIDE,
        f"`{span.text.strip() or 'a line end'}` ends a stage; {what} end before it",
        span,
        notes=("a chain of stages stands under `process:`",),
    )
