"""What a run did: its books node by node, and what stopped it."""

from __future__ import annotations

import signal

from flowc.model.diagnostic import Code, Diagnostic, Fix, Severity
from flowc_runtime.engine import Result
from flowc_runtime.errors import CODES, Diagnosis


def summary(result: Result) -> str:
    """Records in and out of each node, what became of the rest, and the time it took."""
    rows = [
        (name, f"{received:,}", f"{left:,}", rest)
        for name, received, left, rest in result.accounts.rows()
    ]
    rows.insert(0, ("", "in", "out", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        f"  {name:<{widths[0]}}  {came:>{widths[1]}}  {left:>{widths[2]}}  {rest}".rstrip()
        for name, came, left, rest in rows
    ]
    nodes = result.accounts.nodes.values()
    read = sum(account.received for account in nodes if account.node.kind == "source")
    ends = f"{read:,} record{'' if read == 1 else 's'} in {result.seconds:.2f} s"
    if result.seconds >= 1:
        ends += f" ({read / result.seconds:,.0f}/s)"
    if result.dead_letters:
        plural = "" if result.dead_letters == 1 else "s"
        ends += f"; {result.dead_letters:,} dead letter{plural} in {result.dead_letter_path}"
    cut = result.accounts.cut_timestamps
    if cut:
        ends += f"; {cut:,} timestamp{'' if cut == 1 else 's'} cut to microseconds"
    if result.accounts.zoneless_timestamps:
        ends += "; timestamps without a time zone read as UTC"
    if result.signal is not None:
        ends += f"; stopped by {signal.Signals(result.signal).name}"
    return "\n".join([*lines, ends]) + "\n"


def as_diagnostic(diagnosis: Diagnosis) -> Diagnostic:
    """A failure of a run in the form of every other error."""
    return Diagnostic(
        Code(diagnosis.code, *CODES[diagnosis.code]),
        Severity.ERROR,
        diagnosis.message,
        notes=(diagnosis.why,) if diagnosis.why else (),
        fixes=tuple(Fix(_lower(text)) for text in diagnosis.suggestions),
    )


def _lower(text: str) -> str:
    """A sentence as it reads behind "help:"; names in capitals stay."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
