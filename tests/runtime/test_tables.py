"""Tables: what is found in them, whatever the batches, and when saved in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc_runtime.errors import InternalError, RunError
from flowc_runtime.state.tables import FirstTable, Held, ListTable, UniqueTable
from flowc_runtime.tally import Receipt


class Row(msgspec.Struct):
    n: int
    a: int | None
    b: str | None = msgspec.field(name="the b")


class Part(msgspec.Struct, kw_only=True):
    b: str | None = msgspec.field(name="the b")
    n: int = 0


ROWS = st.lists(
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from(["x", "y"])), max_size=30
).map(lambda pairs: [Row(n, a, b) for n, (a, b) in enumerate(pairs)])

Table = UniqueTable[Any] | FirstTable[Any] | ListTable[Any]


def filled(make: Callable[[], Table], rows: list[Row], cuts: list[int]) -> tuple[Table, Receipt]:
    """The table when the records come in parts and it is saved between them, and at the end."""
    table, receipt, at = make(), Receipt(), 0

    def saved(table: Table) -> Table:
        state = json.loads(json.dumps(table.save()))
        again = make()
        again.restore(state)
        return again

    for cut in [*sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]:
        table.take(rows[at:cut], receipt)
        table, at = saved(table), max(at, cut)
    table.complete()
    return saved(table), receipt


def dropped(receipt: Receipt) -> int:
    return sum(receipt.drops.values())


@given(ROWS, st.lists(st.integers(0, 30), max_size=3))
def test_first_is_the_first_of_each_key(rows: list[Row], cuts: list[int]) -> None:
    table, receipt = filled(lambda: FirstTable(Row, ("a", "the b"), label="rows"), rows, cuts)
    assert isinstance(table, FirstTable)
    for a in (None, 0, 1, 2, 3):
        for b in (None, "x", "y"):
            like = [row for row in rows if (row.a, row.b) == (a, b)]
            expected = like[0] if like and a is not None and b is not None else None
            assert table.get((a, b)) == expected
    assert receipt.absorbed + dropped(receipt) == len(rows)


@given(ROWS, st.lists(st.integers(0, 30), max_size=3))
def test_first_in_an_order(rows: list[Row], cuts: list[int]) -> None:
    orders = (("the b", True, False), ("n", True, False))
    table, _ = filled(lambda: FirstTable(Row, ("a",), label="rows", orders=orders), rows, cuts)
    assert isinstance(table, FirstTable)
    for a in range(4):
        like = [row for row in rows if row.a == a]
        best = max(like, key=lambda row: (row.b is not None, row.b or "", row.n), default=None)
        assert table.get(a) == best


@given(ROWS, st.lists(st.integers(0, 30), max_size=3))
def test_all_are_in_their_order_and_without_what_the_table_reads(
    rows: list[Row], cuts: list[int]
) -> None:
    def make() -> Table:
        return ListTable(Part, ("a",), label="rows", takes=Row, orders=(("n", True, False),))

    table, receipt = filled(make, rows, cuts)
    assert isinstance(table, ListTable)
    for a in range(4):
        like = [Part(b=row.b, n=row.n) for row in reversed(rows) if row.a == a]
        assert list(table.all(a)) == like
    assert list(table.all(None)) == []
    assert receipt.absorbed == sum(row.a is not None for row in rows)


def test_nothing_equals_null_or_no_number() -> None:
    class Number(msgspec.Struct):
        x: float | None

    table, receipt = UniqueTable(Number, ("x",), label="numbers"), Receipt()
    none = float("nan")
    table.take([Number(None), Number(none), Number(none), Number(0.0)], receipt)
    table.complete()
    assert table.get(None) is table.get(none) is None
    assert table.get(-0.0) == Number(0.0)
    assert receipt.drops == {"without a key": 3}


def test_a_second_record_of_a_key_ends_the_run() -> None:
    table = UniqueTable(Row, ("the b", "a"), label="rows.csv")
    table.take([Row(0, None, "x"), Row(1, 1, "x"), Row(2, None, None)], Receipt())
    again = UniqueTable(Row, ("the b", "a"), label="rows.csv")
    again.restore(json.loads(json.dumps(table.save())))
    with pytest.raises(RunError) as caught:
        again.take([Row(3, 2, "y"), Row(4, 1, "x")], Receipt())
    found = caught.value.diagnosis
    assert found.code == "FC0817"
    assert found.message == "two records of rows.csv have the key the b 'x', a 1"
    assert found.why.startswith("they are records 2 and 5 of those that came")


def test_a_table_is_not_read_before_its_end_nor_filled_behind_it() -> None:
    table = UniqueTable(Row, ("n",), label="rows")
    with pytest.raises(InternalError):
        table.get(1)
    table.complete()
    with pytest.raises(InternalError):
        table.take([Row(0, None, None)], Receipt())


def test_what_waits_is_saved() -> None:
    held = Held(Row)
    held.keep([Row(0, 1, "x")])
    again = Held(Row)
    again.restore(json.loads(json.dumps(held.save())))
    again.keep([Row(1, None, None)])
    assert again.release() == [Row(0, 1, "x"), Row(1, None, None)]
    assert again.release() == []
