"""Records of types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from ._runtime.records import Int64, UInt64


class Tree(Struct, gc=False):
    """The tree of Thing."""

    value: Int64
    left: Tree | None
    right: Tree | None


class Address(Struct, gc=False):
    """The address of Thing."""

    city: str
    zip: str | UnsetType = UNSET


class Card(Struct, gc=False, tag_field="by", tag="card"):
    """Records whose by is card."""

    by: ClassVar[Literal["card"]] = "card"
    number: str


class Cash(Struct, gc=False, tag_field="by", tag="cash"):
    """Records whose by is cash."""

    by: ClassVar[Literal["cash"]] = "cash"
    currency: str


class Thing(Struct, gc=False, kw_only=True, forbid_unknown_fields=True):
    """What things reads: the fields that are used."""

    flag: bool
    note: str | UnsetType = UNSET
    when: dt.datetime
    day: dt.date | None
    price: Annotated[Decimal, Meta(extra={"precision": 6, "scale": 2})]
    exact: Decimal
    wide: UInt64
    tree: Tree
    key: UUID
    kind: Literal["a", 'b"c']
    tags: list[str]
    counts: dict[str, Int64]
    address: Address
    others: list[Address | None]
    extra: Any
    paid: Card | Cash


class Copies(Struct, gc=False, kw_only=True):
    """What copies is given."""

    flag: bool
    note: str | UnsetType = UNSET
    when: dt.datetime
    day: dt.date | None
    price: Annotated[Decimal, Meta(extra={"precision": 6, "scale": 2})]
    exact: Decimal
    wide: UInt64
    tree: Tree
    key: UUID
    kind: Literal["a", 'b"c']
    tags: list[str]
    counts: dict[str, Int64]
    others: list[Address | None]
    extra: Any
    paid: Card | Cash
    city: str
    zip: str | UnsetType = UNSET
