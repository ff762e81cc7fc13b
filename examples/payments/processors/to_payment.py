"""Reads a raw transaction as a payment."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass
class RawTransaction:
    hash: str
    kind: str
    amount: str
    currency: str
    sender: str
    receiver: str


@dataclass
class Payment:
    hash: str
    amount: Decimal
    currency: str
    sender: str
    receiver: str


def process(record: RawTransaction) -> Payment | None:
    if record.kind != "payment":
        return None
    return Payment(
        record.hash,
        Decimal(record.amount).quantize(Decimal("0.01")),
        record.currency.upper(),
        record.sender,
        record.receiver,
    )
