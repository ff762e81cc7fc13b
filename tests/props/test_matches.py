"""lookup, join and enrich find what a loop over all pairs of records finds."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowing import ran
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

Row = dict[str, Any]

KEYS = st.none() | st.integers(0, 3)
LEFT = st.lists(st.fixed_dictionaries({"k": KEYS, "t": st.sampled_from("ab")}), max_size=12)
RIGHT = st.lists(
    st.fixed_dictionaries({"k": KEYS, "t": st.sampled_from("ab"), "v": st.integers(0, 2)}),
    max_size=12,
)
TYPES = ("{n: int, k: int?, t: string}", "{n: int, k: int?, t: string, v: int}")


def equal(one: Any, other: Any) -> bool:
    return one is not None and one == other


def on_one(left: Row, right: Row) -> bool:
    return equal(left["k"], right["k"])


def on_two(left: Row, right: Row) -> bool:
    return on_one(left, right) and left["t"] == right["t"]


def on_more(left: Row, right: Row) -> bool:
    return on_one(left, right) and (right["v"] > 0 or left["t"] == "a")


CONDITIONS: dict[str, Callable[[Row, Row], bool]] = {
    "k": on_one,
    "a.k == k and t == a.t": on_two,
    "t, k": on_two,
    "k == a.k and (a.v > 0 or t == 'a')": on_more,
    "k + 1 == a.k + 1 and a.v >= 0": on_one,
}
ORDERS: dict[str, Callable[[Row], Any]] = {
    "": lambda row: row["n"],
    " a.v desc, n": lambda row: (-row["v"], row["n"]),
}


def expected(
    left: list[Row], matches: Callable[[Row], list[Row]], *, keep: bool, many: bool
) -> list[Row]:
    found: list[Row] = []
    for row in left:
        rows: list[Row | None] = [*matches(row)]
        if not many:
            rows = rows[:1]
        if not rows and keep:
            rows = [None]
        found += [{**row, "a": match} for match in rows]
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    LEFT,
    RIGHT,
    st.sampled_from(["lookup", "join"]),
    st.sampled_from(sorted(CONDITIONS)),
    st.sampled_from(sorted(ORDERS)),
    st.booleans(),
    st.booleans(),
)
@example(
    [{"k": 1, "t": "a"}],
    [{"k": 1, "t": "a", "v": 0}, {"k": 1, "t": "a", "v": 1}],
    "lookup",
    "k",
    "",
    True,
    False,
)
def test_every_match_is_found(
    left: list[Row], right: list[Row], word: str, on: str, order: str, many: bool, gather: bool
) -> None:
    left = [{"n": n, **row} for n, row in enumerate(left)]
    right = [{"n": n, **row} for n, row in enumerate(right)]
    kind = "all" if many else f"first{order}"
    rank = (lambda row: row["n"]) if many else ORDERS[order]
    # A gathering stage on either side must not change what is found.
    stages = " | sort n" if gather else ""
    text = (
        f"let right = right.jsonl as {TYPES[1]}{stages}; left.jsonl as {TYPES[0]}{stages}"
        f" | {word} right as a on {on} {kind} | out.jsonl"
    )

    def matches(row: Row) -> list[Row]:
        return sorted((other for other in right if CONDITIONS[on](row, other)), key=rank)

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, rows in (("left", left), ("right", right)):
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / f"{file}.jsonl").write_text(lines)
        os.chdir(folder)
        try:
            got = ran(text, folder)
        finally:
            os.chdir(before)
    assert got.rows == expected(left, matches, keep=word == "lookup", many=many)
    assert got.result.accounts.imbalances() == []


@settings(max_examples=25, deadline=None)
@given(LEFT)
def test_a_stream_that_is_its_own_table(rows: list[Row]) -> None:
    rows = [{"n": n, **row} for n, row in enumerate(rows)]
    text = (
        f"let rows = rows.jsonl as {TYPES[0]}; rows | join rows as a on k == a.k and a.n != n all"
        " | select n, m = a.n | out.jsonl"
    )
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        os.chdir(folder)
        try:
            got = ran(text, folder)
        finally:
            os.chdir(before)
    pairs = [(one, two) for one in rows for two in rows if on_one(one, two) and one is not two]
    assert got.rows == [{"n": one["n"], "m": two["n"]} for one, two in pairs]
    assert got.result.accounts.imbalances() == []
