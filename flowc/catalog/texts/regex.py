"""Regex: the named groups of a pattern become the fields of a record."""

from __future__ import annotations

from flowc.catalog.spec import CheckContext, Formatting, OperatorExample
from flowc.catalog.texts import Spelled, TextFormat, text_argument
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.source import Span
from flowc.model.typed import CodecForm
from flowc.model.types import STRING, Field, Origin, Record, nullable

NO_NAMES = declare(
    "FC0348", "pattern-without-names", "A pattern that is parsed names none of its groups"
)

_EXAMPLE = 'as in `parse line as regex r"^(?P<level>\\w+): (?P<rest>.*)"`'


class Regex(TextFormat):
    name = "regex"
    doc = (
        "The named groups `(?P<name>…)` of a pattern in RE2's syntax, found in linear time, become "
        "a record of texts. The pattern may match anywhere in the text: `^` and `$` bind it to the "
        "whole. A group that takes no part is null. No match is a ConversionError."
    )
    read_as = 'regex r"…"'
    read_examples = (
        OperatorExample(
            "A line of a log",
            r'parse line as regex r"^(?P<level>[A-Z]+) (?:\[(?P<thread>[^\]]*)\] )?(?P<rest>.*)$"',
            '{"line": "WARN [main] disk full"}\n{"line": "INFO ready"}\n{"line": "?"}',
            '{"line": {"level": "WARN", "thread": "main", "rest": "disk full"}}\n'
            '{"line": {"level": "INFO", "thread": null, "rest": "ready"}}',
            dead=1,
        ),
    )

    def reading(self, item: Formatting, check: CheckContext) -> Spelled | None:
        found = text_argument(item, check, _EXAMPLE)
        if found is None:
            return None
        text, span = found
        pattern = check.pattern(text, span)
        if pattern is None:
            return None
        if not pattern.groups:
            _no_names(text, span, check)
            return None
        origin = (Origin("is a group of the pattern", span),)
        record = Record(
            tuple(
                Field(name, nullable(STRING) if optional else STRING, origin=origin)
                for name, optional in pattern.groups
            )
        )
        spelled = (pattern.text,) if pattern.text == text else (pattern.text, text)
        if pattern.linear:
            form = CodecForm("codecs.regextext", "RegexText", record, spelled)
        else:
            packages = ("google-re2>=1.1",)
            form = CodecForm("codecs.re2text", "Re2Text", record, spelled, packages)
        return Spelled(form, record)


def _no_names(text: str, span: Span, check: CheckContext) -> None:
    """Report a pattern without names; the fix names the groups it has."""
    named, count, at = "", 0, 0
    while at < len(text):
        if text[at] == "\\":
            named += text[at : at + 2]
            at += 2
            continue
        if text[at] == "[":
            end = text.find("]", at + 2)
            end = len(text) if end < 0 else end + 1
            named += text[at:end]
            at = end
            continue
        named += text[at]
        at += 1
        if named[-1] == "(" and text[at : at + 1] != "?":
            count += 1
            named += f"?P<group{count}>"
    fixes: tuple[Fix, ...] = ()
    if count and text in span.text:
        written = span.text.replace(text, named)
        fixes = (Fix("name the groups", (Edit(span, written),), Safety.UNSAFE),)
    check.reporter.error(
        NO_NAMES,
        "the groups of this pattern have no names" if count else "this pattern has no groups",
        span,
        at="a named group becomes a field: `(?P<name>…)`",
        notes=(_EXAMPLE, 'a text is only tested by `filter line matches r"…"`'),
        fixes=fixes,
    )


TEXT_FORMAT = Regex()
