"""Orders of records, and records arranged for a state that hands them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowc.catalog.aggregates import is_ordered
from flowc.catalog.spec import CheckContext, Remembering
from flowc.diagnostics.codes import declare
from flowc.model.plan import CallRuntime, Project, Step
from flowc.model.tree import Item
from flowc.model.typed import Column, Typed
from flowc.model.types import Field, Poison, Record, strip_null
from flowc.types.show import label

UNFIT_ORDER = declare("FC0383", "unfit-order", "Records cannot be ordered by values of this type")


@dataclass(frozen=True, slots=True)
class By:
    """One order: nulls come last unless it says otherwise."""

    value: Typed
    descending: bool
    nulls_first: bool


def orders_of(written: Sequence[Item], row: Record, check: CheckContext) -> tuple[By, ...]:
    """Written orders, typed."""
    found: list[By] = []
    for item in written:
        value = check.infer(item.value, row)
        kind = strip_null(value.type)
        if not is_ordered(kind) and not isinstance(kind, Poison):
            check.reporter.error(
                UNFIT_ORDER,
                f"{label(kind)} has no order",
                item.value.span,
                at=f"this is {label(kind)}",
                notes=("numbers, texts and times have one; convert it: `string(x)`",),
            )
        found.append(By(value, item.descending is True, item.nulls_first is True))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Arranged:
    """A row in which a state finds the values it reads by name.

    Fields that are there already are read where they are; other values are columns made before
    the state and left out after it.
    """

    row: Record
    names: tuple[str, ...]
    made: tuple[tuple[str, Typed], ...]

    @classmethod
    def of(cls, row: Record, values: Sequence[Typed]) -> Arranged:
        """``names`` are where the values are found, in their order."""
        names: list[str] = []
        made: list[tuple[str, Typed]] = []
        for value in values:
            if isinstance(value, Column) and len(value.path) == 1 and value.present:
                names.append(value.path[0])
                continue
            name = f"key {len(made) + 1}"
            while row.field(name) is not None:
                name += "_"
            made.append((name, value))
            names.append(name)
        return cls(row, tuple(names), tuple(made))

    def around(
        self, state: CallRuntime, out: Record, also: Sequence[tuple[Field, Typed]] = ()
    ) -> Remembering:
        """The state between the steps that make the columns and take them away again.

        ``also`` are fields of ``out`` that are no fields of the row.
        """
        node = state.node
        fields = (
            *self.row.fields,
            *(field for field, _ in also),
            *(Field(name, value.type) for name, value in self.made),
        )
        takes = self.row.with_fields(fields)
        if takes.fields == self.row.fields:
            return Remembering(state, self.row, out)
        columns = (
            *carried_columns(self.row),
            *((field.name, value) for field, value in also),
            *self.made,
        )
        after: tuple[Step, ...] = (Project(node, carried_columns(out), out),) if self.made else ()
        return Remembering(state, takes, takes, (Project(node, columns, takes),), after)


def carried_columns(row: Record) -> tuple[tuple[str, Typed], ...]:
    """Every field of a row, as it is."""
    return tuple(
        (field.name, Column((field.name,), field.type, present=not field.optional))
        for field in row.fields
    )
