"""Write deterministic order records: JSON lines or CSV, about 250 bytes each.

The same records, seed and variant give the same bytes on every machine. About 30 % of the records
have an amount above 100; coupon is null in about 70 %; some notes need escapes or are not ASCII.

    python -m bench.orders orders.jsonl --records 1000000 --seed 1 --variant nested
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable, Iterator
from math import log
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias

Variant: TypeAlias = Literal["base", "renamed", "nested"]
Format: TypeAlias = Literal["jsonl", "csv"]

FIELDS = (
    "id",
    "customer_id",
    "email",
    "amount",
    "currency",
    "status",
    "created_at",
    "items",
    "country",
    "city",
    "channel",
    "coupon",
    "note",
)
RENAMED = {
    "id": "nr",
    "customer_id": "buyer_nr",
    "email": "contact",
    "amount": "gross",
    "currency": "money",
    "status": "state",
    "created_at": "placed",
    "items": "pieces",
    "country": "land",
    "city": "town",
    "channel": "origin",
    "coupon": "voucher",
    "note": "remark",
}

# -100 / ln(0.3): an exponential distribution with this mean exceeds 100 in 30 % of the draws.
MEAN_AMOUNT_CENTS = 8305.835

_CURRENCIES = ("USD", "EUR", "EUR", "GBP", "JPY", "CHF")
_STATUSES = ("paid", "paid", "paid", "shipped", "shipped", "pending", "refunded", "cancelled")
_PLACES = (
    ("DE", "Berlin"),
    ("DE", "Köln"),
    ("FR", "Paris"),
    ("FR", "Lyon"),
    ("US", "New York"),
    ("US", "San Francisco"),
    ("GB", "Manchester"),
    ("JP", "東京"),
    ("CH", "Zürich"),
    ("BR", "São Paulo"),
    ("IN", "Bengaluru"),
    ("AU", "Melbourne"),
)
_CHANNELS = ("web", "web", "app", "store", "phone")
_COUPONS = ("WELCOME10", "SPRING24", "VIP", "FREESHIP")
_NOTES = (
    "",
    "leave at the door",
    "gift wrap, please",
    'ring twice, ask for "Sam"',
    "call before delivery",
    "second floor, left",
    "façade entrance",
    "path C:\\in\\box",
    "fragile",
    "deliver after 18:00",
    "no substitutes",
    "birthday card: happy 40th!",
)


def _encode_json(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _encode_csv(value: str | None) -> str:
    """One CSV field: null is empty and unquoted, the empty string is quoted."""
    if value is None:
        return ""
    if value == "":
        return '""'
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([value])
    return text.getvalue()


def _json_template(variant: Variant) -> str:
    """A %-template for one line, in the order of the values that `_rows` yields."""
    quoted = {"email", "created_at"}

    def member(field: str) -> str:
        name = RENAMED[field] if variant == "renamed" else field
        return f'"{name}":"%s"' if field in quoted else f'"{name}":%s'

    if variant == "nested":
        members = [member(field) for field in FIELDS if field != "country"]
        members[1] = '"customer":{"id":%s,"country":%s}'
        return "{" + ",".join(members) + "}\n"
    return "{" + ",".join(member(field) for field in FIELDS) + "}\n"


def _rows(
    records: int, seed: int, encode: Callable[[str | None], str], variant: Variant
) -> Iterator[tuple[object, ...]]:
    draw = Random(seed).random
    currencies = [encode(text) for text in _CURRENCIES]
    statuses = [encode(text) for text in _STATUSES]
    places = [(encode(country), encode(city)) for country, city in _PLACES]
    channels = [encode(text) for text in _CHANNELS]
    # Seven nulls in ten.
    coupons = [encode(_COUPONS[i] if i < 3 else None) for i in range(10)]
    notes = [encode(text) for text in _NOTES]
    cents_of = [f".{cents:02d}" for cents in range(100)]
    # The least common multiple of 12 and 28.
    days = [f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d}T" for i in range(84)]
    minutes = [f"{i // 60:02d}:{i % 60:02d}:" for i in range(1440)]
    seconds = [f"{i // 1000:02d}.{i % 1000:03d}Z" for i in range(60_000)]
    nested = variant == "nested"
    for number in range(1, records + 1):
        customer = int(draw() * 50_000) + 1
        cents = int(-MEAN_AMOUNT_CENTS * log(1.0 - draw())) + 1
        country, city = places[int(draw() * 12)]
        email = f"customer{customer}@example.com"
        amount = str(cents // 100) + cents_of[cents % 100]
        currency = currencies[int(draw() * 6)]
        status = statuses[int(draw() * 8)]
        day = days[number % 84] + minutes[int(draw() * 1440)] + seconds[int(draw() * 60_000)]
        items = int(draw() * 9) + 1
        channel = channels[int(draw() * 5)]
        coupon = coupons[int(draw() * 10)]
        note = notes[int(draw() * 12)]
        # fmt: off
        if nested:
            yield (number, customer, country, email, amount, currency, status, day, items,
                   city, channel, coupon, note)
        else:
            yield (number, customer, email, amount, currency, status, day, items,
                   country, city, channel, coupon, note)
        # fmt: on


def lines(records: int, seed: int, variant: Variant, form: Format) -> Iterator[str]:
    """The lines of the file, the CSV header included, each with its line end.

    Raises ValueError for the nested variant as CSV, which has no nested fields.
    """
    if form == "csv":
        if variant == "nested":
            raise ValueError("the nested variant cannot be written as CSV")
        yield ",".join(RENAMED[f] if variant == "renamed" else f for f in FIELDS) + "\n"
        template = ",".join(["%s"] * len(FIELDS)) + "\n"
        encode = _encode_csv
    else:
        template = _json_template(variant)
        encode = _encode_json
    for row in _rows(records, seed, encode, variant):
        yield template % row


def write(path: Path, records: int, seed: int, variant: Variant, form: Format) -> int:
    """Write the file and return its size in bytes. Raises OSError, and ValueError as `lines`."""
    with path.open("w", encoding="utf-8", newline="", buffering=1 << 20) as file:
        file.writelines(lines(records, seed, variant, form))
    return path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variant", choices=("base", "renamed", "nested"), default="base")
    parser.add_argument(
        "--format", choices=("jsonl", "csv"), help="default: by the extension of the path"
    )
    arguments = parser.parse_args()
    form: Format = arguments.format or ("csv" if arguments.path.suffix == ".csv" else "jsonl")
    if form == "csv" and arguments.variant == "nested":
        parser.error("the nested variant cannot be written as CSV")
    size = write(arguments.path, arguments.records, arguments.seed, arguments.variant, form)
    print(f"{arguments.path}: {arguments.records} records, {size} bytes")


if __name__ == "__main__":
    main()
