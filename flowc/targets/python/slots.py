"""The columns of a row as Python expressions, and records made of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowc.model.typed import Column
from flowc.model.types import (
    Field,
    ListType,
    Record,
    Type,
    Union,
    Variant,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.targets.base import EmissionError
from flowc.targets.python.records import RecordClass, RecordClasses, shape
from flowc.targets.python.syntax import (
    attribute,
)
from flowc.types.lattice import join_all
from flowc.types.resolve import variant_record


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a column of the current row is found, and its type there."""

    value: ast.expr
    type: Type
    optional: bool = False


def slots_of(record: RecordClass) -> dict[str, Slot]:
    """The columns of a record that came in; of a union's members, those of each of them."""
    fields = {f.name: f for f in record.record.fields}
    members = record.record.members
    for variant in members.variants if members is not None else ():
        of = variant_record(variant, members.discriminator, {}) if members is not None else None
        for field in of.fields if of is not None else ():
            fields.setdefault(field.name, field)
    return {
        name: Slot(attribute(ast.Name("record"), record.attributes[name]), f.type, f.optional)
        for name, f in fields.items()
    }


def made_record(row: Record, slots: Mapping[str, Slot], classes: RecordClasses) -> Record:
    """The record that leaves, with the types that its columns really have."""
    if row.members is not None:
        return _made_members(row, row.members, slots, classes)
    fields = (
        Field(f.name, real_type(f.type, slots[f.name].type, classes), f.optional)
        for f in row.fields
    )
    return Record(tuple(fields), row.openness, row.name)


def _made_members(
    row: Record, union: Union, slots: Mapping[str, Slot], classes: RecordClasses
) -> Record:
    variants: list[Variant] = []
    for variant in union.variants:
        type = classes.resolved(variant.type)
        assert isinstance(type, Record)
        fields = tuple(
            f
            if f.name == union.discriminator
            else replace(f, type=real_type(f.type, slots[f.name].type, classes))
            for f in type.fields
        )
        variants.append(replace(variant, type=replace(type, fields=fields)))
    return replace(row, members=replace(union, variants=tuple(variants)))


def construct(
    gives: RecordClass, slots: Mapping[str, Slot], rest: ast.expr | None = None
) -> ast.expr:
    """``Gives(a=…, b=…)``; ``rest`` are the members that its type does not name."""
    made = ast.Call(ast.Name(gives.name), [], [])
    for field in gives.record.fields:
        if field.name != gives.tag:
            value = slots[field.name].value
            made.keywords.append(ast.keyword(gives.attributes[field.name], value))
    if rest is not None and gives.keeps_rest:
        made.keywords.append(ast.keyword("rest_", rest))
    return made


class Resolver:
    """Columns of the current row as Python expressions.

    ``union``: the records that came in are its members, and the column that tells them
    apart is still theirs.
    """

    def __init__(
        self, classes: RecordClasses, row: Mapping[str, Slot], union: Union | None = None
    ) -> None:
        self._classes = classes
        self._row = row
        self._union = union

    def __call__(self, column: Column) -> ast.expr:
        return self.slot(column.path).value

    def stored(self, path: tuple[str, ...]) -> tuple[Type, bool]:
        """The type a column is stored with, and whether it may be absent."""
        slot = self.slot(path)
        return slot.type, slot.optional

    def slot(self, path: tuple[str, ...]) -> Slot:
        """Where a column, or a field of a record in one, is found."""
        slot = self._row[path[0]]
        for name in path[1:]:
            found = self._field(self._classes.resolved(strip_null(slot.type)), name)
            if found is None:
                raise EmissionError(f"the column {'.'.join(path)} is no record's field")
            field, name = found
            slot = Slot(attribute(slot.value, name), field.type, field.optional)
        return slot

    def members(self, path: tuple[str, ...]) -> tuple[ast.expr, Mapping[str, ast.expr]] | None:
        """The union that a column tells the members of, and their classes by tag; None where
        a column is no such discriminator."""
        value: ast.expr = ast.Name("record")
        union: Type | None = self._union
        if len(path) > 1:
            slot = self.slot(path[:-1])
            value, union = slot.value, self._classes.resolved(strip_null(slot.type))
        if not isinstance(union, Union) or union.discriminator != path[-1]:
            return None
        classes = self._classes.members(union)
        return value, {tag: ast.Name(made.name) for tag, made in classes.items()}

    def _field(self, type: Type, name: str) -> tuple[Field, str] | None:
        """A field of a record, or of those of a union's members that have it; its attribute."""
        match type:
            case Record():
                field = type.field(name)
                return None if field is None else (field, self._classes.of(type).attributes[name])
            case Union():
                having = [
                    made
                    for made in self._classes.members(type).values()
                    if made.record.field(name) is not None
                ]
                if not having:
                    return None
                fields = [field for made in having if (field := made.record.field(name))]
                types = tuple(field.type for field in fields)
                joined = join_all(types) or fields[0].type
                optional = any(field.optional for field in fields)
                return replace(fields[0], type=joined, optional=optional), having[0].attributes[
                    name
                ]
            case _:
                return None


def real_type(declared: Type, actual: Type, classes: RecordClasses) -> Type:
    """The declared type of a column that is carried, but with the records really in it.

    What is behind may use fewer fields of a record in it than are there.
    """
    if shape(strip_null(declared)) == shape(strip_null(actual)):
        return declared
    if not _has_record(declared):
        return declared
    inner, wider = strip_null(declared), classes.resolved(strip_null(actual))
    if isinstance(inner, Union) and isinstance(wider, Union):
        real = {variant.tag: variant for variant in wider.variants}
        variants = tuple(real.get(variant.tag, variant) for variant in inner.variants)
        made = replace(inner, variants=variants)
        return nullable(made) if may_be_null(declared) else made
    return nullable(strip_null(actual)) if may_be_null(declared) else strip_null(actual)


def _has_record(type: Type) -> bool:
    match strip_null(type):
        case Record() | Union():
            return True
        case ListType(item=item):
            return _has_record(item)
        case _:
            return False
