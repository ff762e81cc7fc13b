"""What happens when time goes by without input: batches, windows under silence, throttles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from flowc_runtime.engine import Result, RunOptions, run
from flowc_runtime.segments import Batching, Gather, Paced, Segment
from flowc_runtime.state.batch import Batches
from flowc_runtime.state.dedupe import LastWithin
from flowc_runtime.state.pace import Throttle
from flowc_runtime.state.windowed import WindowedAggregation
from flowc_runtime.state.windows import Fixed, Session
from tests.runtime.ends import line
from tests.runtime.passing import PassingTime, ScriptedSource, TimingSink


class Row(msgspec.Struct):
    n: int
    time: datetime = datetime(1970, 1, 1, tzinfo=UTC)


class Window(msgspec.Struct):
    start: datetime
    end: datetime


class Made(msgspec.Struct):
    window: Window
    n: int


def rows(*numbers: int) -> list[Row]:
    return [Row(n) for n in numbers]


def at(second: int) -> Row:
    return Row(second, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second))


def numbers(given: list[tuple[float, list[Any]]]) -> list[tuple[float, list[int]]]:
    return [(time, [record.n for record in records]) for time, records in given]


def went(
    world: PassingTime, script: list[tuple[float, list[Any]]], *segments: Segment, **given: Any
) -> tuple[TimingSink, Result]:
    sink = TimingSink(world)
    names = [segment.node for segment in segments]  # type: ignore[union-attr]
    stages = {name: (segment, (name,)) for name, segment in zip(names, segments, strict=True)}
    source = ScriptedSource(world, script, **given)
    result = run(line(source, stages, sink), RunOptions(), world)
    assert result.exit_code == 0, result.details
    return sink, result


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def batching(world: PassingTime, count: int, every: float | None) -> Batching:
    return Batching(Batches(Row, count, None if every is None else seconds(every), world), "batch")


@pytest.mark.parametrize("endless", [True, False])
def test_a_batch_leaves_when_it_is_full_or_has_waited(endless: bool) -> None:
    world = PassingTime()
    script = [(0, rows(1, 2)), (2, rows(3, 4)), (4, rows(5)), (20, rows(6))]
    sink, result = went(world, script, batching(world, 3, 5), endless=endless)
    # 4 has waited since second 2; 6 leaves at the end of the input.
    assert numbers(sink.given) == [(2, [1, 2, 3]), (7, [4, 5]), (20, [6])]
    assert result.accounts["batch"].absorbed == 0


def test_a_batch_without_a_time_waits_for_its_number() -> None:
    world = PassingTime()
    script = [(0, rows(1, 2)), (100, rows(3, 4, 5, 6, 7)), (200, rows(8))]
    sink, _ = went(world, script, batching(world, 3, None))
    assert [found for _, found in numbers(sink.given)] == [[1, 2, 3], [4, 5, 6], [7, 8]]


def test_records_pass_evenly() -> None:
    world = PassingTime()
    throttle = Paced(Throttle(2, seconds(1), world), "throttle")
    sink, result = went(world, [(0, rows(1, 2, 3, 4)), (10, rows(5, 6))], throttle)
    assert numbers(sink.given) == [
        *((0, [1]), (0.5, [2]), (1, [3]), (1.5, [4])),
        *((10, [5]), (10.5, [6])),
    ]
    assert result.accounts["throttle"].received == 6


def test_many_records_pass_together_but_not_too_many() -> None:
    world = PassingTime()
    throttle = Paced(Throttle(1_000, seconds(1), world), "throttle")
    sink, _ = went(world, [(0, rows(*range(1_000)))], throttle)
    assert [len(found) for _, found in sink.given] == [100] * 10
    assert [time for time, _ in sink.given] == pytest.approx([i / 10 for i in range(10)])


def test_a_batch_behind_a_throttle_is_on_time_though_the_throttle_waits() -> None:
    world = PassingTime()
    throttle = Paced(Throttle(1, seconds(10), world), "throttle")
    sink, _ = went(world, [(0, rows(1, 2, 3))], throttle, batching(world, 5, 4))
    assert numbers(sink.given) == [(4, [1]), (14, [2]), (20, [3])]


@pytest.mark.parametrize("endless", [True, False])
def test_a_stop_does_not_wait(endless: bool) -> None:
    world = PassingTime()

    class Stopping(Throttle):
        def wait(self, count: int) -> float:
            world.stop.request(15)
            return super().wait(count)

    sink = TimingSink(world)
    throttle = Paced(Stopping(1, timedelta(days=1), world), "throttle")
    source = ScriptedSource(world, [(0, rows(1, 2, 3))], endless=endless)
    result = run(line(source, {"throttle": (throttle, ("throttle",))}, sink), RunOptions(), world)
    assert world.time < 60
    assert [record.n for record in sink.records] == ([1, 2, 3] if endless else [1])
    assert result.exit_code == (0 if endless else 143)
    dropped = result.accounts["throttle"].dropped
    assert dropped == ({} if endless else {"not reached before the stop": 2})


def windows(world: PassingTime, over: Fixed | Session) -> Gather:
    functions = (("count", None, None),)
    return Gather(WindowedAggregation(Row, Made, (), functions, "time", over, world), "windows")


def minute(idle: float | None) -> Fixed:
    return Fixed(seconds(60), seconds(60), seconds(10), None if idle is None else seconds(idle))


def test_silence_closes_windows_as_their_time_comes() -> None:
    world = PassingTime()
    sink, result = went(
        world, [(0, [at(30)]), (5, [at(45)]), (300, [at(20), at(400)])], windows(world, minute(20))
    )
    # The window ends at 60 and waits for 10 more: 25 after 45, which was heard of at 5.
    assert [(time, found[0].window.end.minute) for time, found in sink.given] == [(30, 1), (300, 7)]
    assert result.accounts["windows"].dead == 1


def test_silence_counts_from_idle_on() -> None:
    world = PassingTime()
    sink, _ = went(world, [(0, [at(65)]), (300, [at(400)])], windows(world, minute(100)))
    assert [time for time, _ in sink.given] == [100, 300]


def test_without_idle_silence_closes_nothing() -> None:
    world = PassingTime()
    sink, _ = went(world, [(0, [at(30)]), (300, [at(20)])], windows(world, minute(None)))
    ((time, found),) = sink.given
    assert (time, found[0].n) == (300, 2)


def test_silence_ends_sessions() -> None:
    world = PassingTime()
    over = Session(seconds(10), seconds(0), seconds(5))
    sink, _ = went(world, [(0, [at(0)]), (4, [at(8)]), (60, [at(100)])], windows(world, over))
    assert [(time, found[0].n) for time, found in sink.given] == [(14, 2), (60, 1)]


def test_silence_lets_the_last_duplicate_go() -> None:
    world = PassingTime()
    last = LastWithin(Row, (), "time", seconds(10), seconds(0), seconds(5), world)
    sink, _ = went(world, [(0, [at(0)]), (60, [at(100)])], Gather(last, "dedupe"))
    assert [time for time, _ in sink.given] == [10, 60]
