"""Compares what a schema declares of a processor with what its code says."""

from __future__ import annotations

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.project import ProcessorCode, ProcessorDecl, Project
from flowc.types.mismatch import Mismatch
from flowc.types.relate import explain

DISAGREES = declare(
    "FC0209", "processor-disagrees", "A processor's code and its schema do not agree"
)


def check_agreement(name: str, project: Project, reporter: Reporter) -> None:
    """Report where the code of a processor takes or gives other than its schema declares.

    The code must take every record that the schema lets in, and give only records that
    the schema lets out.
    """
    declared = project.declared.get(name)
    code = project.processors.get(name)
    if declared is None or code is None:
        return
    if declared.input is not None:
        taken = explain(declared.input, code.input, project.types)
        if taken is not None:
            _disagrees(name, "takes", code.input_class, "input", taken, declared, code, reporter)
    if declared.output is not None:
        given = explain(code.output, declared.output, project.types)
        if given is not None:
            _disagrees(name, "gives", code.output_class, "output", given, declared, code, reporter)


def _disagrees(
    name: str,
    verb: str,
    class_name: str,
    end: str,
    mismatch: Mismatch,
    declared: ProcessorDecl,
    code: ProcessorCode,
    reporter: Reporter,
) -> None:
    field = mismatch.actual_field
    origins = field.origin if field is not None else ()
    reporter.error(
        DISAGREES,
        f"the code of '{name}' {verb} {class_name}, which is not the {end} that its schema declares",
        code.span,
        at=mismatch.why,
        labels=(
            Label(declared.span, f"the {end} is declared here"),
            *(
                Label(origin.span, f"`{mismatch.where}` {origin.verb}")
                for origin in origins
                if origin.span is not None
            ),
        ),
        notes=("change the annotations or the schema, so that both say the same",),
    )
