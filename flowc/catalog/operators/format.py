"""``format a as json`` and ``format row as csv``: values as texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog import registry
from flowc.catalog.assigning import lower_assigned
from flowc.catalog.formatting import known_format
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
    Outcome,
    Parameter,
)
from flowc.catalog.texts import WRONG_ARGUMENT
from flowc.model.effects import Facts
from flowc.model.expr import FieldStep, Path
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.typed import Apply, Column, MakeRecord, Typed
from flowc.model.types import POISON, STRING, Field, Origin, Record, may_be_null, nullable

#: The formats that values are written in.
WRITTEN = tuple(format for format in registry.text_formats().values() if format.written_as)

#: The field that the text of a whole record is given in.
TEXT = "text"


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
        "with the one field `text` (a field that is called so is written in backticks). What is "
        "written is read back by `parse` as the same value. Null stays null, and an absent field "
        "becomes null. The formats are those of `parse`: "
        + ", ".join(f"`{format.written_as}`" for format in WRITTEN)
        + "."
    )
    form = "format a as FORMAT · format row as FORMAT"
    parameters = (Parameter("fields", Form.FORMATS, "the values, or `row`, and the format"),)
    corrections = {"to_json": "format", "tojson": "format", "serialize": "format"}
    examples = tuple(example for format in WRITTEN for example in format.write_examples)

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        written: tuple[Formatting, ...] = arguments.get("fields")
        whole = next((item for item in written if _is_row(item.path)), None)
        if whole is not None:
            if len(written) > 1:
                check.reporter.error(
                    WRONG_ARGUMENT,
                    "`row` is the whole record: nothing else is left beside it",
                    whole.span,
                    notes=("a field that is called row is written in backticks: `` `row` ``",),
                )
            return _whole(whole, arguments, row, facts, check)
        items = {item.path: item for item in written}

        def formatted(column: Column, path: Path) -> Typed | None:
            return _written(items[path], column, check, path)

        return replace_fields(arguments, tuple(items), row, facts, check, formatted)

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


def _written(
    item: Formatting, value: Typed, check: CheckContext, path: Path | None
) -> Apply | None:
    """The text of a value; None where it was reported that it has none."""
    format = known_format(item, WRITTEN, "written to a text", check)
    if format is None:
        return None
    spelled = format.writing(item, value, check)
    if spelled is None:
        return None
    return Apply(
        "format",
        spelled.form,
        (value, *spelled.arguments),
        nullable(STRING) if may_be_null(value.type) else STRING,
        errors=spelled.errors,
        span=path.span if path else None,
    )


def _whole(
    item: Formatting, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
) -> Outcome:
    parts = tuple(
        (field.name, Column((field.name,), field.type, present=not field.optional))
        for field in row.fields
    )
    made = MakeRecord(parts, Record(row.fields), arguments.span)
    value = _written(item, made, check, None)
    verb = f"was made by `{stage_text(arguments.span)}`"
    origin = (Origin(verb, arguments.span),)
    text = Field(TEXT, POISON if value is None else STRING, origin=origin)
    time = replace(facts.time, kept=False) if facts.time is not None else None
    reads = frozenset((name,) for name in row.names)
    return Outcome(
        ports={"out": Record((text,))},
        facts=replace(facts, keys=frozenset(), time=time),
        lineage=Lineage(reads=reads, computed={(TEXT,): reads}, rest=False),
        errors=value.errors if value is not None else frozenset(),
        outcome=None if value is None else WholeRow(value),
    )


OPERATOR = Format()
