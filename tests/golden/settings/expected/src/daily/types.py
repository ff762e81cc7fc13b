"""Records of daily."""

from __future__ import annotations

from msgspec import Struct

from ._runtime.records import Int64


class Orders(Struct, gc=False):
    """What orders reads: the fields that are used."""

    id: Int64
    customer_id: Int64
    amount: float
    status: str
    country: str
