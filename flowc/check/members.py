"""Streams whose records are members of a tagged union."""

from __future__ import annotations

from collections.abc import Mapping

from flowc.catalog import registry
from flowc.catalog.spec import Operator, Outcome
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.graph import EndpointBinding
from flowc.model.source import Span
from flowc.model.types import (
    STRING,
    EnumType,
    ListType,
    MapType,
    Nullable,
    Poison,
    Record,
    Ref,
    Type,
    Union,
    Variant,
)
from flowc.types.members import flat, lifted, row_of
from flowc.types.resolve import Env
from flowc.types.show import label, quoted, show, show_name

NO_MEMBERS = declare(
    "FC0395", "no-room-for-members", "Rows of one shape cannot hold the members of a union"
)
MEMBERS_MIXED = declare(
    "FC0396", "members-mixed", "A stage makes other records of members that are not told apart"
)

UNFIT_MEMBER = declare(
    "FC0397", "unfit-member", "A member of a union is no record, or has another kind of tag"
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


def fit_members(type: Type, span: Span, reporter: Reporter) -> bool:
    """Whether all members of unions in a written type are records that can be told apart by
    their tag; reported where they are not."""
    stack: list[Type] = [type]
    while stack:
        here = stack.pop()
        match here:
            case Nullable(inner=inner) | ListType(item=inner) | MapType(value=inner):
                stack.append(inner)
            case Record(fields=fields):
                stack.extend(field.type for field in fields)
            case Union(discriminator, variants):
                for variant in variants:
                    problem = _unfit(variant, discriminator)
                    if problem:
                        reporter.error(
                            UNFIT_MEMBER,
                            problem,
                            span,
                            notes=(
                                f"the members of a union are records; `{discriminator}` tells "
                                "which one a record is, and need not be written in them",
                            ),
                        )
                        return False
                    stack.append(variant.type)
            case _:
                pass
    return True


def _unfit(variant: Variant, discriminator: str) -> str:
    """Why a member of a union cannot be one; empty where it can."""
    tag = f"the member `{show_name(variant.tag)}`"
    if isinstance(variant.type, Poison | Ref):
        return ""
    if not isinstance(variant.type, Record):
        return f"{tag} is {label(variant.type)}, not a record"
    own = variant.type.field(discriminator)
    if own is None or own.type == STRING:
        return ""
    if isinstance(own.type, EnumType) and variant.tag in own.type.values:
        return ""
    return f"in {tag}, `{show_name(discriminator)}` is {label(own.type)}, and cannot be its tag"


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
