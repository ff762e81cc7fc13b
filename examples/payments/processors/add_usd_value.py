"""Adds what a payment is worth in dollars."""

from dataclasses import dataclass
from decimal import Decimal

RATES = {"USD": Decimal("1.00"), "EUR": Decimal("1.10")}


@dataclass
class Payment:
    hash: str
    amount: Decimal
    currency: str
    sender: str
    receiver: str


@dataclass
class EnrichedPayment:
    hash: str
    amount: Decimal
    usd: Decimal


def process(record: Payment) -> EnrichedPayment:
    usd = (record.amount * RATES[record.currency]).quantize(Decimal("0.01"))
    return EnrichedPayment(record.hash, record.amount, usd)
