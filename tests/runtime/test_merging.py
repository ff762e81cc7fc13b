"""Streams that are merged by their clocks: what leaves does not depend on what came first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc_runtime.engine import Result, RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.segments import Aligned, Gather, Merge, Pipeline, SinkSegment, SourceSegment
from flowc_runtime.state.merging import ByClock, Lane
from flowc_runtime.state.windowed import WindowedAggregation
from flowc_runtime.state.windows import Fixed
from flowc_runtime.tally import Receipt
from tests.runtime.ends import ListSink, ListSource, node
from tests.runtime.passing import PassingTime, ScriptedSource, TimingSink

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INTEGERS = st.integers(0, 40)
STREAMS = st.lists(st.lists(INTEGERS, max_size=12), min_size=2, max_size=3)


class Place(msgspec.Struct):
    moment: datetime = msgspec.field(name="time")


class Row(msgspec.Struct):
    id: str
    time: datetime
    at: Place


class Window(msgspec.Struct):
    start: datetime
    end: datetime


class Made(msgspec.Struct):
    window: Window
    ids: list[str]


def row(id: str, second: int) -> Row:
    moment = EPOCH + timedelta(seconds=second)
    return Row(id, moment, Place(moment))


def rows(name: str, times: Sequence[int]) -> list[Row]:
    return [row(f"{name}{n}", second) for n, second in enumerate(times)]


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def pipeline(
    sources: Sequence[Any],
    lanes: tuple[Lane, ...],
    sink: Any,
    world: Environment,
    *,
    idle: float | None = None,
) -> Pipeline:
    """The sources, merged by their clocks before windows of five seconds."""
    lag = max(lane.lag for lane in lanes)
    over = Fixed(seconds(5), seconds(5), lag, None if idle is None else seconds(idle))
    merged = ByClock(Row, ("time",), lanes, world)
    names = [f"in{n}" for n in range(len(sources))]
    windows = WindowedAggregation(
        Row, Made, (), (("collect", "id", None),), "time", over, environment=world
    )
    return Pipeline(
        name="t",
        nodes=(*(node(name, "source") for name in names), node("windows"), node("out", "sink")),
        segments={
            **{n: SourceSegment(s, node=n) for n, s in zip(names, sources, strict=True)},
            **{f"merge{n}": Aligned(merged.inlet(n), node="windows") for n in range(len(sources))},
            "merge": Merge(),
            "windows": Gather(windows, node="windows"),
            "out": SinkSegment(sink, node="out"),
        },
        links=(
            *((name, f"merge{n}") for n, name in enumerate(names)),
            *((f"merge{n}", "merge") for n in range(len(sources))),
            ("merge", "windows"),
            ("windows", "out"),
        ),
    )


def found(records: list[Any]) -> list[tuple[int, list[str]]]:
    return [(int(one.window.start.timestamp()), one.ids) for one in records]


def in_order(streams: Sequence[Sequence[Row]], lags: Sequence[int]) -> list[Row]:
    """What a merge gives, told from whole streams: each record where its stream had come to."""
    placed: list[tuple[int, int, int, Row]] = []
    for number, (stream, lag) in enumerate(zip(streams, lags, strict=True)):
        seen = -100
        for at, record in enumerate(stream):
            seen = max(seen, int(record.time.timestamp()) - lag)
            placed.append((seen, number, at, record))
    return [record for *_, record in sorted(placed, key=lambda one: one[:3])]


def windows_of(records: list[Row], lag: int) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """The windows of one stream, and which of its records are late."""
    over = Fixed(seconds(5), seconds(5), seconds(lag))
    state = WindowedAggregation(Row, Made, (), (("collect", "id", None),), "time", over)
    receipt = Receipt()
    made = [*state.apply(records, receipt), *state.finish(receipt)]
    return found(made), [record.id for record, _ in receipt.rejects]


@given(times=STREAMS, lags=st.tuples(*[st.integers(0, 9)] * 3), data=st.data())
@settings(max_examples=200)
def test_any_interleaving_gives_the_same(
    times: list[list[int]], lags: tuple[int, ...], data: st.DataObject
) -> None:
    streams = [rows("abc"[n], one) for n, one in enumerate(times)]
    given_lags = lags[: len(streams)]
    lanes = tuple(Lane(seconds(lag)) for lag in given_lags)
    merged = ByClock(Row, ("at", "time"), lanes, Environment({}))
    left = [list(stream) for stream in streams]
    ended: set[int] = set()
    given: list[Row] = []
    receipt = Receipt()
    while len(ended) < len(streams):
        number = data.draw(st.sampled_from([n for n in range(len(streams)) if n not in ended]))
        inlet = merged.inlet(number)
        if not left[number]:
            ended.add(number)
            given += inlet.finish(receipt)
            continue
        size = data.draw(st.integers(1, 5))
        given += inlet.apply(left[number][:size], receipt)
        del left[number][:size]
        if data.draw(st.booleans()):
            saved = json.loads(json.dumps(inlet.save()))
            merged = ByClock(Row, ("at", "time"), lanes, Environment({}))
            merged.inlet(0).restore(saved)
    assert given == in_order(streams, given_lags)
    assert not merged.holds


@pytest.mark.parametrize("endless", [False, True])
@given(times=STREAMS, sizes=st.tuples(*[st.integers(1, 6)] * 3), lag=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_the_windows_are_those_of_one_stream(
    endless: bool, times: list[list[int]], sizes: tuple[int, ...], lag: int
) -> None:
    streams = [rows("abc"[n], one) for n, one in enumerate(times)]
    sources = [ListSource(s, size, endless) for s, size in zip(streams, sizes, strict=False)]
    sink = ListSink()
    world = Environment({})
    result = ran(pipeline(sources, (Lane(seconds(lag)),) * len(streams), sink, world), world)
    windows, late = windows_of(in_order(streams, [lag] * len(streams)), lag)
    assert found(sink.records) == windows
    account = result.accounts["windows"]
    assert (account.received, account.dead) == (sum(map(len, streams)), len(late))
    assert account.absorbed == account.received - account.dead


@given(times=STREAMS)
def test_streams_in_order_are_one_sorted_stream(times: list[list[int]]) -> None:
    streams = [rows("abc"[n], sorted(one)) for n, one in enumerate(times)]
    together = [record for stream in streams for record in stream]
    merged = in_order(streams, [0] * len(streams))
    assert merged == sorted(together, key=lambda record: record.time)
    assert windows_of(merged, 0)[1] == []


def ran(wired: Pipeline, world: Environment) -> Result:
    result = run(wired, RunOptions(dead_letter="/dev/null"), world)
    assert result.exit_code == 0, (result.diagnosis, result.details)
    return result


def test_a_source_that_is_ahead_is_not_read() -> None:
    world = Environment({})
    ahead, behind = ListSource(rows("a", range(1_000, 9_000))), ListSource(rows("b", range(900)))
    sink = ListSink()
    seen: list[int] = []

    class Watching(ListSink):
        def write(self, records: list[Any]) -> None:
            seen.append(ahead.given)
            super().write(records)

    sink = Watching()
    ran(pipeline([ahead, behind], (Lane(), Lane()), sink, world), world)
    # One batch waits in the merge, and threads are two ahead of the run, each with one at hand.
    assert max(seen[: 900 // 5 - 2]) <= 4 * ahead.size
    assert [start for start, _ in found(sink.records)][:3] == [0, 5, 10]


def went(
    scripts: Sequence[list[tuple[float, list[Any]]]],
    lanes: tuple[Lane, ...],
    idle: float | None = None,
) -> tuple[list[tuple[float, list[int]]], Result]:
    """When which windows left."""
    world = PassingTime()
    sink = TimingSink(world)
    sources = [ScriptedSource(world, script) for script in scripts]
    result = ran(pipeline(sources, lanes, sink, world, idle=idle), world)
    return [(time, [start for start, _ in found(made)]) for time, made in sink.given], result


def busy(start: int, stop: int) -> list[Row]:
    return [row(f"a{second}", second) for second in range(start, stop, 3)]


#: No more batches than a run takes in while it waits for another source.
BUSY: list[tuple[float, list[Any]]] = [(0, busy(0, 1)), (3, busy(3, 18)), (6, busy(18, 31))]


def test_a_silent_stream_holds_the_windows_open() -> None:
    quiet: list[tuple[float, list[Any]]] = [(0, [row("b0", 0)]), (100, [row("b1", 31)])]
    left, result = went([BUSY, quiet], (Lane(), Lane()))
    assert left[0][0] == 100
    assert [start for _, starts in left for start in starts] == [0, 5, 10, 15, 20, 25, 30]
    assert result.accounts["windows"].dead == 0


def test_a_stream_that_is_idle_is_not_waited_for() -> None:
    quiet: list[tuple[float, list[Any]]] = [(0, [row("b0", 0)]), (100, [row("b1", 31)])]
    left, result = went([BUSY, quiet], (Lane(), Lane(idle=seconds(10))))
    # From second 10 on the other goes on alone, up to its end.
    assert left[:2] == [(10, [0, 5, 10]), (10, [15, 20, 25])]
    assert [start for _, starts in left for start in starts] == [0, 5, 10, 15, 20, 25, 30]
    assert result.accounts["windows"].dead == 0


def test_what_comes_after_its_silence_may_be_late() -> None:
    quiet: list[tuple[float, list[Any]]] = [(0, [row("b0", 0)]), (25, [row("b1", 6)])]
    left, result = went([BUSY, quiet], (Lane(), Lane(idle=seconds(10))))
    assert left[0] == (10, [0, 5, 10])
    assert result.accounts["windows"].dead == 1


def test_where_all_are_idle_time_goes_on() -> None:
    first: list[tuple[float, list[Any]]] = [(0, [row("a0", 1)]), (200, [row("a1", 300)])]
    other: list[tuple[float, list[Any]]] = [(0, [row("b0", 3)]), (200, [row("b1", 300)])]
    idle = Lane(idle=seconds(10))
    left, _ = went([first, other], (idle, idle), idle=10)
    assert left == [(10, [0]), (200, [300])]


def test_a_stop_loses_nothing() -> None:
    world = PassingTime()
    sink = TimingSink(world)

    class Stopping(ScriptedSource):
        def batches(self) -> Any:
            yield from super().batches()
            world.stop.request(15)

    busy: list[tuple[float, list[Any]]] = [(0, rows("a", [1, 2, 30])), (1, [])]
    silent: list[tuple[float, list[Any]]] = [(0, rows("b", [1])), (500, [])]
    sources = [Stopping(world, busy), ScriptedSource(world, silent)]
    result = ran(pipeline(sources, (Lane(), Lane()), sink, world), world)
    account = result.accounts["windows"]
    assert account.received == 4
    assert account.received == account.absorbed


def test_one_time_has_the_order_of_the_streams() -> None:
    streams = [rows("a", [5, 5]), rows("b", [5, 4])]
    for one, other in pairwise([0, 1, 0]):
        merged = ByClock(Row, ("time",), (Lane(), Lane()), Environment({}))
        receipt = Receipt()
        found = merged.inlet(one).apply(streams[one], receipt)
        found += merged.inlet(other).apply(streams[other], receipt)
        found += merged.inlet(one).finish(receipt) + merged.inlet(other).finish(receipt)
        assert [record.id for record in found] == ["a0", "a1", "b0", "b1"]
