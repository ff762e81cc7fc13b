from __future__ import annotations

from msgspec import Struct, field

from flowc_runtime.records import Int64


class Customer(Struct, gc=False):
    name: str
    country: str | None


class Orders(Struct, gc=False):
    id: Int64
    amount: float
    customer: Customer | None
    from_: str = field(name="from")


class BigOrders(Struct, gc=False):
    id: Int64
    net: float
    origin: str


class WithVat(Struct, gc=False):
    id: Int64
    net: float
    origin: str
    vat: float
