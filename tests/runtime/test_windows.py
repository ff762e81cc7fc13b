"""Windows of time: what leaves, and what is too late, never depends on batches or saving."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc_runtime.state.windows import TumblingAggregation
from flowc_runtime.tally import Receipt


class Row(msgspec.Struct):
    k: str
    window: datetime
    n: int


class Window(msgspec.Struct):
    start: datetime
    end: datetime


class Made(msgspec.Struct):
    k: str
    window: Window
    total: int


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000


def at(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def state(wait: int | None) -> TumblingAggregation:
    functions = (("sum_int", "n", None),)
    return TumblingAggregation(Row, Made, ("k",), functions, "window", MINUTE, wait)


def ran(rows: list[Row], wait: int | None, cuts: list[int]) -> tuple[list[Made], list[Row]]:
    kept, receipt, left = state(wait), Receipt(), []
    begin = 0
    for cut in [*sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]:
        left += kept.apply(rows[begin:cut], receipt)
        begin = cut
        saved = json.loads(json.dumps(kept.save()))
        kept = state(wait)
        kept.restore(saved)
    left += kept.finish(receipt)
    assert receipt.absorbed + len(receipt.rejects) == len(rows)
    assert receipt.produced == len(left)
    return left, [record for record, _ in receipt.rejects]


ROWS = st.lists(
    st.builds(
        Row,
        k=st.sampled_from("ab"),
        window=st.integers(-200, 400).map(at),
        n=st.integers(0, 9),
    ),
    max_size=40,
)


@given(ROWS, st.sampled_from([None, 0, 30, 90]), st.lists(st.integers(0, 100), max_size=5))
@settings(max_examples=200)
def test_windows(rows: list[Row], seconds: int | None, cuts: list[int]) -> None:
    wait = None if seconds is None else seconds * 1_000_000
    left, late = ran(rows, wait, cuts)
    expected: dict[tuple[int, str], int] = {}
    too_late: list[Row] = []
    latest: float | None = None
    for row in rows:
        moment = (row.window - EPOCH).total_seconds()
        index = int(moment // 60)
        if seconds is not None and latest is not None and (index + 1) * 60 <= latest - seconds:
            too_late.append(row)
            continue
        expected[index, row.k] = expected.get((index, row.k), 0) + row.n
        latest = moment if latest is None else max(latest, moment)
    assert late == too_late
    # Windows leave in their order, the groups in each as they were first seen.
    assert [(made.window.start, made.k, made.total) for made in left] == [
        (at(index * 60), k, total)
        for (index, k), total in sorted(expected.items(), key=lambda item: item[0][0])
    ]
    assert all(made.window.end - made.window.start == timedelta(minutes=1) for made in left)


def test_a_window_leaves_as_soon_as_it_is_closed_and_once() -> None:
    kept, receipt = state(10_000_000), Receipt()
    assert kept.apply([Row("a", at(59), 1), Row("a", at(69), 1)], receipt) == []
    (made,) = kept.apply([Row("a", at(70), 1)], receipt)
    assert (made.window.end, made.total) == (at(60), 1)
    assert kept.apply([Row("a", at(59), 1)], receipt) == []
    ((_, error),) = receipt.rejects
    assert type(error).__name__ == "LateError"
    assert [made.total for made in kept.finish(receipt)] == [2]


@pytest.mark.parametrize("moment", [datetime.max, datetime.min])
def test_a_window_beyond_all_timestamps_is_an_error_of_its_records(moment: datetime) -> None:
    functions: tuple[Any, ...] = ()
    length = 7 * 24 * 3_600_000_000
    kept = TumblingAggregation(Row, Made, ("k",), functions, "window", length, None)
    receipt = Receipt()
    kept.apply([Row("a", moment.replace(tzinfo=UTC), 1)], receipt)
    ((_, error),) = receipt.rejects
    assert type(error).__name__ == "OverflowError_"
