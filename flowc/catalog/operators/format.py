"""``format a as json`` and ``format row as json``: values as texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.assigning import lower_assigned
from flowc.catalog.formatting import WRONG_ARGUMENT, known_format
from flowc.catalog.replacing import replace_fields
from flowc.catalog.shared import stage_text
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
from flowc.model.effects import VALIDATION_ERROR, Facts
from flowc.model.expr import FieldStep, Path
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.typed import Apply, Column, MakeRecord, RuntimeCall, Typed, columns
from flowc.model.types import STRING, Field, Origin, Record, may_be_null, nullable

#: What a value is written as.
FORMATS = ("json",)

#: The field that the text of a whole record is given in.
TEXT = "text"

_FAILS = frozenset({VALIDATION_ERROR})


@dataclass(frozen=True, slots=True)
class WholeRow:
    """The text of the whole record."""

    value: Typed


class Format(Operator):
    name = "format"
    kind = "shape"
    summary = "writes values, or the whole record, as texts"
    doc = (
        "The text takes the place of the value. `row` is the whole record: it gives a record "
        "with the one field `text` (a field that is called so is written in backticks). JSON "
        "is written as in JSON lines; fields that are absent are not in it. Null stays null, "
        "and an absent field becomes null."
    )
    form = "format a as json · format row as json"
    parameters = (Parameter("fields", Form.FORMATS, "the values, or `row`, and the format"),)
    corrections = {"to_json": "format", "tojson": "format", "serialize": "format"}
    examples = (
        OperatorExample(
            "A field",
            "format who as json",
            '{"id": 1, "who": {"name": "ada", "age": 36}}',
            '{"id": 1, "who": "{\\"name\\":\\"ada\\",\\"age\\":36}"}',
        ),
        OperatorExample(
            "The whole record",
            "format row as json",
            '{"id": 1, "tags": ["a", "b"]}',
            '{"text": "{\\"id\\":1,\\"tags\\":[\\"a\\",\\"b\\"]}"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Formatting, ...] = arguments.get("fields")
        fits = [_fits(item, check) for item in written]
        whole = next((item for item in written if _is_row(item.path)), None)
        if whole is not None:
            if len(written) > 1:
                check.reporter.error(
                    WRONG_ARGUMENT,
                    "`row` is the whole record: nothing else is left beside it",
                    whole.span,
                    notes=("a field that is called row is written in backticks: `` `row` ``",),
                )
            return _whole(arguments, row, facts)
        paths = tuple(item.path for item, good in zip(written, fits, strict=True) if good)
        return replace_fields(arguments, paths, row, facts, check, _formatted)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        if isinstance(outcome, WholeRow):
            made = ((TEXT, outcome.value),)
            return (Project(context.node.id, made, context.ports["out"]),)
        return lower_assigned(outcome, context)


def _is_row(path: Path) -> bool:
    match path.steps:
        case (FieldStep(name="row", quoted=False),):
            return True
        case _:
            return False


def _fits(item: Formatting, check: CheckContext) -> bool:
    """Whether the format is known and nothing stands behind it; reported where not."""
    if not known_format(item, FORMATS, "written to a text", check):
        return False
    if item.argument is None:
        return True
    check.reporter.error(
        WRONG_ARGUMENT,
        f"nothing stands behind `{item.format.text}` here: the type is known",
        item.argument.span,
    )
    return False


def _text(value: Typed, path: Path | None = None) -> Apply:
    made = nullable(STRING) if may_be_null(value.type) else STRING
    form = RuntimeCall("values.text", "json_text")
    return Apply("format", form, (value,), made, errors=_FAILS, span=path.span if path else None)


def _formatted(column: Column, path: Path) -> Typed:
    return _text(column, path)


def _whole(arguments: Arguments, row: Record, facts: Facts) -> Outcome:
    parts = tuple(
        (field.name, Column((field.name,), field.type, present=not field.optional))
        for field in row.fields
    )
    value = _text(MakeRecord(parts, Record(row.fields), arguments.span))
    verb = f"was made by `{stage_text(arguments.span)}`"
    text = Field(TEXT, STRING, origin=(Origin(verb, arguments.span),))
    time = replace(facts.time, kept=False) if facts.time is not None else None
    return Outcome(
        ports={"out": Record((text,))},
        facts=replace(facts, keys=frozenset(), time=time),
        lineage=Lineage(reads=columns(value), computed={(TEXT,): columns(value)}, rest=False),
        errors=_FAILS,
        outcome=WholeRow(value),
    )


OPERATOR = Format()
