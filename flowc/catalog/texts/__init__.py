"""Formats of texts inside a record: one file each, what stands behind `as` of `parse` and `format`.

A format says how a text is read (`parse body as json Payment`) and how a value is written
(`format who as json`); some do only one of the two. What one writes, it reads back as the same
value.
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from flowc.catalog.spec import CheckContext, Formatting, OperatorExample
from flowc.diagnostics.codes import declare
from flowc.model.effects import CONVERSION_ERROR, VALIDATION_ERROR, ErrorSet
from flowc.model.expr import Expr, Literal, LiteralKind, Template
from flowc.model.source import Span
from flowc.model.tree import TypeExpr
from flowc.model.typed import CodecForm, Const, RuntimeCall, Typed
from flowc.model.types import (
    JSON,
    ListType,
    MapType,
    Nullable,
    Openness,
    Poison,
    Record,
    Type,
    Union,
    strip_null,
)
from flowc.types.show import label

WRONG_ARGUMENT = declare(
    "FC0329", "wrong-format-argument", "What stands behind a format does not fit it"
)
NOT_WRITTEN = declare(
    "FC0347", "unwritable-value", "A text format has no way to write values of this type"
)

READ_FAILS: ErrorSet = frozenset({CONVERSION_ERROR})
WRITE_FAILS: ErrorSet = frozenset({VALIDATION_ERROR})


@dataclass(frozen=True, slots=True)
class Spelled:
    """How a text is read, or a value written, in Python: a form and what it takes beside the
    value. ``type`` is that of what comes out; ``errors`` what can go wrong."""

    form: RuntimeCall | CodecForm
    type: Type
    arguments: tuple[Const, ...] = ()
    errors: ErrorSet = READ_FAILS


class TextFormat(ABC):
    """A format: ``TEXT_FORMAT`` of ``catalog/texts/NAME.py``.

    ``read_as`` and ``written_as`` are the forms behind `as` for the docs, empty where the
    format is not read (or not written); ``doc`` says what the text means.
    """

    name: ClassVar[str]
    spellings: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[str]
    read_as: ClassVar[str] = ""
    written_as: ClassVar[str] = ""
    read_examples: ClassVar[tuple[OperatorExample, ...]] = ()
    write_examples: ClassVar[tuple[OperatorExample, ...]] = ()

    def reading(self, item: Formatting, check: CheckContext) -> Spelled | None:
        """How a text is read; None where what stands behind the format was reported."""
        raise LookupError(f"{self.name} is not read")

    def writing(self, item: Formatting, value: Typed, check: CheckContext) -> Spelled | None:
        """How a value is written; None where it was reported that it cannot be."""
        raise LookupError(f"{self.name} is not written")


def no_argument(item: Formatting, check: CheckContext, why: str) -> bool:
    """Whether nothing stands behind the format; reported where something does."""
    if item.argument is None:
        return True
    wrong_argument(
        f"nothing stands behind `{item.format.text}` here: {why}", item.argument.span, check
    )
    return False


def wrong_argument(message: str, span: Span, check: CheckContext, *notes: str) -> None:
    """Report what stands behind a format."""
    check.reporter.error(WRONG_ARGUMENT, message, span, notes=notes)


def text_argument(item: Formatting, check: CheckContext, *notes: str) -> tuple[str, Span] | None:
    """The written text behind a format; reported where none stands there."""
    argument = item.argument
    plain = _plain(argument) if isinstance(argument, Literal | Template) else None
    if argument is not None and plain is not None:
        return plain, argument.span
    wrong_argument(
        f"a written text stands behind `{item.format.text}`",
        item.format.span if argument is None else argument.span,
        check,
        *notes,
    )
    return None


def _plain(argument: Expr) -> str | None:
    if isinstance(argument, Literal):
        return argument.text if argument.kind is LiteralKind.STRING else None
    return argument.plain if isinstance(argument, Template) else None


def type_argument(item: Formatting, check: CheckContext, *notes: str) -> Type | None:
    """The type behind a format, closed; reported where none stands there."""
    argument = item.argument
    if not isinstance(argument, TypeExpr):
        span = item.format.span if argument is None else argument.span
        wrong_argument(f"a type stands behind `{item.format.text}`", span, check, *notes)
        return None
    type = check.resolve_type(argument)
    if isinstance(type, Poison):
        return None
    if _is_open(type):
        wrong_argument(
            "the type of a parsed text names all its fields: `...` keeps nothing here",
            argument.span,
            check,
            "leave `...` out, or parse as json without a type",
        )
        return None
    return type


def _is_open(type: Type) -> bool:
    """Whether a record in the type would keep what it does not name."""
    match type:
        case Record(fields=fields, openness=openness):
            return openness is Openness.REST or any(_is_open(field.type) for field in fields)
        case ListType(item=inner) | MapType(value=inner) | Nullable(inner=inner):
            return _is_open(inner)
        case Union(variants=variants):
            return any(_is_open(variant.type) for variant in variants)
        case _:
            return False


def has_no_cell(type: Type) -> bool:
    """Whether a value of the type is more than one plain text: a list, a record, json."""
    inner = strip_null(type) if type != JSON else type
    return isinstance(inner, Record | Union | ListType | MapType) or inner == JSON


def flat(type: Record, item: Formatting, check: CheckContext, *, lists: bool = False) -> bool:
    """Whether each field of a record is one plain text (or, with ``lists``, a list of such);
    the first that is not is reported."""
    for field in type.fields:
        inner = strip_null(field.type) if field.type != JSON else JSON
        many = lists and isinstance(inner, ListType) and not has_no_cell(inner.item)
        if has_no_cell(field.type) and not many:
            check.reporter.error(
                NOT_WRITTEN,
                f"a field of `{item.format.text}` is one plain text, and '{field.name}' is "
                f"{label(inner)}",
                item.argument.span if item.argument is not None else item.span,
                notes=(
                    "write it as a text first: `format FIELD as json`",
                    "or leave it out by `select` or `drop`",
                ),
            )
            return False
    return True


def not_written(item: Formatting, type: Type, check: CheckContext, takes: str) -> None:
    """Report a value that the format does not write; ``takes`` says what it does."""
    check.reporter.error(
        NOT_WRITTEN,
        f"`{item.format.text}` writes {takes}, and this is {label(type)}",
        item.path.span,
        at=f"this is {label(type)}",
    )
