"""W1 as a lazy frame in Polars, streamed from file to file.

python bench/w1/polars_lazy.py {base,renamed,nested,swapped} IN OUT [THREADS]
"""

from __future__ import annotations

import os
import sys
from typing import Any


def main(variant: str, source: str, sink: str, threads: str = "") -> None:
    if threads:
        os.environ["POLARS_MAX_THREADS"] = threads
    # Imported here because the number of threads is read at import.
    import polars as pl
    from polars import Float64, Int64, String, col

    customer = pl.Struct({"id": Int64, "country": String})
    schemas: dict[str, dict[str, Any]] = {
        "base": {
            "id": Int64,
            "customer_id": Int64,
            "amount": Float64,
            "status": String,
            "country": String,
        },
        "renamed": {
            "nr": Int64,
            "buyer_nr": Int64,
            "gross": Float64,
            "state": String,
            "land": String,
        },
        "nested": {"id": Int64, "customer": customer, "amount": Float64, "status": String},
    }
    frame = pl.scan_ndjson(source, schema=schemas["base" if variant == "swapped" else variant])
    match variant:
        case "base":
            frame = (
                frame.filter(col("amount") > 100)
                .with_columns(net=(col("amount") * 0.8).round(2))
                .select("id", "customer_id", "country", "status", "net")
            )
        case "swapped":
            frame = (
                frame.filter(100 < col("amount"))  # noqa: SIM300
                .with_columns(net=(col("amount") * 0.8).round(2))
                .select("id", "customer_id", "country", "status", "net")
            )
        case "renamed":
            frame = (
                frame.filter(col("gross") > 100)
                .with_columns(net=(col("gross") * 0.8).round(2))
                .select("nr", "buyer_nr", "land", "state", "net")
            )
        case "nested":
            buyer = col("customer").struct
            frame = (
                frame.filter(col("amount") > 100)
                .with_columns(net=(col("amount") * 0.8).round(2))
                .select(
                    "id",
                    buyer.field("id").alias("customer_id"),
                    buyer.field("country"),
                    "status",
                    "net",
                )
            )
    frame.sink_ndjson(sink)


if __name__ == "__main__":
    main(*sys.argv[1:])
