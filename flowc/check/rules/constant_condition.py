"""A condition that is the same for every record."""

from __future__ import annotations

from flowc.catalog.shared import Branches, constant_conditions
from flowc.check.rules import RuleContext, nothing_comes
from flowc.diagnostics.codes import declare
from flowc.model.graph import TypedPipeline
from flowc.model.typed import Const

CONSTANT_CONDITION = declare(
    "FC0403", "constant-condition", "A condition does not depend on the record"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """A filter that keeps all or nothing, a branch never or always taken."""
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        for condition in constant_conditions(known.outcome) if known else ():
            always = condition.value is True
            port = _port(known.outcome, condition) if known else "out"
            behind = () if always else typed.pipeline.only_behind(node.id, port)
            context.reporter.warning(
                CONSTANT_CONDITION,
                "this condition is always true" if always else "this condition is never true",
                condition.span or node.span,
                notes=("it names no field of the record", *nothing_comes(behind)),
            )


def _port(outcome: object, condition: Const) -> str:
    """The port by which records leave where the condition holds."""
    conditions = outcome.conditions if isinstance(outcome, Branches) else ()
    return next((port for port, each in conditions if each is condition), "out")
