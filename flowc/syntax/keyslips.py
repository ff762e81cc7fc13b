"""What goes wrong with the keys and values of a pipeline file, in the user's terms.

Functions that give something look for a slip; the others report one.
"""

from __future__ import annotations

import re

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Template
from flowc.model.source import Span
from flowc.model.tree import ListValue, Value, Word
from flowc.syntax.endpoints import BAD_ENDPOINT
from flowc.syntax.yamlslips import NEEDS_QUOTES

UNKNOWN_KEY = declare("FC0160", "unknown-key", "A key does not belong here")
LATER = declare("FC0161", "unsupported-key", "A key that this version does not do yet")
EXCLUSIVE = declare("FC0162", "exclusive-keys", "Two keys say the same thing")
BAD_NODE = declare("FC0165", "malformed-node", "A source, stage or sink cannot be read")

_TAIL = re.compile(r"\S+\s+(?:as|key|time)\b")


def unknown_key(
    key: Word,
    known: frozenset[str],
    what: str,
    reporter: Reporter,
    operators: frozenset[str] = frozenset(),
) -> None:
    """Report a key that does not belong into ``what``."""
    close = nearest(key.text, known, most=1)
    notes = []
    fixes: tuple[Fix, ...] = ()
    if close:
        notes.append(f"did you mean '{close[0]}'?")
        fixes = (Fix(f"write `{close[0]}`", (Edit(key.span, close[0]),), Safety.UNSAFE),)
    elif key.text in operators:
        notes.append(f"`{key.text}` is a stage: it stands in the list under `process:`")
    else:
        notes.append("the keys are " + ", ".join(sorted(known)))
    reporter.error(
        UNKNOWN_KEY, f"`{key.text}` is no key of {what}", key.span, notes=notes, fixes=fixes
    )


def not_yet(key: Word, reporter: Reporter) -> None:
    """Report a key that the language names and this version does not do."""
    reporter.error(
        LATER,
        f"`{key.text}` is not supported yet",
        key.span,
        notes=("nothing is ignored silently: remove the key to go on without it",),
    )


def exclusive(one: Word, other: Word, reporter: Reporter) -> None:
    reporter.error(
        EXCLUSIVE,
        f"`{one.text}` and `{other.text}` exclude each other",
        one.span,
        labels=(Label(other.span, "the other one"),),
    )


def options_twice(inside: Word, beside: Word, reporter: Reporter) -> None:
    reporter.error(
        EXCLUSIVE,
        f"options stand under `{inside.text}` or beside it, not both",
        beside.span,
        labels=(Label(inside.span, "options stand here too"),),
    )


# Endpoints


def list_under_one(key: Word, reporter: Reporter) -> None:
    reporter.error(
        BAD_NODE,
        f"several stand under `{key.text}s`",
        key.span,
        fixes=(Fix(f"write `{key.text}s`", (Edit(key.span, f"{key.text}s"),)),),
    )


def one_under_list(key: Word, reporter: Reporter) -> None:
    one = key.text.removesuffix("s")
    reporter.error(
        BAD_NODE,
        f"`{key.text}` is a list",
        key.span,
        fixes=(Fix(f"write `{one}`", (Edit(key.span, one),)),),
    )


def empty_endpoint(span: Span, sink: bool, reporter: Reporter) -> None:
    what = "sink" if sink else "source"
    reporter.error(BAD_ENDPOINT, f"the {what} is empty", span, notes=("`-` is stdin or stdout",))


def has_tail(text: str) -> bool:
    """Whether ``as``, ``key`` or ``time`` stands behind the first word."""
    return _TAIL.match(text) is not None


def blank_in_endpoint(span: Span, sink: bool, reporter: Reporter) -> None:
    notes = ["a path with blanks is quoted once more: '\"my file.csv\"'"]
    if not sink:
        notes.append("behind a source stand `as Type`, `key a, b` and `time field`")
    reporter.error(BAD_ENDPOINT, "a blank ends an endpoint", span, notes=notes)


def no_connector(span: Span, sink: bool, reporter: Reporter) -> None:
    what = "sink" if sink else "source"
    reporter.error(
        BAD_NODE,
        f"the {what} names no connector",
        first_line(span),
        notes=(f"`{what}: orders.jsonl`, or a map with `type:` or with a connector's name",),
    )


# Stages


def no_operator(span: Span, reporter: Reporter) -> None:
    reporter.error(
        BAD_NODE,
        "the stage names no operator",
        first_line(span),
        notes=("for example `- filter: amount > 100`",),
    )


def map_of_stages(key: Word, second: Word, reporter: Reporter) -> None:
    reporter.error(
        BAD_NODE,
        f"`{key.text}` is a list: each stage begins with `- `",
        second.span,
        notes=("a map has no order, and the order of stages matters",),
    )


def clause_in_list(span: Span, name: Word, reporter: Reporter) -> None:
    reporter.error(
        BAD_NODE,
        f"an item of the list under `{name.text}` is one argument",
        span,
        notes=(f'clauses stand in one text: `{name.text}: "a, b by c"`',),
    )


def cut_by_comma(value: ListValue, operators: frozenset[str]) -> Value | None:
    """The item of ``[select a, b]`` that was meant as an argument of the one before it."""
    if not value.span.text.startswith("["):
        return None
    for before, item in zip(value.items, value.items[1:]):
        if not (isinstance(before, Template) and isinstance(item, Template)):
            continue
        if not (before.bare and item.bare) or "|" in before.span.text:
            continue
        text = item.span.text
        word = re.match(r"[^\W\d][\w-]*", text)
        if (
            " " in before.span.text
            and (word is None or word.group() not in operators)
            and (word is None or re.fullmatch(r"[\w.]+(\s+(?:as|desc|asc)\b.*|\s*=.*)?", text))
        ):
            return item
    return None


def list_for_stage(span: Span, item: Value, reporter: Reporter) -> None:
    inside = span.text[1:-1].strip()
    reporter.error(
        NEEDS_QUOTES,
        "in a YAML list a comma ends an item: quote the stage",
        item.span,
        at="read as a stage of its own",
        fixes=(Fix("quote the stage", (Edit(span, f"['{inside}']"),), Safety.UNSAFE),),
    )


_STRINGS = re.compile(r"""r"[^"]*"|r'[^']*'|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`""")


def comment_behind(value: Template, text: str) -> Span | None:
    """The comment that YAML cut off a plain text in the middle of a quoted one."""
    if not value.bare or "\n" in value.span.text:
        return None
    source, end = value.span.source, value.span.end
    line_end = source.text.find("\n", end)
    rest = source.text[end : len(source.text) if line_end < 0 else line_end]
    if not re.match(r"\s+#", rest):
        return None
    left = _STRINGS.sub("", text)
    if not re.search(r"[\"'`]", left):
        return None
    start = end + len(rest) - len(rest.lstrip())
    return Span(source, start, end + len(rest.rstrip()))


def first_line(span: Span) -> Span:
    """The part of a span on its first line: where a caret fits."""
    line = span.text.partition("\n")[0]
    return Span(span.source, span.start, span.start + len(line))
