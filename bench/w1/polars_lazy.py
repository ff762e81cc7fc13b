"""W1 as a lazy frame in Polars, streamed from file to file.

python bench/w1/polars_lazy.py {base,renamed,nested,swapped} IN OUT [THREADS]
"""

from __future__ import annotations

import os
import sys


def main(variant: str, source: str, sink: str, threads: str = "") -> None:
    if threads:
        os.environ["POLARS_MAX_THREADS"] = threads
    # Imported here because the number of threads is read at import.
    import polars as pl
    from polars import Float64, Int64, String, col

    match variant:
        case "renamed":
            schema = {"nr": Int64, "buyer_nr": Int64, "gross": Float64}
            schema |= {"state": String, "land": String}
            frame = (
                pl.scan_ndjson(source, schema=schema)
                .filter(col("gross") > 100)
                .with_columns(net=(col("gross") * 0.8).round(2))
                .select("nr", "buyer_nr", "land", "state", "net")
            )
        case "nested":
            customer = pl.Struct({"id": Int64, "country": String})
            schema = {"id": Int64, "customer": customer, "amount": Float64, "status": String}
            frame = (
                pl.scan_ndjson(source, schema=schema)
                .filter(col("amount") > 100)
                .with_columns(net=(col("amount") * 0.8).round(2))
                .select(
                    "id",
                    col("customer").struct.field("id").alias("customer_id"),
                    col("customer").struct.field("country"),
                    "status",
                    "net",
                )
            )
        case _:
            schema = {"id": Int64, "customer_id": Int64, "amount": Float64}
            schema |= {"status": String, "country": String}
            keep = 100 < col("amount") if variant == "swapped" else col("amount") > 100  # noqa: SIM300
            frame = (
                pl.scan_ndjson(source, schema=schema)
                .filter(keep)
                .with_columns(net=(col("amount") * 0.8).round(2))
                .select("id", "customer_id", "country", "status", "net")
            )
    frame.sink_ndjson(sink)


if __name__ == "__main__":
    main(*sys.argv[1:])
