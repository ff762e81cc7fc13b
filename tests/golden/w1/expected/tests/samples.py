"""Records and settings to test with, made from the types."""

from __future__ import annotations

from orders.settings import Settings
from orders.types import BigOrders, Orders

ORDERS: list[Orders] = [
    Orders(id=7, customer_id=7, amount=1234.5, status="text", country="text"),
    Orders(id=0, customer_id=0, amount=0.0, status="", country=""),
    Orders(
        id=9223372036854775807,
        customer_id=9223372036854775807,
        amount=-1.7e308,
        status='ß "quoted" \\ \n 漢字',
        country='ß "quoted" \\ \n 漢字',
    ),
]

BIG_ORDERS: list[BigOrders] = [
    BigOrders(id=7, customer_id=7, country="text", status="text", net=1234.5),
    BigOrders(id=0, customer_id=0, country="", status="", net=0.0),
    BigOrders(
        id=9223372036854775807,
        customer_id=9223372036854775807,
        country='ß "quoted" \\ \n 漢字',
        status='ß "quoted" \\ \n 漢字',
        net=-1.7e308,
    ),
]


SETTINGS = Settings()
