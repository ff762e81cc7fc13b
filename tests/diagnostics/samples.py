"""Diagnostics made by hand: every renderer shows the same ones."""

from __future__ import annotations

from flowc.model.diagnostic import Code, Diagnostic, Edit, Fix, Label, Safety, Severity
from flowc.model.source import SourceFile, Span

PIPELINE = SourceFile(
    "orders.yaml",
    "source: orders.jsonl\n"
    "process:\n"
    "  - enrich: add-vat   # taxes\n"
    "  - process-refund\n"
    "sink: out.jsonl\n",
)
SCHEMA = SourceFile(
    "schemas/pay.schema.yaml", "types:\n  Payment:\n    amount: number\n    currency: string\n"
)
WIDE = SourceFile("wide.flow", "a.jsonl\n\t| filter 名前 == '日本\x1b[31m\u202e' and ok | -\n")
LONG = SourceFile("<command line>", "x" * 300 + " | filter amout > 3 | " + "y" * 400)

MISMATCH = Code("FC0305", "input-mismatch", "A record does not fit")
UNKNOWN = Code("FC0210", "unknown-field", "A field does not exist")
UNREACHABLE = Code("FC0801", "nothing-listens", "Nothing listens there")


def at(source: SourceFile, text: str) -> Span:
    start = source.text.index(text)
    return source.span(start, start + len(text))


SAMPLES: dict[str, Diagnostic] = {
    "two-files": Diagnostic(
        MISMATCH,
        Severity.ERROR,
        "'process-refund' expects Payment but receives Order → it lacks `currency`, which a "
        "refund must name",
        at(PIPELINE, "process-refund"),
        "expects Payment",
        (
            Label(at(PIPELINE, "enrich: add-vat"), "gives Order"),
            Label(at(SCHEMA, "currency: string"), "declared here"),
        ),
        ("`currency` was dropped at `select`, line 2", "first line\nsecond line"),
        (
            Fix("call it refund", (Edit(at(PIPELINE, "process-refund"), "refund"),)),
            Fix(
                "leave the step out",
                (Edit(at(PIPELINE, "  - process-refund\n"), ""),),
                Safety.UNSAFE,
            ),
        ),
    ),
    "wide-and-unsafe": Diagnostic(
        UNKNOWN,
        Severity.WARNING,
        "escape \x1b[2J and \u202e do not act",
        at(WIDE, "ok"),
        "unknown",
        (Label(at(WIDE, "名前"), "a string"), Label(at(WIDE, "'日本\x1b[31m\u202e'"), "odd")),
    ),
    "several-lines": Diagnostic(
        MISMATCH,
        Severity.NOTE,
        "a span of several lines",
        at(PIPELINE, "process:\n  - enrich: add-vat   # taxes\n  - process-refund"),
        "all of this",
    ),
    "long-line": Diagnostic(
        UNKNOWN,
        Severity.ERROR,
        "there is no field 'amout'",
        at(LONG, "amout"),
        "no such field, and this label is too long to stand beside the carets",
        fixes=(Fix("write amount", (Edit(at(LONG, "amout"), "amount"),)),),
    ),
    "no-place": Diagnostic(
        UNREACHABLE,
        Severity.ERROR,
        "cannot connect to postgres://localhost/analytics",
        notes=("PostgreSQL is not running on localhost:5432",),
        fixes=(
            Fix("start PostgreSQL: brew services start postgresql"),
            Fix("check the connection: psql -h localhost -U postgres"),
        ),
    ),
    "end-of-text": Diagnostic(
        UNKNOWN, Severity.ERROR, "a sink is missing", SCHEMA.span(len(SCHEMA.text)), "here"
    ),
}
