"""Reads the values of YAML options as the same items that the pipe form gives."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.address import Located
from flowc.catalog.spec import (
    Form,
)
from flowc.catalog.times import WINDOWS, Window
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import FieldStep, Literal, LiteralKind, Path, Template
from flowc.model.source import Text
from flowc.model.tree import (
    As,
    Item,
    ListValue,
    MapValue,
    NullValue,
    Option,
    Stage,
    TypeExpr,
    Value,
    Word,
)
from flowc.resolve.forms import WRONG_FORM
from flowc.syntax.dsl import parse_stage_arguments
from flowc.types.notation import parse_type

#: The forms that a YAML map may be written for: names to expressions, or to types.
MAPPINGS = frozenset(
    {
        Form.ASSIGNMENTS,
        Form.COLUMNS,
        Form.RENAMES,
        Form.CASTS,
        Form.FORMATS,
        Form.AGGREGATES,
    }
)

#: What the source of a value that ``--set`` gave is called.
SETTING = "--set"


def source_text(template: Template) -> Text:
    """A template as the text it was, to be parsed with every character at its place."""
    if template.span.source.name == SETTING:
        return Located.of(template).as_text()
    # A pipeline without YAML does not pay for reading it.
    from flowc.syntax import yamldoc

    return yamldoc.text_of(template)


def items_of(value: Value, stage: Word, form: Form, reporter: Reporter) -> tuple[Item, ...] | None:
    """A YAML value as items: a text, a list of texts, or a map of names to texts.

    None where it is none of these or could not be parsed, which is reported.
    """
    match value:
        case Template():
            read = parse_stage_arguments(stage, source_text(value), reporter)
            return read.items if isinstance(read, Stage) else None
        case ListValue(items=values):
            found: list[Item] = []
            for one in values:
                items = items_of(one, stage, form, reporter)
                if items is None:
                    return None
                found.extend(items)
            return tuple(found)
        case MapValue(entries=entries) if form in MAPPINGS:
            made = [_entry(entry, stage, form, reporter) for entry in entries]
            kept = tuple(item for item in made if item is not None)
            return kept if len(kept) == len(made) else None
        case NullValue() | MapValue():
            found_what = "a map" if isinstance(value, MapValue) else "nothing"
            reporter.error(WRONG_FORM, f"a text stands here, not {found_what}", value.span)
            return None


def _entry(entry: Option, stage: Word, form: Form, reporter: Reporter) -> Item | None:
    """``name: expression`` as ``name = expression``; ``field: type`` and ``field: format`` as
    ``field as type`` and ``field as format``."""
    if not isinstance(entry.value, Template):
        reporter.error(WRONG_FORM, "a text stands here", entry.value.span)
        return None
    if form is Form.CASTS:
        field = _path(entry.key)
        span = entry.value.span
        type = TypeExpr(parse_type(source_text(entry.value), reporter), span)
        return Item(field, entry.span, as_=As(type, None, span))
    if form is Form.FORMATS:
        behind = as_of(entry.value, stage, reporter)
        return Item(_path(entry.key), entry.span, as_=behind) if behind is not None else None
    items = items_of(entry.value, stage, form, reporter)
    if items is None:
        return None
    if len(items) != 1:
        reporter.error(WRONG_FORM, "one expression stands here", entry.value.span)
        return None
    return replace(items[0], span=entry.span, target=_path(entry.key))


def as_of(value: Value, stage: Word, reporter: Reporter) -> As | None:
    """A YAML value as what stands behind ``as``: a name, a type, or a format and its argument."""
    template = text_of(value, reporter)
    if template is None:
        return None
    text = source_text(template)
    start = "_ as "
    places = [text.offset(index) for index in range(len(text.value) + 1)]
    places[:0] = [places[0]] * len(start)
    whole = Text(start + text.value, text.source, places=tuple(places))
    read = parse_stage_arguments(stage, whole, reporter)
    if not isinstance(read, Stage):
        return None
    behind = read.items[-1].as_ or read.as_
    if len(read.items) != 1 or read.clauses or behind is None:
        reporter.error(WRONG_FORM, "one name, type or format stands here", value.span)
        return None
    return behind


def _path(key: Word) -> Path:
    """A key as a field: ``a.b`` is nested, any other text is one field's name."""
    names = key.text.split(".")
    if not all(name.isidentifier() for name in names):
        names = [key.text]
    quoted = not names[0].isidentifier()
    return Path(tuple(FieldStep(name, key.span, quoted) for name in names), key.span)


def text_of(value: Value, reporter: Reporter) -> Template | None:
    """A YAML value as a text; reported where it is none."""
    if isinstance(value, Template):
        return value
    reporter.error(WRONG_FORM, "a text stands here", value.span)
    return None


def word_of(value: Value, reporter: Reporter) -> Word | None:
    """A YAML value as a name; reported where it is none."""
    if isinstance(value, Template) and (plain := value.plain):
        return Word(plain, value.span)
    reporter.error(WRONG_FORM, "a name stands here", value.span)
    return None


def name_of(value: Value, reporter: Reporter) -> Path | None:
    """A YAML value as the name of a field; reported where it is none."""
    word = word_of(value, reporter)
    return None if word is None else _path(word)


def truth_of(value: Value) -> bool | None:
    """A YAML value as true or false; None where it is neither."""
    plain = value.plain if isinstance(value, Template) else None
    return plain == "true" if plain in ("true", "false") else None


def type_of(value: Value, reporter: Reporter) -> TypeExpr | None:
    """A YAML value as a written type; reported where it is none."""
    if isinstance(value, Template):
        return TypeExpr(parse_type(source_text(value), reporter), value.span)
    reporter.error(WRONG_FORM, "a type, as text, stands here", value.span)
    return None


def flag_of(value: Value, reporter: Reporter) -> bool:
    """A YAML value as true or false; reported, and false, where it is neither."""
    truth = truth_of(value)
    if truth is None:
        reporter.error(WRONG_FORM, "true or false stands here", value.span)
    return truth is True


_LENGTH = r"(?:\d+(?:\.\d+)?(?:us|ms|[smhdw]))+"
_WINDOW = re.compile(rf"\s*([a-z]+)\s+({_LENGTH}|\d+)(?:\s+every\s+({_LENGTH}))?\s*")


def window_of(value: Value, reporter: Reporter) -> Window | None:
    """A YAML value as a window: ``tumbling 1h``; reported where it is none."""
    plain = value.plain if isinstance(value, Template) else None
    read = _WINDOW.fullmatch(plain or "")
    if read is None or (read[2].isdecimal() and read[1] != "last"):
        reporter.error(WRONG_FORM, "a window stands here", value.span, notes=(WINDOWS,))
        return None
    kind = LiteralKind.INT if read[2].isdecimal() else LiteralKind.DURATION
    length = Literal(kind, read[2], value.span)
    every = Literal(LiteralKind.DURATION, read[3], value.span) if read[3] else None
    return Window(Word(read[1], value.span), length, value.span, every)
