"""W1 as the fastest single-core loop that we could write by hand: the mark that flowc has to meet.

python bench/w1/best_loop.py {base,renamed,nested,swapped} IN OUT

Blocks of whole lines are read into one buffer, decoded at once into Structs that know only the
fields used, filtered and computed in one comprehension, and encoded at once. What was tried
against it is in bench/README.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder, Encoder

BLOCK_BYTES = 128 * 1024


class Order(Struct, gc=False):
    id: int
    customer_id: int
    amount: float
    status: str
    country: str


class Net(Struct, gc=False):
    id: int
    customer_id: int
    country: str
    status: str
    net: float


class RenamedOrder(Struct, gc=False):
    nr: int
    buyer_nr: int
    gross: float
    state: str
    land: str


class RenamedNet(Struct, gc=False):
    nr: int
    buyer_nr: int
    land: str
    state: str
    net: float


class Customer(Struct, gc=False):
    id: int
    country: str


class NestedOrder(Struct, gc=False):
    id: int
    customer: Customer
    amount: float
    status: str


def base(orders: list[Order]) -> list[Net]:
    return [
        Net(order.id, order.customer_id, order.country, order.status, round(amount * 0.8, 2))
        for order in orders
        if (amount := order.amount) > 100
    ]


def swapped(orders: list[Order]) -> list[Net]:
    return [
        Net(order.id, order.customer_id, order.country, order.status, round(amount * 0.8, 2))
        for order in orders
        if 100 < (amount := order.amount)  # noqa: SIM300
    ]


def renamed(orders: list[RenamedOrder]) -> list[RenamedNet]:
    return [
        RenamedNet(order.nr, order.buyer_nr, order.land, order.state, round(gross * 0.8, 2))
        for order in orders
        if (gross := order.gross) > 100
    ]


def nested(orders: list[NestedOrder]) -> list[Net]:
    return [
        Net(
            order.id,
            (customer := order.customer).id,
            customer.country,
            order.status,
            round(amount * 0.8, 2),
        )
        for order in orders
        if (amount := order.amount) > 100
    ]


VARIANTS: dict[str, tuple[type[Struct], Callable[[Any], list[Any]]]] = {
    "base": (Order, base),
    "swapped": (Order, swapped),
    "renamed": (RenamedOrder, renamed),
    "nested": (NestedOrder, nested),
}


def main(variant: str, source: str, sink: str) -> None:
    order_type, step = VARIANTS[variant]
    decode = Decoder(order_type).decode_lines
    encode = Encoder().encode_lines
    buffer = bytearray(BLOCK_BYTES)
    view = memoryview(buffer)
    rest = 0
    with open(source, "rb", buffering=0) as lines, open(sink, "wb", buffering=0) as out:
        while (count := lines.readinto(view[rest:])) > 0:
            end = rest + count
            cut = buffer.rfind(b"\n", 0, end) + 1
            out.write(encode(step(decode(view[:cut]))))
            rest = end - cut
            if rest == BLOCK_BYTES:
                raise ValueError(f"a line is longer than {BLOCK_BYTES} bytes")
            buffer[:rest] = buffer[cut:end]
        if rest:
            out.write(encode(step(decode(view[:rest]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
