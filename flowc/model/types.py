"""Type terms, rows, and where a type came from.

Terms are frozen and compare by structure: a record's name, a field's origin and its
notes are left out of equality.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from flowc.model.source import Span


class Kind(Enum):
    """The scalar types; ``value`` is the name in the language."""

    BOOL = "bool"
    INT = "int"
    INT32 = "int32"
    UINT32 = "uint32"
    UINT64 = "uint64"
    BIGINT = "bigint"
    FLOAT = "float"
    NUMBER = "number"
    STRING = "string"
    BYTES = "bytes"
    TIMESTAMP = "timestamp"
    DATE = "date"
    DURATION = "duration"
    UUID = "uuid"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Scalar:
    kind: Kind


@dataclass(frozen=True, slots=True)
class DecimalType:
    """``decimal(p, s)``; both None for ``decimal``: any, exact."""

    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class EnumType:
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListType:
    item: Type


@dataclass(frozen=True, slots=True)
class MapType:
    """A map with string keys."""

    value: Type


@dataclass(frozen=True, slots=True)
class Nullable:
    """``T?``. Never nested, never around `Poison`: build it with ``nullable()``."""

    inner: Type


@dataclass(frozen=True, slots=True)
class NullType:
    """The type of ``null``."""


@dataclass(frozen=True, slots=True)
class Never:
    """The type of no value: of an empty list's items, of ``if`` without a branch taken."""


@dataclass(frozen=True, slots=True)
class Poison:
    """Unknown because of an error already reported; relates to everything, says nothing."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A named type, by name: in written types, and where a record is recursive."""

    name: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """One step of how a type came about: ``verb`` reads after the field's name.

    "was read as int from orders.jsonl", "became string at `cast amount as string`".
    """

    verb: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Refinement:
    """What a schema states beyond the type. ``None`` and empty: nothing stated."""

    minimum: str | None = None
    maximum: str | None = None
    pattern: str | None = None
    unit: str | None = None
    pii: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; ``optional`` means that it may be absent (``b?: T``)."""

    name: str
    type: Type
    optional: bool = False
    refinement: Refinement = Refinement()
    origin: tuple[Origin, ...] = field(default=(), compare=False, repr=False)

    def because(self, verb: str, span: Span | None = None) -> Field:
        """The same field with one more step in its origin chain."""
        return replace(self, origin=(*self.origin, Origin(verb, span)))


class Openness(Enum):
    """What a record type says of fields it does not name.

    CLOSED: declared; others are projected away. REST: ``{…, ...}``; others are kept.
    UNSEEN: inferred; others are ignored unless they would reach a sink.
    """

    CLOSED = "closed"
    REST = "rest"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Record:
    """A record: fields in order. ``name`` is a label, not part of the type.

    ``members`` is set where the records of a stream are of a tagged union: ``fields`` are
    then those that all of its members have.
    """

    fields: tuple[Field, ...]
    openness: Openness = Openness.CLOSED
    name: str | None = field(default=None, compare=False)
    span: Span | None = field(default=None, compare=False, repr=False)
    members: Union | None = None

    def field(self, name: str) -> Field | None:
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        return None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields)

    def with_fields(self, fields: tuple[Field, ...]) -> Record:
        """The record with other fields; it loses its name and its members, since it is another
        type."""
        return Record(fields, self.openness, None, self.span)


@dataclass(frozen=True, slots=True)
class Variant:
    tag: str
    type: Type


@dataclass(frozen=True, slots=True)
class Union:
    """A tagged union: the field ``discriminator`` tells the variant.

    ``gone`` are tags of members that tests have ruled out: comparing with one is no
    mistake of spelling.
    """

    discriminator: str
    variants: tuple[Variant, ...]
    name: str | None = field(default=None, compare=False)
    gone: tuple[str, ...] = field(default=(), compare=False)


Type: TypeAlias = (
    Scalar
    | DecimalType
    | EnumType
    | ListType
    | MapType
    | Nullable
    | NullType
    | Never
    | Poison
    | Ref
    | Record
    | Union
)

BOOL = Scalar(Kind.BOOL)
INT = Scalar(Kind.INT)
INT32 = Scalar(Kind.INT32)
UINT32 = Scalar(Kind.UINT32)
UINT64 = Scalar(Kind.UINT64)
BIGINT = Scalar(Kind.BIGINT)
FLOAT = Scalar(Kind.FLOAT)
NUMBER = Scalar(Kind.NUMBER)
STRING = Scalar(Kind.STRING)
BYTES = Scalar(Kind.BYTES)
TIMESTAMP = Scalar(Kind.TIMESTAMP)
DATE = Scalar(Kind.DATE)
DURATION = Scalar(Kind.DURATION)
UUID = Scalar(Kind.UUID)
JSON = Scalar(Kind.JSON)
DECIMAL = DecimalType()
NULL = NullType()
NEVER = Never()
POISON = Poison()

#: The names of the scalar types, each also the name of its conversion function.
SCALAR_NAMES: tuple[str, ...] = (*(kind.value for kind in Kind), "decimal")


def nullable(type: Type) -> Type:
    """``T?`` without nesting; json holds null already, and poison absorbs."""
    if isinstance(type, Nullable | NullType | Poison) or type == JSON:
        return type
    if isinstance(type, Never):
        return NULL
    return Nullable(type)


def strip_null(type: Type) -> Type:
    """The type without null: what is left after a null test."""
    if isinstance(type, Nullable):
        return type.inner
    if isinstance(type, NullType):
        return NEVER
    return type


def may_be_null(type: Type) -> bool:
    """Whether a value of the type may be null (json may)."""
    return isinstance(type, Nullable | NullType) or type == JSON
