"""``call module.function``: a function of the project's own Python."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.grouping import not_yet
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
from flowc.catalog.user_code import UserCall, infer_call, lower_call
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.effects import Facts
from flowc.model.tree import TypeExpr, Word
from flowc.model.types import Poison, Record
from flowc.types.relate import explain
from flowc.types.show import show

NOTHING_TO_CALL = declare("FC0435", "nothing-to-call", "`call` is told no function, or two")
GIVES_OTHER = declare(
    "FC0436", "function-gives-other", "A function gives other records than is said of it"
)

_PYTHON = ("python", "python3", "py")


_VAT = """\
from dataclasses import dataclass


@dataclass
class Order:
    id: int
    net: float


@dataclass
class Priced:
    id: int
    gross: float


def with_vat(record: Order) -> Priced:
    if record.net < 0:
        raise ValueError("less than nothing")
    return Priced(record.id, record.net * 1.2)
"""


class Call(Operator):
    name = "call"
    kind = "other people's code"
    summary = "calls a function of the project's own Python"
    doc = (
        "`call module.function` calls a function of `processors/module.py`, `call module` its "
        '`process` (or its only public function), `call from "./path/to/file.py"` that of another '
        "file of the project, from the folder of the pipeline file. All else is as for a stage that "
        "bears the processor's name: the types are read from the annotations without running the "
        "file, and an exception sends the record to the dead letter. A type behind `as` must be what "
        "the function gives. In YAML, `type: custom` with `script:` and `language: python` is the "
        "same."
    )
    form = 'call MODULE.FUNCTION [as Type] · call from "FILE.py" [as Type]'
    parameters = (
        Parameter("function", Form.REFERENCE, "a module and its function", required=False),
        Parameter("script", Form.FILE, "a Python file", clause="from", required=False),
        Parameter("language", Form.WORD, "its language", clause="using", required=False),
        Parameter("as", Form.TYPE, "the type of the records that it gives", required=False),
    )
    spellings = ("custom",)
    examples = (
        OperatorExample(
            "A file beside the pipeline",
            'call from "vat.py" as {id: int, gross: float}',
            '{"id": 1, "net": 10.0}\n{"id": 2, "net": -1.0}',
            '{"id": 1, "gross": 12.0}',
            dead=1,
            tables={"vat.py": _VAT},
        ),
    )
    corrections = {"apply": "call", "invoke": "call", "python": "call", "udf": "call"}

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        function: Word | None = arguments.get("function")
        script: Word | None = arguments.get("script")
        language: Word | None = arguments.get("language")
        nothing = Outcome(ports={"out": row}, facts=facts)
        if language is not None and language.text.lower() not in _PYTHON:
            not_yet(
                f"a processor in {language.text}",
                language.span,
                check,
                "`language: python` is; a program of any language is run by `exec`",
            )
            return nothing
        wanted = function or script
        if wanted is None or (function and script):
            check.reporter.error(
                NOTHING_TO_CALL,
                "two functions are named here" if wanted else "no function is named here",
                arguments.span,
                notes=(f"form: {self.form}", "in YAML `script:` names a Python file"),
            )
            return nothing
        code = check.processor(wanted.text)
        if code is None:
            return nothing
        found = infer_call(code, wanted.text, row, facts, check, arguments.span)
        written: TypeExpr | None = arguments.get("as")
        return found if written is None else _typed(found, written, check)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_call(outcome, context)


def _typed(found: Outcome, written: TypeExpr, check: CheckContext) -> Outcome:
    """The call with the type that is said of it, which must hold."""
    type = check.resolve_type(written)
    call = found.outcome
    if isinstance(type, Poison) or not isinstance(call, UserCall):
        return found
    mismatch = explain(call.gives, type, check.types) if isinstance(type, Record) else None
    if not isinstance(type, Record) or mismatch is not None:
        check.reporter.error(
            GIVES_OTHER,
            f"the function gives {call.processor.output_class}, not {show(type, width=40)}",
            written.span,
            at=mismatch.why if mismatch is not None else "",
            labels=(Label(call.processor.span, "the function is written here"),),
            notes=("change the annotation or the type, so that both say the same",),
        )
        return found
    names = frozenset(type.names)
    given = replace(
        type,
        fields=tuple(
            replace(field, origin=known.origin)
            for field in type.fields
            if (known := found.ports["out"].field(field.name)) is not None
        ),
    )
    lineage = replace(
        found.lineage,
        computed={way: reads for way, reads in found.lineage.computed.items() if way[0] in names},
    )
    return replace(found, ports={"out": given}, lineage=lineage, outcome=replace(call, gives=given))


OPERATOR = Call()
