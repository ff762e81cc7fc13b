"""Streams whose records are members of a tagged union."""

from __future__ import annotations

from collections.abc import Mapping

from flowc.catalog import registry
from flowc.catalog.spec import Operator, Outcome
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.graph import EndpointBinding
from flowc.model.source import Span
from flowc.model.types import Poison, Record, Union
from flowc.types.members import flat, lifted, row_of
from flowc.types.resolve import Env
from flowc.types.show import label, quoted, show, show_name

NO_MEMBERS = declare(
    "FC0395", "no-room-for-members", "Rows of one shape cannot hold the members of a union"
)
MEMBERS_MIXED = declare(
    "FC0396", "members-mixed", "A stage makes other records of members that are not told apart"
)

#: The kinds of operators that look at one record at a time.
_ROWWISE = frozenset({"keep or fail", "shape", "protect"})


def members_of(
    union: Union, binding: EndpointBinding, span: Span, env: Env, reporter: Reporter
) -> Record | None:
    """The row of a source whose records are of a union; None where its rows have one shape."""
    if _has_room(binding):
        return row_of(union, env, span)
    _report(
        binding, union, span, (f"declare the columns: `as {show(flat(union, env))}`",), reporter
    )
    return None


def keeps_members(
    binding: EndpointBinding, row: Record, span: Span, env: Env, reporter: Reporter
) -> bool:
    """Whether a sink can keep the records; reported where they are of several shapes and it
    cannot."""
    union = row.members
    if union is None or len(union.variants) == 1 or _has_room(binding):
        return True
    tag = show_name(union.discriminator)
    columns = ", ".join(map(show_name, row.names))
    notes = (
        f"take what all of them have (`select {columns}`), or what only some have, too: "
        f'`select n = if {tag} == "a" then n else null`',
        "or write JSON lines, which keep each as it is",
    )
    _report(binding, union, span, notes, reporter)
    return False


def lifted_ports(
    operator: Operator, outcome: Outcome, row: Record, span: Span, env: Env, reporter: Reporter
) -> Mapping[str, Record]:
    """What leaves a stage that was given members of a union: of what it does not name, each
    member keeps its own."""
    union = row.members
    assert union is not None
    ports: dict[str, Record] = {}
    for port, made in outcome.ports.items():
        ports[port] = made
        poisoned = any(isinstance(field.type, Poison) for field in made.fields)
        if made.members is not None or not outcome.lineage.rest or poisoned:
            continue
        members = lifted(row, made, env)
        if members is not None and operator.kind in _ROWWISE:
            ports[port] = members
        elif len(union.variants) > 1:
            tag = show_name(union.discriminator)
            reporter.error(
                MEMBERS_MIXED,
                f"`{operator.name}` takes `{tag}` away, which tells the records apart"
                if members is None
                else f"`{operator.name}` makes other records, and these are of several kinds",
                span,
                notes=(
                    f"keep those of one kind first (`filter {tag} == "
                    f"{quoted(union.variants[0].tag)}`), give each a branch of `route`, or "
                    "`select` what all of them have",
                ),
            )
    return ports


def _has_room(binding: EndpointBinding) -> bool:
    """Whether records of one endpoint may have different fields."""
    format = registry.format(binding.format)
    return format is not None and format.keeps_rest


def _report(
    binding: EndpointBinding, union: Union, span: Span, notes: tuple[str, ...], reporter: Reporter
) -> None:
    reporter.error(
        NO_MEMBERS,
        f"'{binding.shown}' has the same columns in every record, and the members of "
        f"{label(union)} have their own",
        span,
        notes=notes,
    )
