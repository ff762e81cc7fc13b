"""Groups and folds: what they come to never depends on batches or on being saved in between."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc_runtime.segments import Gather
from flowc_runtime.state import aggregate
from flowc_runtime.state.aggregate import Aggregation
from flowc_runtime.tally import Receipt

from .ends import ListSink, ListSource, line, world


class Row(msgspec.Struct):
    k: str | None
    j: int
    i: int | None
    f: float
    d: Decimal | None
    n: int | float
    s: str = msgspec.field(name="odd name")
    ok: bool | None = True


class Made(msgspec.Struct):
    k: str | None
    j: int
    values: Any
    more: Any
    total: Any
    mean: Any
    exact: Any
    mean_exact: Any
    number: Any
    count: Any
    least: Any
    greatest: Any
    first: Any
    last: Any
    all: Any
    distinct: Any


FUNCTIONS = (
    ("count", None, None),
    ("sum_int", "i", None),
    ("sum_float", "f", None),
    ("avg_float", "f", None),
    ("sum_decimal", "d", None),
    ("avg_decimal", "d", None),
    ("sum_number", "n", None),
    ("count_values", "i", None),
    ("min", "odd name", None),
    ("max", "d", None),
    ("first", "i", "ok"),
    ("last", "odd name", None),
    ("collect", "d", "ok"),
    ("count_distinct", "i", None),
)

WHOLE = st.none() | st.integers(-3, 3)
ROWS = st.lists(
    st.builds(
        Row,
        k=st.sampled_from(["a", "b", None]),
        j=st.integers(0, 1),
        i=WHOLE,
        f=st.floats(-1e15, 1e15, allow_nan=False),
        d=st.none() | st.decimals(-1000, 1000, places=3, allow_nan=False),
        n=st.integers(-5, 5) | st.floats(-10, 10, allow_nan=False),
        s=st.sampled_from(["x", "y", ""]),
        ok=st.sampled_from([True, False, None]),
    ),
    max_size=30,
)


def state() -> Aggregation:
    return Aggregation(Row, Made, ("k", "j"), FUNCTIONS)


def parts(rows: list[Row], cuts: list[int]) -> Iterator[list[Row]]:
    at = 0
    for cut in [*sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]:
        yield rows[at:cut]
        at = cut


def text(made: list[Any]) -> list[str]:
    """What tells 1 from 1.0 and -0.0 from 0.0."""
    return [repr(one) for one in made]


@given(ROWS, st.lists(st.integers(0, 100), max_size=4), st.integers(0, 4))
@settings(max_examples=120)
def test_batches_and_saving_change_nothing(rows: list[Row], cuts: list[int], waiting: int) -> None:
    whole = state()
    assert whole.apply(rows, Receipt()) == []
    kept = state()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregate, "WAITING", waiting)
        for part in parts(rows, cuts):
            kept.apply(part, Receipt())
            saved = json.loads(json.dumps(kept.save()))
            kept = state()
            kept.restore(saved)
    assert text(kept.finish(Receipt())) == text(whole.finish(Receipt()))


@given(ROWS)
@settings(max_examples=120)
def test_each_function_is_what_it_says(rows: list[Row]) -> None:
    kept = state()
    kept.apply(rows, Receipt())
    groups: dict[tuple[str | None, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.k, row.j), []).append(row)
    made = kept.finish(Receipt())
    assert [(one.k, one.j) for one in made] == list(groups)
    for one, group in zip(made, groups.values(), strict=True):
        whole = [row.i for row in group if row.i is not None]
        exact = [row.d for row in group if row.d is not None]
        passed = [row for row in group if row.ok]
        assert one.values == len(group)
        assert one.more == (sum(whole) if whole else None)
        assert one.total == pytest.approx(math.fsum(row.f for row in group), rel=1e-12, abs=1e-6)
        assert one.mean == pytest.approx(
            math.fsum(row.f for row in group) / len(group), rel=1e-12, abs=1e-6
        )
        assert one.exact == (sum(exact) if exact else None)
        assert one.number == pytest.approx(sum(row.n for row in group), rel=1e-12, abs=1e-9)
        assert isinstance(one.number, float) == any(isinstance(row.n, float) for row in group)
        assert one.count == len(whole)
        assert one.least == min(row.s for row in group)
        assert one.greatest == (max(exact) if exact else None)
        assert one.first == (passed[0].i if passed else None)
        assert one.last == group[-1].s
        assert one.all == [row.d for row in passed]
        assert one.distinct == len(set(whole))


class Value(msgspec.Struct):
    x: float


class Total(msgspec.Struct):
    total: Any


def total(fold: str, values: list[Any]) -> Any:
    kept = Aggregation(Value, Total, (), ((fold, "x", None),))
    kept.apply([Value(value) for value in values], Receipt())
    receipt = Receipt()
    made = kept.finish(receipt)
    return made[0].total if made else receipt.spoiled


def test_small_floats_are_not_lost_beside_large_ones() -> None:
    assert total("sum_float", [1e16, 1.0, -1e16]) == 1.0
    assert total("sum_float", [0.1] * 10) == 1.0


def test_of_no_records_there_is_one_result_without_keys() -> None:
    kept = Aggregation(Value, Total, (), (("sum_float", "x", None),))
    receipt = Receipt()
    assert kept.finish(receipt) == [Total(None)]
    assert receipt.produced == 1


@pytest.mark.parametrize(
    ("fold", "values"),
    [
        ("sum_int", [2**62, 2**62]),
        ("sum_float", [1e308, 1e308]),
        ("sum_number", [1e308, 1e308, 1]),
        ("sum_decimal", [Decimal(10) ** 60, Decimal(10) ** -60]),
        ("avg_decimal", [Decimal(10) ** 60, Decimal(10) ** -60, Decimal(1)]),
    ],
)
def test_a_result_that_does_not_fit_is_a_dead_letter(fold: str, values: list[Any]) -> None:
    import decimal

    from flowc_runtime.values.context import CONTEXT

    with decimal.localcontext(CONTEXT):
        ((record, error),) = total(fold, values)
    assert record == {}
    assert type(error).__name__ == "OverflowError_"


def test_the_books_of_a_run_balance() -> None:
    rows = [Value(float(x)) for x in (1, 2, 1, 3)]
    sink = ListSink()
    from flowc_runtime.engine import RunOptions, run

    kept = Aggregation(Value, Value, ("x",), ())
    result = run(
        line(ListSource(rows, 3), {"g": (Gather(kept, "g"), ("g",))}, sink), RunOptions(), world()
    )
    assert result.exit_code == 0, result.diagnosis
    assert [row.x for row in sink.records] == [1.0, 2.0, 3.0]
    account = result.accounts["g"]
    assert (account.received, account.absorbed, account.produced, account.out) == (4, 4, 3, 3)


@given(ROWS, st.integers(0, 30))
def test_groups_of_parts_merge_into_those_of_the_whole(rows: list[Row], cut: int) -> None:
    def groups(part: list[Row]) -> aggregate.Groups:
        made = aggregate.Groups(Row, ("k", "j"), FUNCTIONS)
        made.add(part)
        return made

    first = groups(rows[:cut])
    first.merge(groups(rows[cut:]))
    assert text(list(first.results())) == text(list(groups(rows).results()))
