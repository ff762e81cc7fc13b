"""Windows of time: what leaves, and what is too late, never depends on batches or saving.

What leaves is compared with a reference that keeps lists of records and takes one at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc_runtime.state.windowed import WindowedAggregation, WindowedTop
from flowc_runtime.state.windows import Fixed, Session, Windowed
from flowc_runtime.tally import Receipt


class Row(msgspec.Struct):
    k: str
    time: datetime
    n: int


class Window(msgspec.Struct):
    start: datetime
    end: datetime


class Placed(msgspec.Struct):
    k: str
    n: int
    window: Window
    rank: int = 0


class Made(msgspec.Struct):
    k: str
    window: Window
    total: int
    all: list[int]
    first: int
    last: int


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FUNCTIONS = (("sum_int", "n", None), *((fold, "n", None) for fold in ("collect", "first", "last")))


def at(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


def aggregation(over: Fixed | Session) -> Windowed:
    return WindowedAggregation(Row, Made, ("k",), FUNCTIONS, "time", over)


def top(over: Fixed | Session) -> Windowed:
    return WindowedTop(Placed, 2, (("n", True, False),), ("k",), False, "rank", over)


def run(
    make: Callable[[], Windowed], rows: list[Any], cuts: list[int]
) -> tuple[list[Any], list[Any]]:
    """What leaves and what is rejected, with the state saved and restored at each cut."""
    kept, receipt, left = make(), Receipt(), []
    begin = 0
    for cut in [*sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]:
        left += kept.apply(rows[begin:cut], receipt)
        begin = cut
        saved = json.loads(json.dumps(kept.save()))
        kept = make()
        kept.restore(saved)
    left += kept.finish(receipt)
    assert receipt.absorbed + len(receipt.rejects) == len(rows)
    assert receipt.produced == len(left)
    return left, [record for record, _ in receipt.rejects]


# The reference


@dataclass
class Open:
    start: int
    end: int
    order: int
    key: str | None
    rows: list[Row] = field(default_factory=list)


def reference(rows: list[Row], over: Fixed | Session) -> tuple[list[Open], list[Row]]:
    """All windows in the order of their leaving, and the records that are late."""
    wait = None if over.wait is None else over.wait.total_seconds()
    seen: float = float("-inf")
    windows: list[Open] = []
    late: list[Row] = []

    def is_open(end: int) -> bool:
        return wait is None or end + wait > seen

    for order, row in enumerate(rows):
        time = int((row.time - EPOCH).total_seconds())
        if isinstance(over, Fixed):
            length, every = int(over.length.total_seconds()), int(over.every.total_seconds())
            starts = [s for s in range(-50 * every, 60 * every, every) if s <= time < s + length]
            open_starts = [s for s in starts if is_open(s + length)]
            if not open_starts:
                late.append(row)
                continue
            for start in open_starts:
                mine = [w for w in windows if w.start == start]
                if not mine:
                    mine = [Open(start, start + length, order, None)]
                    windows += mine
                mine[0].rows.append(row)
        else:
            gap = int(over.gap.total_seconds())
            near = [
                w
                for w in windows
                if w.key == row.k and is_open(w.end) and w.start < time + gap and time < w.end
            ]
            near.sort(key=lambda w: w.start)
            if not near and not is_open(time + gap):
                late.append(row)
                continue
            windows = [w for w in windows if w not in near]
            windows.append(
                Open(
                    min([time, *(w.start for w in near)]),
                    max([time + gap, *(w.end for w in near)]),
                    min([order, *(w.order for w in near[:1])]),
                    row.k,
                    [*(r for w in near for r in w.rows), row],
                )
            )
        seen = max(seen, time)
    return sorted(windows, key=lambda w: (w.end, w.start, w.order)), late


def groups(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.k, []).append(row)
    return found


WAITS = st.sampled_from([None, 0, 30, 90]).map(lambda s: None if s is None else seconds(s))
OVER = st.one_of(
    st.builds(Fixed, st.just(seconds(60)), st.just(seconds(60)), WAITS),
    st.builds(Fixed, st.just(seconds(60)), st.sampled_from([7, 20, 59]).map(seconds), WAITS),
    st.builds(Session, st.sampled_from([1, 20, 60]).map(seconds), WAITS),
)
ROWS = st.lists(
    st.builds(
        Row,
        k=st.sampled_from("ab"),
        time=st.integers(-200, 400).map(at),
        n=st.integers(0, 9),
    ),
    max_size=40,
)
CUTS = st.lists(st.integers(0, 100), max_size=5)


@given(ROWS, OVER, CUTS)
@settings(max_examples=400)
def test_aggregates(rows: list[Row], over: Fixed | Session, cuts: list[int]) -> None:
    left, late = run(lambda: aggregation(over), rows, cuts)
    windows, too_late = reference(rows, over)
    assert late == too_late
    assert left == [
        Made(
            k,
            Window(at(window.start), at(window.end)),
            sum(row.n for row in found),
            [row.n for row in found],
            found[0].n,
            found[-1].n,
        )
        for window in windows
        for k, found in groups(window.rows).items()
    ]


@given(ROWS, OVER, CUTS)
@settings(max_examples=200)
def test_the_first_of_each_window(rows: list[Row], over: Fixed | Session, cuts: list[int]) -> None:
    placed = [Placed(row.k, row.n, Window(row.time, row.time)) for row in rows]
    left, late = run(lambda: top(over), placed, cuts)
    windows, too_late = reference(rows, over)
    assert [row.window.start for row in late] == [row.time for row in too_late]
    assert left == [
        Placed(k, row.n, Window(at(window.start), at(window.end)), rank)
        for window in windows
        for k, found in groups(window.rows).items()
        for rank, row in enumerate(sorted(found, key=lambda row: -row.n)[:2], 1)
    ]


def test_a_window_leaves_as_soon_as_it_is_closed_and_once() -> None:
    kept, receipt = aggregation(Fixed(seconds(60), seconds(60), seconds(10))), Receipt()
    assert kept.apply([Row("a", at(59), 1), Row("a", at(69), 1)], receipt) == []
    (made,) = kept.apply([Row("a", at(70), 1)], receipt)
    assert (made.window.end, made.total) == (at(60), 1)
    assert kept.apply([Row("a", at(59), 1)], receipt) == []
    ((_, error),) = receipt.rejects
    assert type(error).__name__ == "LateError"
    assert [made.total for made in kept.finish(receipt)] == [2]


def test_a_record_between_two_sessions_makes_them_one() -> None:
    kept, receipt = aggregation(Session(seconds(10), seconds(60))), Receipt()
    kept.apply([Row("a", at(0), 1), Row("a", at(18), 2), Row("b", at(9), 5)], receipt)
    kept.apply([Row("a", at(9), 3)], receipt)
    one, other = kept.finish(receipt)
    assert (other.window, other.all) == (Window(at(0), at(28)), [1, 2, 3])
    assert (one.k, one.window) == ("b", Window(at(9), at(19)))


def test_records_a_gap_apart_are_of_two_sessions() -> None:
    kept, receipt = aggregation(Session(seconds(10), None)), Receipt()
    kept.apply([Row("a", at(0), 1), Row("a", at(10), 2)], receipt)
    assert [made.total for made in kept.finish(receipt)] == [1, 2]


def test_a_result_that_fails_takes_nothing_from_what_was_absorbed() -> None:
    kept, receipt = aggregation(Fixed(seconds(60), seconds(10), None)), Receipt()
    rows = [Row("a", at(100), 2**62), Row("a", at(100), 2**62), Row("b", at(100), 1)]
    kept.apply(rows, receipt)
    made = kept.finish(receipt)
    assert (receipt.absorbed, receipt.produced, receipt.rejects) == (3, 6, [])
    assert [one.k for one in made] == ["b"] * 6
    first, *others = receipt.spoiled
    assert len(others) == 5
    assert first[0] == {"k": "a", "window": Window(at(50), at(110))}


OVERS = [Fixed(timedelta(days=7), timedelta(days=7), None), Session(timedelta(days=7), None)]


@pytest.mark.parametrize("over", OVERS, ids=["fixed", "session"])
def test_a_window_beyond_all_timestamps_is_an_error_of_its_records(over: Any) -> None:
    kept = aggregation(over)
    receipt = Receipt()
    kept.apply([Row("a", datetime.max.replace(tzinfo=UTC), 1)], receipt)
    ((_, error),) = receipt.rejects
    assert type(error).__name__ == "OverflowError_"


def test_records_do_not_wait_in_memory_however_many_windows_there_are() -> None:
    kept, receipt = aggregation(Fixed(seconds(1), seconds(1), None)), Receipt()
    for batch in range(70):
        kept.apply([Row("a", at(batch * 2_000 + i), 1) for i in range(2_000)], receipt)
    waiting = [content.groups._waiting for content in kept._windows.contents()]  # type: ignore[attr-defined]
    assert sum(len(found) for groups in waiting for found in groups.values()) < 131_072
