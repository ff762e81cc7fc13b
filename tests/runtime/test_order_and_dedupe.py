"""Sort, top and dedupe: the same whatever the batches, and when saved in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flowc_runtime.state import order
from flowc_runtime.state.dedupe import FirstOfEach, LastOfEach
from flowc_runtime.state.order import Sort, Top
from flowc_runtime.tally import Receipt


class Row(msgspec.Struct):
    n: int
    a: int | None
    b: str | None = msgspec.field(name="the b")
    place: int = 0


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    values = draw(
        st.lists(
            st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from(["x", "y", "z"])),
            max_size=40,
        )
    )
    return [Row(n, a, b) for n, (a, b) in enumerate(values)]


ORDERS = (("a", True, False), ("the b", False, True))


def before(one: Row, other: Row) -> int:
    """a descending with nulls last, then b with nulls first; null sorts beside no value."""
    if one.a != other.a:
        if one.a is None or other.a is None:
            return 1 if one.a is None else -1
        return other.a - one.a
    if one.b != other.b:
        if one.b is None or other.b is None:
            return -1 if one.b is None else 1
        return -1 if one.b < other.b else 1
    return 0


def ran(make: Callable[[], Any], given: list[Row], cuts: list[int]) -> tuple[list[Row], Receipt]:
    """What leaves when the records come in parts and the state is saved between them."""
    state, receipt, left = make(), Receipt(), []
    at = 0
    for cut in [*sorted(cut % (len(given) + 1) for cut in cuts), len(given)]:
        left += state.apply(given[at:cut], receipt)
        at = cut
        saved = json.loads(json.dumps(state.save()))
        state = make()
        state.restore(saved)
    left += state.finish(receipt)
    assert receipt.absorbed == 0
    assert len(left) + sum(receipt.drops.values()) == len(given)
    return left, receipt


CUTS = st.lists(st.integers(0, 100), max_size=4)


@given(rows(), CUTS)
@settings(max_examples=100)
def test_sort(found: list[Row], cuts: list[int]) -> None:
    left, _ = ran(lambda: Sort(Row, ORDERS), found, cuts)
    assert left == sorted(found, key=cmp_to_key(before))


@given(rows(), CUTS, st.integers(1, 4), st.booleans())
@settings(max_examples=150)
def test_top(found: list[Row], cuts: list[int], count: int, ties: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_SLACK", 0)
        left, _ = ran(
            lambda: Top(Row, count, (("a", True, False),), ("the b",), ties, "place"), found, cuts
        )
    groups: dict[str | None, list[Row]] = {}
    for row in found:
        groups.setdefault(row.b, []).append(row)
    expected: list[Row] = []
    for group in groups.values():
        ordered = sorted(group, key=lambda row: (row.a is None, -(row.a or 0)))
        for number, row in enumerate(ordered, 1):
            place = 1 + sum(before_in(other, row) for other in group) if ties else number
            if place <= count:
                expected.append(replace(row, place=place))
    assert left == expected


def before_in(one: Row, other: Row) -> bool:
    """Whether one comes before the other by a alone, descending, nulls last."""
    if one.a is None or other.a is None:
        return one.a is not None and other.a is None
    return one.a > other.a


@given(rows(), CUTS)
@settings(max_examples=100)
def test_dedupe(found: list[Row], cuts: list[int]) -> None:
    keys = ("a", "the b")
    first, receipt = ran(lambda: FirstOfEach(Row, keys), found, cuts)
    seen: dict[tuple[Any, Any], Row] = {}
    for row in found:
        seen.setdefault((row.a, row.b), row)
    assert first == list(seen.values())
    assert receipt.drops.get("duplicate", 0) == len(found) - len(seen)
    last, _ = ran(lambda: LastOfEach(Row, keys), found, cuts)
    latest = {(row.a, row.b): row.n for row in found}
    assert [row.n for row in last] == sorted(latest.values())
    one, _ = ran(lambda: FirstOfEach(Row, ("a",)), found, cuts)
    assert [row.a for row in one] == list(dict.fromkeys(row.a for row in found))


def test_whole_records_are_equal_whatever_the_order_of_their_keys() -> None:
    class Open(msgspec.Struct):
        x: Any

    found = [Open({"a": 1, "b": [1]}), Open({"b": [1], "a": 1}), Open({"a": 1})]
    left, _ = ran(lambda: FirstOfEach(Open, ()), found, [1])  # type: ignore[arg-type]
    assert [row.x for row in left] == [{"a": 1, "b": [1]}, {"a": 1}]  # type: ignore[attr-defined]
