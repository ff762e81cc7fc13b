"""W1 as one SQL statement in DuckDB.

python bench/w1/duckdb_sql.py {base,renamed,nested,swapped} IN OUT [THREADS]
"""

from __future__ import annotations

import sys

import duckdb

BASE = """
    SELECT id, customer_id, country, status, round(amount * 0.8, 2) AS net
    FROM read_json($source, format = 'newline_delimited', columns = {
        id: 'BIGINT', customer_id: 'BIGINT', amount: 'DOUBLE', status: 'VARCHAR', country: 'VARCHAR'
    })
"""
QUERIES = {
    "base": BASE + "WHERE amount > 100",
    "swapped": BASE + "WHERE 100 < amount",
    "renamed": """
    SELECT nr, buyer_nr, land, state, round(gross * 0.8, 2) AS net
    FROM read_json($source, format = 'newline_delimited', columns = {
        nr: 'BIGINT', buyer_nr: 'BIGINT', gross: 'DOUBLE', state: 'VARCHAR', land: 'VARCHAR'
    })
    WHERE gross > 100
    """,
    "nested": """
    SELECT id, customer.id AS customer_id, customer.country AS country, status,
           round(amount * 0.8, 2) AS net
    FROM read_json($source, format = 'newline_delimited', columns = {
        id: 'BIGINT', customer: 'STRUCT(id BIGINT, country VARCHAR)', amount: 'DOUBLE',
        status: 'VARCHAR'
    })
    WHERE amount > 100
    """,
}


def main(variant: str, source: str, sink: str, threads: str = "") -> None:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    if threads:
        connection.execute("SET threads = $threads", {"threads": int(threads)})
    connection.execute(
        f"COPY ({QUERIES[variant]}) TO $sink (FORMAT json)",
        {"source": source, "sink": sink},
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
