"""``parse body as json [Payment]``: the value that a text holds."""

from __future__ import annotations

import re

from flowc.catalog import registry
from flowc.catalog.assigning import lower_assigned
from flowc.catalog.formatting import known_format
from flowc.catalog.replacing import replace_fields
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    ForeignStage,
    Form,
    Formatting,
    LowerContext,
    Lowered,
    Meant,
    Operator,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Safety
from flowc.model.effects import Facts
from flowc.model.expr import Path
from flowc.model.typed import Apply, Column, Typed
from flowc.model.types import JSON, Record, may_be_null, nullable, strip_null
from flowc.types.relate import is_textual
from flowc.types.show import label

PARSED_NON_TEXT = declare("FC0378", "parse-non-text", "What is parsed is not a text")

#: The formats that texts are read in.
READ = tuple(format for format in registry.text_formats().values() if format.read_as)


def _json(stage: ForeignStage) -> str | None:
    """``parse_json(body)``, ``spath input=body``"""
    match = re.fullmatch(r"(?:input\s*=\s*)?\.?([\w.]+)", stage.rest)
    return f"parse {match[1]} as json" if match else None


def _rex(stage: ForeignStage) -> Meant | None:
    """``rex field=message "(?<user>\\w+)"``; without a field the text is ``message``."""
    match = re.fullmatch(r"(?:field\s*=\s*([\w.]+)\s+)?r?(\"[^\"]*\"|'[^']*')", stage.rest)
    if match is None:
        return None
    name = match[1] or "message"
    pattern = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", match[2])
    why = f"the groups of the pattern become the fields of the record `{name}`"
    safety = Safety.SAFE if match[1] else Safety.UNSAFE
    return Meant(f"parse {name} as regex r{pattern}", why, safety)


class Parse(Operator):
    name = "parse"
    kind = "shape"
    summary = "reads the value that a text holds"
    doc = (
        "The value takes the place of the text. A text that does not hold such a value makes "
        "the record a ConversionError. Null stays null, and an absent field becomes null.\n\n"
        + "\n".join(f"- `{format.read_as}`: {format.doc}" for format in READ)
    )
    form = "parse a as FORMAT"
    parameters = (
        Parameter("fields", Form.FORMATS, "the texts, the format, and the type they hold"),
    )
    corrections = {
        "parse_json": _json,
        "fromjson": _json,
        "spath": _json,
        "decode": "parse",
        "rex": _rex,
        "extract": _rex,
        "grok": "parse",
        "parse-where": "parse",
    }
    examples = tuple(example for format in READ for example in format.read_examples)

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Formatting, ...] = arguments.get("fields")
        items = {item.path: item for item in written}

        def parsed(column: Column, path: Path) -> Typed | None:
            item = items[path]
            format = known_format(item, READ, "read from a text", check)
            spelled = None if format is None else format.reading(item, check)
            if spelled is None:
                return None
            if not is_textual(strip_null(column.type)):
                _not_text(column, item, check)
                return None
            return Apply(
                "parse",
                spelled.form,
                (column, *spelled.arguments),
                nullable(spelled.type) if may_be_null(column.type) else spelled.type,
                errors=spelled.errors,
                span=item.span,
            )

        return replace_fields(
            arguments, tuple(item.path for item in written), row, facts, check, parsed
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


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
