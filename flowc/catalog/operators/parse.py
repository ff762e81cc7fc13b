"""``parse body as json [Payment]``: the value that a text holds."""

from __future__ import annotations

from flowc.catalog.assigning import lower_assigned
from flowc.catalog.formatting import WRONG_ARGUMENT, known_format
from flowc.catalog.replacing import replace_fields
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    Formatting,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.effects import CONVERSION_ERROR, Facts
from flowc.model.expr import Path
from flowc.model.tree import TypeExpr
from flowc.model.typed import Apply, CodecForm, Column, RuntimeCall, Typed
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
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.relate import is_textual
from flowc.types.show import label

PARSED_NON_TEXT = declare("FC0378", "parse-non-text", "What is parsed is not a text")

#: What a text is read from.
FORMATS = ("json",)

_FAILS = frozenset({CONVERSION_ERROR})


class Parse(Operator):
    name = "parse"
    kind = "shape"
    summary = "reads the value that a text holds"
    doc = (
        "The value takes the place of the text. `as json` gives a json value; `as json T` "
        "gives a value of the type `T`, read as a source of JSON lines would read it: fields "
        "that `T` does not name are left out. A text that does not hold such a value makes "
        "the record a ConversionError. Null stays null, and an absent field becomes null."
    )
    form = "parse a as json [Type]"
    parameters = (
        Parameter("fields", Form.FORMATS, "the texts, the format, and the type they hold"),
    )
    corrections = {"parse_json": "parse", "fromjson": "parse", "spath": "parse", "decode": "parse"}
    examples = (
        OperatorExample(
            "A body of a type that is known",
            "parse body as json {user: string, amount: int}",
            '{"id": 1, "body": "{\\"user\\": \\"ada\\", \\"amount\\": 3, \\"x\\": 0}"}\n'
            '{"id": 2, "body": "{\\"user\\": \\"bob\\"}"}\n{"id": 3, "body": "oops"}',
            '{"id": 1, "body": {"user": "ada", "amount": 3}}',
            dead=2,
        ),
        OperatorExample(
            "Any json",
            "parse body as json | set user = string(body.user)",
            '{"body": "{\\"user\\": \\"ada\\"}"}',
            '{"body": {"user": "ada"}, "user": "ada"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Formatting, ...] = arguments.get("fields")
        items = {item.path: item for item in written}

        def parsed(column: Column, path: Path) -> Typed | None:
            item = items[path]
            form = _reading(item, check)
            if form is None:
                return None
            if not is_textual(strip_null(column.type)):
                _not_text(column, item, check)
                return None
            type = form.type if isinstance(form, CodecForm) else JSON
            made = nullable(type) if may_be_null(column.type) else type
            return Apply("parse", form, (column,), made, errors=_FAILS, span=item.span)

        return replace_fields(
            arguments, tuple(item.path for item in written), row, facts, check, parsed
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


def _reading(item: Formatting, check: CheckContext) -> RuntimeCall | CodecForm | None:
    """How the text is read; None where it was reported that it cannot be."""
    if not known_format(item, FORMATS, "read from a text", check):
        return None
    if item.argument is None:
        return RuntimeCall("values.text", "to_json")
    if not isinstance(item.argument, TypeExpr):
        check.reporter.error(
            WRONG_ARGUMENT,
            "a type stands behind `json`",
            item.argument.span,
            notes=("as in `parse body as json Payment`, or `as json {id: int}`",),
        )
        return None
    type = check.resolve_type(item.argument)
    if isinstance(type, Poison):
        return None
    if _is_open(type):
        check.reporter.error(
            WRONG_ARGUMENT,
            "the type of a parsed text names all its fields: `...` keeps nothing here",
            item.argument.span,
            notes=("leave `...` out, or parse as json without a type",),
        )
        return None
    return CodecForm("codecs.jsontext", "JsonText", type)


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


def _not_text(column: Column, item: Formatting, check: CheckContext) -> None:
    check.reporter.error(
        PARSED_NON_TEXT,
        f"`parse` reads texts, and this is {label(column.type)}",
        item.path.span,
        at=f"this is {label(column.type)}",
        notes=("a json value is read already: `cast` gives it a type",)
        if column.type == JSON
        else (),
    )


OPERATOR = Parse()
