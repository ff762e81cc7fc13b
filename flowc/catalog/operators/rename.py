"""``rename new = old``: call fields otherwise."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.shared import carried_column, names_of, renamed_facts, stage_text, unique_names
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
    Renaming,
)
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix
from flowc.model.effects import Facts
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.source import Span
from flowc.model.types import Field, Record
from flowc.syntax.foreign import parts

RENAMED_BACKWARDS = declare(
    "FC0336", "rename-backwards", "The two names of `rename` stand in the wrong order"
)
NESTED_RENAME = declare(
    "FC0337", "nested-rename", "`rename` is for the fields of the record itself"
)
NAME_TAKEN = declare("FC0338", "rename-to-existing", "A field is renamed to a name that is taken")


def _rename(stage: ForeignStage) -> str | None:
    """``rename old,new``, ``rename {old: new}``, ``rename old -> new``, ``rename old to new``"""
    rest = re.sub(r"^-c\s+", "", stage.rest)
    pairs = re.findall(r"([\w.]+)\s*(?:->|:|\bto\b)\s*(\w+)", rest)
    if pairs:
        return "rename " + ", ".join(f"{new} = {old}" for old, new in pairs)
    found = parts(rest)
    if len(found) % 2 or not all(re.fullmatch(r"[\w.]+", name) for name in found):
        return None
    turned = zip(found[::2], found[1::2], strict=True)
    return "rename " + ", ".join(f"{new} = {old}" for old, new in turned)


class Rename(Operator):
    name = "rename"
    kind = "shape"
    summary = "calls fields otherwise"
    doc = "`new = old` and `old as new` say the same. A field keeps its place and its type."
    form = "rename new = old"
    parameters = (Parameter("columns", Form.RENAMES, "new names and the fields they are for"),)
    corrections = {
        "mv": _rename,
        "alias": _rename,
        "project-rename": "rename",
        "rename": _rename,
    }
    examples = (
        OperatorExample(
            "In both directions",
            "rename total = amount, id as order_id",
            '{"id": 1, "amount": 2.5}',
            '{"order_id": 1, "total": 2.5}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        renamings: tuple[Renaming, ...] = arguments.get("columns")
        names: dict[str, str] = {}
        spans: dict[str, Span] = {}
        for renaming in renamings:
            pair = _pair(renaming, row, check)
            if pair is not None:
                names[pair[0]] = pair[1]
                spans[pair[0]] = renaming.span
        self._clashes(names, spans, row, arguments, check)
        fields = tuple(_renamed(field, names, spans) for field in row.fields)
        every = {field.name: names.get(field.name, field.name) for field in row.fields}
        return Outcome(
            ports={"out": row.with_fields(fields)},
            facts=renamed_facts(facts, every),
            lineage=Lineage(carried={(new,): (old,) for old, new in names.items()}),
            outcome=tuple(every.items()),
        )

    def _clashes(
        self,
        names: dict[str, str],
        spans: dict[str, Span],
        row: Record,
        arguments: Arguments,
        check: CheckContext,
    ) -> None:
        unique_names([(new, spans[old]) for old, new in names.items()], check, arguments.word.text)
        for old, new in list(names.items()):
            if row.field(new) is not None and new not in names and new != old:
                check.reporter.error(
                    NAME_TAKEN,
                    f"'{old}' cannot be called '{new}': the record has a field of that name",
                    spans[old],
                    notes=(f"drop '{new}' first, or choose another name",),
                )
                del names[old]

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        every: tuple[tuple[str, str], ...] = outcome  # type: ignore[assignment]
        row = context.ports["out"]
        columns = tuple(
            (
                new,
                carried_column((old,), field),
            )
            for (old, new), field in zip(every, row.fields, strict=True)
        )
        return (Project(context.node.id, columns, row),)


def _pair(renaming: Renaming, row: Record, check: CheckContext) -> tuple[str, str] | None:
    """(old, new) of one renaming; reported and None where it cannot be done."""
    old, new = names_of(renaming.old, check), names_of(renaming.new, check)
    if old is None or new is None:
        return None
    if len(old) > 1 or len(new) > 1:
        check.reporter.error(
            NESTED_RENAME,
            "a nested field cannot be renamed in place",
            renaming.span,
            notes=("`set` makes the field under its new name, `drop` takes the old one away",),
        )
        return None
    if row.field(old[0]) is None and row.field(new[0]) is not None:
        check.reporter.error(
            RENAMED_BACKWARDS,
            f"there is no field '{old[0]}', but there is '{new[0]}'",
            renaming.span,
            notes=("the new name stands left of `=`, and behind `as`",),
            fixes=(
                Fix(
                    "swap the names",
                    (
                        Edit(renaming.old.span, renaming.new.span.text),
                        Edit(renaming.new.span, renaming.old.span.text),
                    ),
                ),
            ),
        )
        return None
    if check.field(renaming.old, row) is None:
        return None
    return old[0], new[0]


def _renamed(field: Field, names: dict[str, str], spans: dict[str, Span]) -> Field:
    new = names.get(field.name)
    if new is None:
        return field
    span = spans[field.name]
    return replace(field, name=new).because(f"was renamed by `{stage_text(span)}`", span)


OPERATOR = Rename()
