"""Leaves out tests that are always true."""

from __future__ import annotations

from dataclasses import replace

from flowc.model.plan import Keep, PassNote, Plan, Pure, Step
from flowc.model.typed import Const


def drop_constant_tests(plan: Plan) -> Plan:
    """A ``Keep`` whose condition is the constant true keeps everything: it goes."""
    notes: list[PassNote] = []
    blocks = []
    for block in plan.blocks:
        if isinstance(block.body, Pure):
            kept: list[Step] = []
            for step in block.body.steps:
                if _always(step):
                    notes.append(PassNote("drop_constant_tests", f"{step.node} keeps every record"))
                else:
                    kept.append(step)
            if len(kept) != len(block.body.steps):
                block = replace(block, body=Pure(tuple(kept)))
        blocks.append(block)
    return replace(plan, blocks=tuple(blocks), notes=(*plan.notes, *notes))


def _always(step: Step) -> bool:
    return (
        isinstance(step, Keep)
        and isinstance(step.condition, Const)
        and step.condition.value is True
    )
