"""What is of two types at once, for `allOf`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from flowc.model.types import (
    JSON,
    Field,
    MapType,
    Never,
    Openness,
    Poison,
    Record,
    Ref,
    Refinement,
    Type,
    Union,
    Variant,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.lattice import meet


@dataclass(slots=True)
class Merge:
    """Merges types; ``open`` gives what a name stands for. ``conflicts`` are the fields that no
    type fits as both records want it: each is `json`."""

    open: Callable[[Ref], Type]
    conflicts: list[Field] = field(default_factory=list)

    def of(self, a: Type, b: Type) -> Type | None:
        """The type of the values of both; None where no type is theirs.

        Records have the fields of both. `json`, and a map of it as ``type: object`` alone gives
        it, say nothing more. A value may be null where both allow it.
        """
        if isinstance(a, Poison) or a == JSON:
            return b
        if isinstance(b, Poison) or b == JSON:
            return a
        both = self._values(strip_null(a), strip_null(b))
        return nullable(both) if both is not None and may_be_null(a) and may_be_null(b) else both

    def _values(self, a: Type, b: Type) -> Type | None:
        if a == b:
            return a
        if isinstance(a, Ref) or isinstance(b, Ref):
            x = self.open(a) if isinstance(a, Ref) else a
            y = self.open(b) if isinstance(b, Ref) else b
            found = None if isinstance(x, Ref) or isinstance(y, Ref) else self.of(x, y)
            # A name is kept where the other says nothing more.
            return a if found == x else b if found == y else found
        match a, b:
            case Record(), Record():
                return self._records(a, b)
            case (Record() | Union() as whole, MapType(inner)):
                return whole if inner == JSON else None
            case (MapType(inner), Record() | Union() as whole):
                return whole if inner == JSON else None
            case (Union() as union, Record() as record) | (Record() as record, Union() as union):
                return self._into(union, record)
            case _:
                found = meet(a, b)
                return None if isinstance(found, Never) else found

    def _into(self, union: Union, record: Record) -> Type | None:
        """The union with the fields of a record in each of its members."""
        variants: list[Variant] = []
        for variant in union.variants:
            both = self.of(record, variant.type)
            if both is None:
                return None
            variants.append(replace(variant, type=both))
        return replace(union, variants=tuple(variants), name=None)

    def _records(self, a: Record, b: Record) -> Record:
        fields = {one.name: one for one in a.fields}
        for one in b.fields:
            before = fields.get(one.name)
            fields[one.name] = one if before is None else self._field(before, one)
        openness = Openness.REST if Openness.REST in (a.openness, b.openness) else Openness.CLOSED
        return Record(tuple(fields.values()), openness, None, a.span)

    def _field(self, a: Field, b: Field) -> Field:
        optional = a.optional and b.optional
        type = self.of(a.type, b.type)
        if type is None:
            self.conflicts.append(b)
            return Field(a.name, JSON, optional, origin=b.origin)
        origin = a.origin if b.type == JSON else b.origin
        return Field(a.name, type, optional, both_stated(a.refinement, b.refinement), origin)


def both_stated(a: Refinement, b: Refinement) -> Refinement:
    """What two refinements state together, the second where they state the same thing."""
    return Refinement(b.minimum or a.minimum, b.maximum or a.maximum, b.pattern or a.pattern)
