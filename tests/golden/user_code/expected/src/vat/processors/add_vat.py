from dataclasses import dataclass


@dataclass
class Order:
    id: int
    amount: float


@dataclass
class WithVat:
    id: int
    amount: float
    vat: float


def process(record: Order) -> WithVat | None:
    if record.amount < 0:
        raise ValueError("negative amount")
    if record.amount == 0:
        return None
    return WithVat(record.id, record.amount, round(record.amount * 0.19, 2))
