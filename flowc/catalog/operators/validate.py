"""``validate cond [message "…"]``: records for which it does not hold are errors."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.shared import Test, both, condition, stage_text
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
from flowc.model.effects import VALIDATION_ERROR, Facts
from flowc.model.expr import Expr, Literal, Template
from flowc.model.graph import Lineage
from flowc.model.plan import Keep
from flowc.model.typed import columns, errors, is_deterministic
from flowc.model.types import Record


class Validate(Operator):
    name = "validate"
    kind = "keep or fail"
    summary = "sends records for which a condition does not hold to the dead letter"
    doc = (
        "False **and null** fail: a record passes only where the condition is true. A record "
        "that fails goes to the dead letter as a ValidationError with the message."
    )
    form = 'validate cond [message "…"]'
    parameters = (
        Parameter("condition", Form.CONDITION, "what must hold"),
        Parameter(
            "message", Form.TEXT, "what the dead letter says", clause="message", required=False
        ),
    )
    corrections = {"assert": "validate", "check": "validate", "ensure": "validate"}
    examples = (
        OperatorExample(
            "A negative amount is an error",
            'validate amount >= 0 message "negative amount"',
            '{"id": 1, "amount": 5}\n{"id": 2, "amount": -1}',
            '{"id": 1, "amount": 5}',
            dead=1,
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        typed = condition(arguments, "condition", row, check)
        written: Expr = arguments.get("condition")
        message = arguments.get("message")
        return Outcome(
            ports={"out": check.narrow(row, typed, True)},
            facts=replace(facts, deterministic=both(facts, is_deterministic(typed))),
            lineage=Lineage(reads=columns(typed)),
            errors=errors(typed) | {VALIDATION_ERROR},
            outcome=Test(typed, _text(message) or f"`{stage_text(written.span)}` does not hold"),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Test)
        return (
            Keep(context.node.id, outcome.condition, reason="invalid", message=outcome.message),
        )


def _text(message: object) -> str | None:
    match message:
        case Template():
            return message.plain
        case Literal(text=text):
            return text
        case _:
            return None


OPERATOR = Validate()
