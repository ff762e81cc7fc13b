"""Reads YAML values as what their key expects: a text, a name, a flag."""

from __future__ import annotations

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Template, Variable
from flowc.model.tree import ListValue, MapValue, NullValue, Option, Value, Word
from flowc.syntax import literals, yamldoc, yamlslips
from flowc.syntax.keyslips import first_line

__all__ = ["Values", "described", "first_line", "truth"]

WRONG_VALUE = declare("FC0164", "unexpected-value", "A key has a value of another kind")

_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


def truth(text: str) -> bool | None:
    """What YAML 1.2 reads a plain text as, where that is true or false."""
    return True if text in _TRUE else False if text in _FALSE else None


def described(value: Value) -> str:
    """What a value is, for a message."""
    match value:
        case Template():
            return "a text"
        case ListValue():
            return "a list"
        case MapValue():
            return "a map"
        case NullValue():
            return "nothing"


class Values:
    """Each method gives what it was asked for, or reports and gives a default."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def expected(self, what: str, value: Value, *notes: str) -> None:
        """Report that ``what`` stands here, and not ``value``."""
        if isinstance(value, MapValue) and value.entries and value.span.text.startswith("{"):
            empty = all(isinstance(entry.value, NullValue) for entry in value.entries)
            if empty or value.entries[0].key.text == "":
                yamlslips.braces(value.span, self._reporter)
                return
        self._reporter.error(
            WRONG_VALUE,
            f"{what} stands here, not {described(value)}",
            first_line(value.span),
            notes=notes,
        )

    def template(self, value: Value) -> Template | None:
        """A text with its variables; a malformed one is reported."""
        if not isinstance(value, Template):
            self.expected("a text", value)
            return None
        text = yamldoc.text_of(value)
        return literals.template(text, value.span, self._reporter, bare=value.bare)

    def word(self, value: Value) -> Word | None:
        """A name: a text without variables."""
        found = self.template(value)
        if found is None:
            return None
        variable = next((part for part in found.parts if isinstance(part, Variable)), None)
        if variable is not None:
            self._reporter.error(
                WRONG_VALUE,
                "a name is a plain text, without variables",
                variable.span,
            )
            return None
        text = (found.plain or "").strip()
        if not text:
            self._reporter.error(WRONG_VALUE, "a name is not empty", value.span)
            return None
        return Word(text, value.span)

    def words(self, value: Value) -> tuple[Word, ...]:
        """One name, or a list of names."""
        if isinstance(value, ListValue):
            return tuple(word for item in value.items if (word := self.word(item)))
        word = self.word(value)
        return (word,) if word else ()

    def flag(self, value: Value, *, default: bool) -> bool:
        """``true`` or ``false``."""
        found = value.plain if isinstance(value, Template) else None
        if found is not None and (known := truth(found)) is not None:
            return known
        fixes: tuple[Fix, ...] = ()
        if isinstance(value, Template) and found:
            meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(found.lower())
            if meant:
                fixes = (Fix(f"write `{meant}`", (Edit(value.span, meant),), Safety.SAFE),)
        self._reporter.error(
            WRONG_VALUE,
            "`true` or `false` stands here",
            first_line(value.span),
            notes=("YAML 1.2 has no other words for them",) if fixes else (),
            fixes=fixes,
        )
        return default

    def option(self, option: Option) -> Option:
        """An option with its variables read, in every text inside."""
        return Option(option.key, self.value(option.value), option.span)

    def value(self, value: Value) -> Value:
        """A value with the variables of every text in it read; depth is limited before."""
        match value:
            case Template():
                return self.template(value) or value
            case ListValue(items=items):
                return ListValue(tuple(self.value(item) for item in items), value.span)
            case MapValue(entries=entries):
                return MapValue(tuple(self.option(entry) for entry in entries), value.span)
            case NullValue():
                return value
