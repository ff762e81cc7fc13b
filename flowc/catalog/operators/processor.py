"""A stage that bears the name of one of the user's processors."""

from __future__ import annotations

from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    Outcome,
    Parameter,
)
from flowc.catalog.user_code import infer_call, lower_call
from flowc.model.effects import Facts
from flowc.model.tree import Word
from flowc.model.types import Record


class Processor(Operator):
    name = "processor"
    kind = "other people's code"
    summary = "calls the processor in processors/NAME.py"
    doc = (
        "`my-step` as a stage calls `process` of `processors/my_step.py`. Its input and "
        "output types are read from the annotations without running the file. An exception "
        "sends the record to the dead letter under the exception's class. The code runs once "
        "a record, unless `# flowc: pure` stands above it."
    )
    form = "NAME"
    parameters = (Parameter("name", Form.REFERENCE, "the name of the processor"),)

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        word: Word = arguments.get("name")
        code = check.processor(word.text)
        if code is None:
            return Outcome(ports={"out": row}, facts=facts)
        return infer_call(code, word.text, row, facts, check, arguments.span)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_call(outcome, context)


OPERATOR = Processor()
