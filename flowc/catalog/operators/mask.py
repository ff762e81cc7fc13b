"""``mask card keep 4``: all but the last characters of a text hidden."""

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
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts
from flowc.model.expr import Literal, Path
from flowc.model.typed import Apply, Column, Const, RuntimeCall, Typed
from flowc.model.types import INT, STRING, Record, may_be_null, nullable, strip_null
from flowc.types.relate import is_textual
from flowc.types.show import label

MASKED_NON_TEXT = declare("FC0367", "mask-non-text", "What is masked is not a text")
MASK_RANGE = declare("FC0368", "mask-out-of-range", "`keep` of `mask` takes a count from 0 on")

_MOST = 2**31


class Mask(Operator):
    name = "mask"
    kind = "protect"
    summary = "hides all but the last characters of texts"
    doc = (
        "Each character becomes `*`, but for the last ones that `keep` counts: none where it "
        "is not written. A text of no more than that many characters is hidden whole. Null "
        "stays null; an absent field becomes null. How long the text is can still be seen: "
        "`redact` hides that too."
    )
    form = "mask a, b.c [keep N]"
    parameters = (
        Parameter("fields", Form.PATHS, "the texts to hide"),
        Parameter(
            "keep", Form.NUMBER, "how many characters stay at the end", "keep", required=False
        ),
    )
    corrections = {"obfuscate": "mask", "hide": "mask"}
    examples = (
        OperatorExample(
            "The last four digits stay",
            "mask card keep 4",
            '{"id": 1, "card": "4111111111111234"}\n{"id": 2, "card": "123"}\n'
            '{"id": 3, "card": null}',
            '{"id": 1, "card": "************1234"}\n{"id": 2, "card": "***"}\n'
            '{"id": 3, "card": null}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        paths: tuple[Path, ...] = arguments.get("fields")
        keep = _keep(arguments.get("keep"), check)

        def masked(column: Column, path: Path) -> Typed | None:
            type = strip_null(column.type)
            if not is_textual(type):
                _not_text(column, path, check)
                return None
            made = nullable(STRING) if may_be_null(column.type) else STRING
            form = RuntimeCall("values.protect", "mask")
            return Apply("mask", form, (column, Const(keep, INT)), made, span=path.span)

        return replace_fields(arguments, paths, row, facts, check, masked)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


def _keep(written: Literal | None, check: CheckContext) -> int:
    count = 0 if written is None else int(written.text)
    if written is not None and not 0 <= count < _MOST:
        check.reporter.error(
            MASK_RANGE,
            f"`keep` takes a count from 0 to {_MOST - 1}",
            written.span,
            notes=("it says how many characters at the end of the text stay",),
        )
    return count


def _not_text(column: Column, path: Path, check: CheckContext) -> None:
    check.reporter.error(
        MASKED_NON_TEXT,
        f"`mask` hides texts, and this is {label(column.type)}",
        path.span,
        at=f"this is {label(column.type)}",
        notes=("`redact` makes a value of any type null; `cast` makes a text of it",),
    )


OPERATOR = Mask()
