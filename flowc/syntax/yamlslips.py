"""What YAML does to pipe text, said in the user's terms."""

from __future__ import annotations

import re

import yaml

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.source import SourceFile, Span

UNREADABLE = declare("FC0150", "unreadable-yaml", "A file is not YAML")
TAB = declare("FC0157", "yaml-tab", "A tab indents a line of YAML")
NEEDS_QUOTES = declare("FC0158", "unquoted-yaml", "A text has to be quoted for YAML")

_LINE = re.compile(
    r"(?P<lead>[ \t]*(?:-[ ]+)*(?:[\w./-]+:[ ]+|(?=\S)))(?P<value>\S.*?)?(?P<rest>\s*|\s+#.*)\Z"
)


def unreadable(span: Span, problem: str, reporter: Reporter) -> None:
    reporter.error(UNREADABLE, f"this is not YAML: {problem}", span)


def unprintable(span: Span, reporter: Reporter) -> None:
    text = span.text
    shown = f"U+{ord(text[0]):04X}" if text else "a character"
    reporter.error(
        UNREADABLE,
        f"{shown} cannot stand in YAML",
        span,
        fixes=(Fix("remove it", (Edit(span, ""),)),) if text else (),
    )


def unknown_alias(span: Span, reporter: Reporter) -> None:
    """``source: *csv``"""
    reporter.error(
        NEEDS_QUOTES,
        f"YAML reads `{span.text}` as an alias: quote it",
        span,
        fixes=(_quoted(span),),
    )


def braces(span: Span, reporter: Reporter) -> None:
    """``source: { a.jsonl, b.jsonl }``"""
    reporter.error(
        NEEDS_QUOTES,
        "YAML reads `{ … }` as a map: quote the text",
        span,
        fixes=(_quoted(span),) if "\n" not in span.text else (),
    )


def colon_in_stage(span: Span, reporter: Reporter) -> None:
    """``- set x = {a: 1}``"""
    reporter.error(
        NEEDS_QUOTES,
        "YAML reads `: ` as a key: quote the text",
        span,
        fixes=(_quoted(span),) if "\n" not in span.text else (),
    )


def cut_by_comment(span: Span, comment: Span, reporter: Reporter) -> None:
    """``filter: tag == "a #b"``"""
    whole = span.to(comment)
    reporter.error(
        NEEDS_QUOTES,
        "YAML ends the text at ` #`: quote the whole of it",
        comment,
        fixes=(_quoted(whole),),
    )


def report(source: SourceFile, error: yaml.MarkedYAMLError, reporter: Reporter) -> None:
    """Report what the YAML parser could not read."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(source.text)) if mark is not None else 0
    text = source.text
    problem, context = error.problem or "", error.context or ""
    number = source.position(at).line
    begin = at - (source.position(at).column - 1)
    line = source.line(number)
    here = text[at : at + 1]
    tab = re.match(r"[ ]*\t", line)
    if (tab and (here == "\t" or at <= begin + tab.end())) or here == "\t":
        _tab(source, begin, line, at, reporter)
        return
    if "quoted scalar" in context and "end of" in problem:
        start = error.context_mark.index if error.context_mark else at
        span = source.span(start, start + 1)
        reporter.error(UNREADABLE, f"a text begins with {span.text} and is not closed", span)
        return
    value = _value_on(source, begin, line)
    if value is None and error.context_mark is not None:
        begin = text.rfind("\n", 0, error.context_mark.index) + 1
        value = _value_on(source, begin, text[begin:].partition("\n")[0])
    why = _why(problem, context, here, value.text if value else "")
    if why and value is not None:
        span = source.span(at, at + 1) if value.start <= at < value.end else value
        fix = _quoted(value)
        if value.text.startswith("[") and "${" in value.text:
            why = "YAML reads `{` as a map: quote the variable"
            inside = re.sub(r"\$\{[^}]*\}", r"'\g<0>'", value.text)
            fix = Fix("quote the variable", (Edit(value, inside),), Safety.UNSAFE)
        reporter.error(NEEDS_QUOTES, why, span, fixes=(fix,))
        return
    message = problem.removeprefix("did not find ").replace("found ", "")
    message = f"{'expected ' if problem.startswith('did not find expected') else ''}" + (
        message.removeprefix("expected ")
    )
    notes = (f"{context}",) if context else ()
    reporter.error(
        UNREADABLE,
        f"this is not YAML: {message or 'it cannot be read'}",
        source.span(at, min(at + 1, len(text))),
        notes=notes,
    )


def _why(problem: str, context: str, here: str, value: str) -> str:
    """What YAML made of a value, where that is known."""
    first = value[:1]
    if first == "*" or "alias" in context:
        return "YAML reads a leading `*` as an alias: quote the text"
    if "block sequence entries" in problem or re.match(r"-(\s|\Z)", value):
        return "YAML reads a leading `-` as a list: quote it"
    if "mapping values" in problem:
        return "YAML reads `: ` as a key: quote the text"
    if "block scalar" in context:
        return f"YAML reads a leading `{first or '|'}` as a block of lines: quote the text"
    if first in ('"', "'"):
        return "YAML ends the text at the second quote: quote the whole of it"
    if first in ("@", "`", "%"):
        shown = "a backtick" if first == "`" else f"`{first}`"
        return f"in YAML no text begins with {shown}: quote it"
    if first in ("{", "["):
        what = "map" if first == "{" else "list"
        return f"YAML reads a leading `{first}` as a {what}: quote the text"
    if first in ("&", "!"):
        return f"YAML reads a leading `{first}` as its own sign: quote the text"
    return ""


def _value_on(source: SourceFile, begin: int, line: str) -> Span | None:
    match = _LINE.match(line)
    if match is None or not match["value"]:
        return None
    return source.span(begin + match.start("value"), begin + match.end("value"))


def _quoted(span: Span) -> Fix:
    """Put the text between single quotes, in which YAML changes nothing."""
    text = span.text.replace("'", "''")
    return Fix("quote the text", (Edit(span, f"'{text}'"),), Safety.UNSAFE)


def _tab(source: SourceFile, begin: int, line: str, at: int, reporter: Reporter) -> None:
    column = line.find("\t")
    start = begin + column if column >= 0 else at
    indent = re.match(r"[ \t]*", line)
    end = begin + (indent.end() if indent else 0)
    fixes: tuple[Fix, ...] = ()
    if start < end:
        lead = source.span(begin, end)
        fixes = (Fix("indent by blanks", (Edit(lead, lead.text.replace("\t", "  ")),)),)
    reporter.error(
        TAB,
        "a tab stands where YAML wants blanks",
        source.span(start, start + 1),
        notes=("YAML is indented by blanks alone",),
        fixes=fixes,
    )
