"""W1 as most people would write it: the standard library, line by line.

python bench/w1/naive_json.py {base,renamed,nested,swapped} IN OUT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]


def base(order: Record) -> Record | None:
    if order["amount"] > 100:
        return {
            "id": order["id"],
            "customer_id": order["customer_id"],
            "country": order["country"],
            "status": order["status"],
            "net": round(order["amount"] * 0.8, 2),
        }
    return None


def renamed(order: Record) -> Record | None:
    if order["gross"] > 100:
        return {
            "nr": order["nr"],
            "buyer_nr": order["buyer_nr"],
            "land": order["land"],
            "state": order["state"],
            "net": round(order["gross"] * 0.8, 2),
        }
    return None


def nested(order: Record) -> Record | None:
    if order["amount"] > 100:
        return {
            "id": order["id"],
            "customer_id": order["customer"]["id"],
            "country": order["customer"]["country"],
            "status": order["status"],
            "net": round(order["amount"] * 0.8, 2),
        }
    return None


def main(variant: str, source: str, sink: str) -> None:
    steps: dict[str, Callable[[Record], Record | None]] = {
        "base": base,
        "swapped": base,
        "renamed": renamed,
        "nested": nested,
    }
    step = steps[variant]
    with open(source, encoding="utf-8") as lines, open(sink, "w", encoding="utf-8") as out:
        for line in lines:
            result = step(json.loads(line))
            if result is not None:
                out.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
