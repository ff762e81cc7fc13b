"""Records and settings to test with, made from the types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from types_pipeline.settings import Settings
from types_pipeline.types import Address, Card, Cash, Copies, Thing, Tree

TREE: list[Tree] = [
    Tree(
        value=7,
        left=Tree(value=0, left=None, right=None),
        right=Tree(value=0, left=None, right=None),
    ),
    Tree(value=0, left=None, right=None),
    Tree(
        value=9223372036854775807,
        left=Tree(value=0, left=None, right=None),
        right=Tree(value=0, left=None, right=None),
    ),
]

ADDRESS: list[Address] = [
    Address(city="text", zip="text"),
    Address(city=""),
    Address(city='ß "quoted" \\ \n 漢字', zip='ß "quoted" \\ \n 漢字'),
]

CARD: list[Card] = [
    Card(number="text"),
    Card(number=""),
    Card(number='ß "quoted" \\ \n 漢字'),
]

CASH: list[Cash] = [
    Cash(currency="text"),
    Cash(currency=""),
    Cash(currency='ß "quoted" \\ \n 漢字'),
]

THING: list[Thing] = [
    Thing(
        flag=True,
        note="text",
        when=dt.datetime(2024, 1, 31, 10, 30, tzinfo=dt.UTC),
        day=dt.date(2024, 2, 29),
        price=Decimal("1.50"),
        exact=Decimal("1.5"),
        wide=7,
        tree=Tree(value=0, left=None, right=None),
        key=UUID("00000000-0000-0000-0000-000000000000"),
        kind="a",
        tags=["text"],
        counts={"key": 7},
        address=Address(city="text", zip="text"),
        others=[Address(city="text", zip="text")],
        extra="text",
        paid=Card(number="text"),
    ),
    Thing(
        flag=False,
        when=dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        day=None,
        price=Decimal("0.00"),
        exact=Decimal("0"),
        wide=0,
        tree=Tree(value=0, left=None, right=None),
        key=UUID("00000010-0000-0000-0000-000000000000"),
        kind='b"c',
        tags=[],
        counts={},
        address=Address(city=""),
        others=[],
        extra=None,
        paid=Cash(currency=""),
    ),
    Thing(
        flag=True,
        note='ß "quoted" \\ \n 漢字',
        when=dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
        day=dt.date(9999, 12, 31),
        price=Decimal("-9.99"),
        exact=Decimal("-9.99"),
        wide=18446744073709551615,
        tree=Tree(value=0, left=None, right=None),
        key=UUID("00000020-0000-0000-0000-000000000000"),
        kind="a",
        tags=['ß "quoted" \\ \n 漢字'],
        counts={"key": 9223372036854775807},
        address=Address(city='ß "quoted" \\ \n 漢字', zip='ß "quoted" \\ \n 漢字'),
        others=[Address(city='ß "quoted" \\ \n 漢字', zip='ß "quoted" \\ \n 漢字')],
        extra=7,
        paid=Card(number='ß "quoted" \\ \n 漢字'),
    ),
]

COPIES: list[Copies] = [
    Copies(
        flag=True,
        note="text",
        when=dt.datetime(2024, 1, 31, 10, 30, tzinfo=dt.UTC),
        day=dt.date(2024, 2, 29),
        price=Decimal("1.50"),
        exact=Decimal("1.5"),
        wide=7,
        tree=Tree(value=0, left=None, right=None),
        key=UUID("00000000-0000-0000-0000-000000000000"),
        kind="a",
        tags=["text"],
        counts={"key": 7},
        others=[Address(city="text", zip="text")],
        extra="text",
        paid=Card(number="text"),
        city="text",
        zip="text",
    ),
    Copies(
        flag=False,
        when=dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        day=None,
        price=Decimal("0.00"),
        exact=Decimal("0"),
        wide=0,
        tree=Tree(value=0, left=None, right=None),
        key=UUID("00000010-0000-0000-0000-000000000000"),
        kind='b"c',
        tags=[],
        counts={},
        others=[],
        extra=None,
        paid=Cash(currency=""),
        city="",
    ),
    Copies(
        flag=True,
        note='ß "quoted" \\ \n 漢字',
        when=dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
        day=dt.date(9999, 12, 31),
        price=Decimal("-9.99"),
        exact=Decimal("-9.99"),
        wide=18446744073709551615,
        tree=Tree(value=0, left=None, right=None),
        key=UUID("00000020-0000-0000-0000-000000000000"),
        kind="a",
        tags=['ß "quoted" \\ \n 漢字'],
        counts={"key": 9223372036854775807},
        others=[Address(city='ß "quoted" \\ \n 漢字', zip='ß "quoted" \\ \n 漢字')],
        extra=7,
        paid=Card(number='ß "quoted" \\ \n 漢字'),
        city='ß "quoted" \\ \n 漢字',
        zip='ß "quoted" \\ \n 漢字',
    ),
]


SETTINGS = Settings()
