"""``tee { branch; branch }``: a copy of every record to each branch."""

from __future__ import annotations

import re

from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    ForeignStage,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
    Port,
)
from flowc.model.effects import Facts
from flowc.model.plan import Fork
from flowc.model.types import Record


def _branches(stage: ForeignStage) -> str | None:
    """``fork (a | b) (c)`` and ``fork { a; b }``"""
    groups = re.findall(r"\(((?:[^()]|\([^()]*\))*)\)", stage.rest)
    if stage.rest.startswith("("):
        return "tee { " + "; ".join(group.strip() for group in groups) + " }"
    return f"tee {stage.rest}"


class Tee(Operator):
    name = "tee"
    kind = "flow"
    summary = "gives each branch a copy of every record, and passes the record on"
    doc = (
        "Branches end with `;` or a line end. A branch that ends in no sink flows on behind "
        "the tee, beside the records themselves."
    )
    form = "tee { branch; branch }"
    parameters = (Parameter("branches", Form.BRANCHES, "what each copy goes through"),)
    corrections = {
        "fork": _branches,
        "branch": _branches,
        "duplicate": _branches,
        "copy": _branches,
    }
    examples = (
        OperatorExample(
            "Large records once more",
            "tee { filter amount > 100 }",
            '{"id": 1, "amount": 250}\n{"id": 2, "amount": 40}',
            '{"id": 1, "amount": 250}\n{"id": 1, "amount": 250}\n{"id": 2, "amount": 40}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        ports: tuple[Port, ...] = arguments.get("branches")
        names = ("out", *(port.name for port in ports))
        return Outcome(ports=dict.fromkeys(names, row), facts=facts, outcome=names)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        names: tuple[str, ...] = outcome  # type: ignore[assignment]
        return Fork(context.node.id, names)


OPERATOR = Tee()
