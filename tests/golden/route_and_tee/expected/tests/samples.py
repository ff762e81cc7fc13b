"""Records and settings to test with, made from the types."""

from __future__ import annotations

from branches.settings import Settings
from branches.types import Orders

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


SETTINGS = Settings()
