"""``redact notes``: the value gone, the field kept."""

from __future__ import annotations

from flowc.catalog.assigning import lower_assigned
from flowc.catalog.replacing import replace_fields
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.model.effects import Facts
from flowc.model.expr import Path
from flowc.model.typed import Column, Const, If, IsNull, Typed
from flowc.model.types import BOOL, NULL, STRING, Record, may_be_null, nullable, strip_null

#: What stands for a text that is not to be read.
MARK = "[redacted]"


class Redact(Operator):
    name = "redact"
    kind = "protect"
    summary = "takes the values of fields away and keeps the fields"
    doc = (
        'A text becomes `"[redacted]"`, however long it was; a value of any other type '
        "becomes null. Null stays null, and an absent field becomes null. `drop` takes the "
        "field itself away."
    )
    form = "redact a, b.c"
    parameters = (Parameter("fields", Form.PATHS, "the fields whose values go"),)
    corrections = {"censor": "redact", "anonymize": "redact", "scrub": "redact"}
    examples = (
        OperatorExample(
            "Notes and a birthday",
            "redact notes, born",
            '{"id": 1, "notes": "called twice", "born": "1990-05-01"}\n'
            '{"id": 2, "notes": null, "born": "1985-12-24"}',
            '{"id": 1, "notes": "[redacted]", "born": null}\n'
            '{"id": 2, "notes": null, "born": null}',
            type="{id: int, notes: string?, born: date}",
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        paths: tuple[Path, ...] = arguments.get("fields")
        return replace_fields(arguments, paths, row, facts, check, _redacted)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


def _redacted(column: Column, path: Path) -> Typed:
    if strip_null(column.type) != STRING:
        return Const(None, nullable(column.type), path.span)
    mark = Const(MARK, STRING, path.span)
    if not may_be_null(column.type):
        return mark
    null = Const(None, NULL, path.span)
    missing = IsNull(column, negated=False, type=BOOL, span=path.span)
    return If(missing, null, mark, column.type, path.span)


OPERATOR = Redact()
