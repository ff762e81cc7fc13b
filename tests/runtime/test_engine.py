from __future__ import annotations

import errno
import json
import linecache
import math
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from flowc_runtime.engine import Result, RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.errors import OutputClosedError, ValidationError
from flowc_runtime.records import Batch
from flowc_runtime.segments import (
    Fork,
    Fused,
    Merge,
    Pipeline,
    Route,
    SinkSegment,
    SourceSegment,
    Stateful,
    UserCode,
)
from flowc_runtime.state.limit import Limit
from flowc_runtime.tally import Tally
from flowc_runtime.values.time import to_timestamp

from .ends import ListSink, ListSource, line, node, world


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def letters(path: str = "t.dead.jsonl") -> list[dict[str, Any]]:
    return [json.loads(text) for text in Path(path).read_text().splitlines()]


def go(pipeline: Pipeline, environment: Environment | None = None, **options: Any) -> Result:
    return run(pipeline, RunOptions(**options), environment or world())


def halve(records: list[int], tally: Tally) -> list[int]:
    kept = []
    dropped = 0
    for record in records:
        if record < 0:
            dropped += 1
            continue
        if record > 900:
            tally.reject("check", record, ValidationError("too large"))
            continue
        kept.append(100 // (record % 7))
    tally.drop("keep", dropped)
    return kept


HALVE = {"f": (Fused(halve, ("keep", "check", "set")), ("keep", "check", "set"))}


@given(st.lists(st.integers(-5, 1000), max_size=40), st.integers(1, 9))
def test_the_books_balance_whatever_fails(records: list[int], size: int) -> None:
    Path("t.dead.jsonl").unlink(missing_ok=True)
    sink = ListSink()
    result = go(line(ListSource(records, size), HALVE, sink))
    good = [r for r in records if 0 <= r <= 900 and r % 7]
    bad = [r for r in records if r > 900 or (r >= 0 and r % 7 == 0)]
    assert result.exit_code == 0
    assert sink.records == [100 // (r % 7) for r in good]
    assert sink.completed is True
    assert result.accounts["keep"].dropped["filtered"] == sum(r < 0 for r in records)
    assert result.accounts["out"].confirmed == len(good)
    assert result.dead_letters == result.accounts.dead == len(bad)
    assert Path("t.dead.jsonl").exists() == bool(bad)
    if bad:
        assert sorted(letter["record"] for letter in letters()) == sorted(bad)


def test_a_sink_that_loses_a_record_is_our_bug() -> None:
    class Losing(ListSink):
        def write(self, records: list[Any]) -> None:
            super().write(records[1:])

    sink = Losing()
    result = go(line(ListSource([1, 2, 3]), {}, sink))
    assert result.exit_code == 4
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0900"
    assert "sink out received 3 records" in result.diagnosis.why
    assert "bug in flowc" in result.diagnosis.why
    assert sink.completed is False


def test_a_stage_that_loses_a_record_is_our_bug() -> None:
    lossy = Fused(lambda records, tally: records[1:], ("drop",))
    result = go(line(ListSource([1, 2, 3]), {"f": (lossy, ("drop",))}, ListSink()))
    assert result.exit_code == 4
    assert result.diagnosis is not None
    assert "node drop received 3 records" in result.diagnosis.why


@pytest.mark.parametrize("moment", ["open", "write", "flush", "close"])
def test_a_full_disk_ends_the_run_with_a_diagnosis(moment: str) -> None:
    class Full(ListSink):
        pass

    def fail(self: ListSink, *args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    setattr(Full, moment, fail)
    source = ListSource([1, 2, 3])
    result = go(line(source, {}, Full()))
    assert result.exit_code == 3
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0804"
    assert source.closed


def test_a_source_that_breaks_leaves_what_came_unpublished() -> None:
    class Breaking(ListSource):
        def batches(self) -> Iterator[Batch]:
            yield Batch([1], {})
            raise OSError("gone")

    sink = ListSink()
    result = go(line(Breaking([]), {}, sink))
    assert (result.exit_code, sink.records, sink.completed) == (3, [1], False)
    assert result.diagnosis is not None
    assert result.diagnosis.message == "the list broke"


def test_an_error_nobody_explains_is_ours_and_shows_its_lines() -> None:
    class Odd(ListSink):
        def write(self, records: list[Any]) -> None:
            raise KeyError("odd")

    result = go(line(ListSource([1]), {}, Odd()))
    assert result.exit_code == 4
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0901"
    assert "KeyError" in result.details


def test_one_record_that_a_sink_refuses_is_dead_the_others_are_stored() -> None:
    class Picky(ListSink):
        def write(self, records: list[Any]) -> None:
            if 2 in records:
                raise ValidationError("no twos")
            super().write(records)

    sink = Picky()
    result = go(line(ListSource([1, 2, 3]), {}, sink))
    assert (result.exit_code, sink.records, result.accounts["out"].dead) == (0, [1, 3], 1)
    [letter] = letters()
    assert (letter["node"], letter["error"], letter["record"]) == ("out", "ValidationError", 2)


def test_a_closed_output_ends_the_run_quietly() -> None:
    class Closing(ListSink):
        def write(self, records: list[Any]) -> None:
            raise OutputClosedError

    source = ListSource(list(range(100)))
    result = go(line(source, {}, Closing()))
    assert result.exit_code == 0
    assert source.given == 4


def test_a_closed_output_does_not_stop_another_sink() -> None:
    class Closing(ListSink):
        def write(self, records: list[Any]) -> None:
            raise OutputClosedError

    other = ListSink()
    pipeline = Pipeline(
        "t",
        (node("in", "source"), node("out", "sink"), node("other", "sink")),
        {
            "in": SourceSegment(ListSource(list(range(10))), "in"),
            "out": SinkSegment(Closing(), "out"),
            "other": SinkSegment(other, "other"),
        },
        (("in", "out"), ("in", "other")),
    )
    assert go(pipeline).exit_code == 0
    assert other.records == list(range(10))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 7))
def test_limit_passes_the_first_and_stops_the_source(count: int, total: int, size: int) -> None:
    source, sink = ListSource(list(range(total)), size), ListSink()
    result = go(line(source, {"l": (Stateful(Limit(count), "limit"), ("limit",))}, sink))
    assert result.exit_code == 0
    assert sink.records == list(range(min(count, total)))
    assert source.given <= count + size


@given(st.integers(0, 20), st.integers(1, 7))
def test_limit_option_counts_records_read(limit: int, size: int) -> None:
    sink = ListSink()
    result = go(line(ListSource(list(range(1, 15)), size), HALVE, sink), limit=limit)
    assert result.accounts["in"].received == min(limit, 14)


def test_dry_run_opens_no_sink() -> None:
    sink = ListSink()
    result = go(line(ListSource([1, 2]), {}, sink), dry_run=True)
    assert (result.exit_code, sink.opened, sink.records) == (0, False, [])
    assert result.accounts["out"].received == 2


@dataclass
class TakesData:
    a: int


class TakesDict(TypedDict):
    a: int


class Gives(Struct):
    b: int


class Row(Struct):
    a: int


@dataclass
class Made:
    b: Any


class OwnError(Exception):
    pass


def own_error() -> None:
    raise OwnError


def user(
    function: Callable[..., Any], kind: Any, takes: Any = TakesData
) -> tuple[Result, ListSink]:
    sink = ListSink()
    segment = UserCode(function, takes=takes, gives=Gives, kind=kind, node="mine")
    rows = [Row(a) for a in range(4)]
    return go(line(ListSource(rows), {"u": (segment, ("mine",))}, sink)), sink


def test_user_code_gets_its_own_type_and_gives_ours() -> None:
    result, sink = user(lambda record: Made(record.a + 1), "one")
    assert sink.records == [Gives(1), Gives(2), Gives(3), Gives(4)]
    assert result.exit_code == 0
    _, sink = user(lambda record: {"b": record["a"]}, "one", TakesDict)
    assert sink.records == [Gives(0), Gives(1), Gives(2), Gives(3)]


def test_user_code_that_may_drop_or_make_many() -> None:
    result, sink = user(lambda record: Made(record.a) if record.a % 2 else None, "maybe")
    assert sink.records == [Gives(1), Gives(3)]
    assert result.accounts["mine"].dropped["not returned"] == 2
    result, sink = user(lambda record: (Made(i) for i in range(record.a)), "many")
    assert len(sink.records) == 6
    assert (result.exit_code, result.accounts["mine"].produced) == (0, 3)


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda record: Made("text"), "ValidationError", "Expected `int`, got `str`"),
        (lambda record: None, "ValidationError", "returned None"),
        (lambda record: 1 // 0, "ZeroDivisionError", "division"),
        (lambda record: vars(record)["x"], "KeyError", "x"),
        (lambda record: exit(3), "SystemExit", "sys.exit(3)"),
        (lambda record: record.missing, "AttributeError", "missing"),
        (lambda record: Decimal("x"), "InvalidOperation", "ConversionSyntax"),
        (lambda record: Decimal(1) / 0, "DivisionByZero", "DivisionByZero"),
        (lambda record: math.exp(1e9), "OverflowError", "math range error"),
        (lambda record: b"\xff".decode(), "UnicodeDecodeError", "invalid start byte"),
        (lambda record: own_error(), "OwnError", "OwnError"),
    ],
)
def test_user_code_that_fails_costs_its_record(
    function: Callable[..., Any], error: str, message: str
) -> None:
    result, sink = user(lambda record: Made(0) if record.a else function(record), "one")
    assert (result.exit_code, sink.records) == (0, [Gives(0)] * 3)
    [letter] = letters()
    assert (letter["error"], letter["node"], letter["record"]) == (error, "mine", {"a": 0})
    assert message in letter["message"]
    if error not in ("ValidationError", "RecordError"):
        assert re.search(r"\(runtime/test_engine\.py:\d+\)$", letter["message"])


def test_user_code_that_fails_half_way_gives_nothing_of_its_record() -> None:
    def many(record: TakesData) -> Iterator[Made]:
        yield Made(1)
        if record.a == 2:
            raise LookupError("half way")

    _, sink = user(many, "many")
    assert len(sink.records) == 3


def test_user_code_runs_once_a_record() -> None:
    seen: list[int] = []

    def process(record: TakesData) -> Made:
        seen.append(record.a)
        return Made(1 // record.a)

    user(process, "one")
    assert seen == [0, 1, 2, 3]


def test_user_code_cannot_give_what_no_format_keeps() -> None:
    class Float(Struct):
        x: float

    sink = ListSink()
    segment = UserCode(
        lambda record: {"x": float("nan")}, takes=TakesData, gives=Float, kind="one", node="mine"
    )
    go(line(ListSource([Row(1)]), {"u": (segment, ("mine",))}, sink))
    assert sink.records == []
    assert letters()[0]["error"] == "OverflowError"


def divide(records: list[int], tally: Tally) -> tuple[list[int], ...]:
    big, small, rest = [], [], []
    for record in records:
        if 100 // record > 10:
            small.append(record)
        elif record < 50:
            big.append(record)
        else:
            rest.append(record)
    return big, small, rest


@given(st.lists(st.integers(0, 60), max_size=30), st.integers(1, 7))
def test_route_and_tee_and_merge(records: list[int], size: int) -> None:
    big, both = ListSink(), ListSink()
    pipeline = Pipeline(
        "t",
        (
            node("in", "source"),
            node("route", "stage"),
            node("tee", "stage"),
            node("big", "sink"),
            node("both", "sink"),
        ),
        {
            "in": SourceSegment(ListSource(records, size), "in"),
            "route": Route(divide, ("tee", "both", None), "route"),
            "tee": Fork("tee"),
            "merge": Merge(),
            "big": SinkSegment(big, "big"),
            "both": SinkSegment(both, "both"),
        },
        (("in", "route"), ("tee", "big"), ("tee", "merge"), ("merge", "both")),
    )
    result = go(pipeline)
    assert result.exit_code == 0
    assert big.records == [r for r in records if 10 <= r < 50]
    assert sorted(both.records) == sorted(r for r in records if 0 < r < 50)
    assert result.accounts["route"].dropped["discarded"] == sum(r >= 50 for r in records)
    assert result.dead_letters == records.count(0)


def test_sources_are_read_in_declared_order_endless_ones_last() -> None:
    sink = ListSink()
    pipeline = Pipeline(
        "t",
        (node("a", "source"), node("bb", "source"), node("c", "source"), node("out", "sink")),
        {
            "c": SourceSegment(ListSource([5], endless=True), "c"),
            "a": SourceSegment(ListSource([1, 2]), "a"),
            "bb": SourceSegment(ListSource([3, 4]), "bb"),
            "out": SinkSegment(sink, "out"),
        },
        (("c", "out"), ("a", "out"), ("bb", "out")),
    )
    assert go(pipeline).exit_code == 0
    assert sink.records == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("endless", "code", "complete"), [(True, 0, True), (False, 143, False)])
def test_a_stop_drains(endless: bool, code: int, complete: bool) -> None:
    environment = world()

    class Stopping(ListSource):
        def batches(self) -> Iterator[Batch]:
            yield Batch([1], {})
            environment.stop.request(signal.SIGTERM)
            yield Batch([2], {})
            raise AssertionError("read on after a stop")

    sink = ListSink()
    result = go(line(Stopping([], endless=endless), {}, sink), environment)
    assert (result.exit_code, sink.records, sink.completed) == (code, [1, 2], complete)


def test_a_run_in_which_everything_fails_is_stopped() -> None:
    source, sink = ListSource([0] * 5_000, 100), ListSink()
    result = go(line(source, HALVE, sink))
    assert (result.exit_code, source.given, sink.completed) == (1, 1_000, False)
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0813"
    assert len(letters()) == 1_000


def test_a_short_run_in_which_everything_fails_is_not_stopped() -> None:
    result = go(line(ListSource([0] * 999), HALVE, ListSink()))
    assert (result.exit_code, result.dead_letters) == (0, 999)
    assert go(line(ListSource([0]), HALVE, ListSink()), fail_on_dead_letter=True).exit_code == 1


def test_a_dead_letter_file_that_cannot_be_written_stops_the_run() -> None:
    result = go(line(ListSource([0]), HALVE, ListSink()), dead_letter="missing/dead.jsonl")
    assert result.exit_code == 3
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0812"


def test_the_failing_node_is_read_from_the_comment_above_the_line() -> None:
    text = (
        "def f(records, tally):\n"
        "    kept = []\n"
        "    for record in records:\n"
        "        # t.flow:1:5  first\n"
        "        a = helper(record)\n"
        "        # t.flow:1:6  second # t.flow:1:5  no\n"
        "        b = [\n"
        "            1 // x\n"
        "            for x in [record - 2]\n"
        "        ]\n"
        "        kept.append(b)\n"
        "    return kept\n"
        "def helper(record):\n"
        "    return 1 // (record - 1)\n"
    )
    linecache.cache["<memory>"] = (len(text), None, text.splitlines(True), "<memory>")
    module: dict[str, Any] = {}
    exec(compile(text, "<memory>", "exec"), module)  # noqa: S102
    chain = ("first", "second")
    stages = {"f": (Fused(module["f"], chain), chain)}
    result = go(line(ListSource([1, 2, 3]), stages, ListSink()))
    assert [(letter["record"], letter["node"]) for letter in letters()] == [
        (1, "first"),
        (2, "second"),
    ]
    assert result.exit_code == 0


def test_a_wrong_name_in_generated_code_is_our_bug() -> None:
    def wrong(records: list[int], tally: Tally) -> list[int]:
        return [record + missing for record in records]  # type: ignore[name-defined]  # noqa: F821

    result = go(line(ListSource([1]), {"f": (Fused(wrong, ("a",)), ("a",))}, ListSink()))
    assert result.exit_code == 4


def test_cut_timestamps_are_counted_once_whatever_is_done_again() -> None:
    def times(records: list[str], tally: Tally) -> list[Any]:
        return [to_timestamp(text) for text in records]

    fine, plain = "2024-01-01T00:00:00.1234567Z", "2024-01-01T00:00:00.1234560Z"
    stages = {"f": (Fused(times, ("a",)), ("a",))}
    sink = ListSink()
    result = go(line(ListSource([fine, plain, "no time", fine], 4), stages, sink))
    assert (result.exit_code, result.accounts.cut_timestamps) == (0, 2)
    assert len(sink.records) == 3
    again = go(line(ListSource([plain]), stages, ListSink()))
    assert again.accounts.cut_timestamps == 0


def test_timestamps_cut_by_several_sources_at_once_are_counted() -> None:
    class Cutting(ListSource):
        def batches(self) -> Iterator[Batch]:
            for batch in super().batches():
                yield Batch([to_timestamp(text) for text in batch.records], {})

    fine = ["2024-01-01T00:00:00.1234567Z"] * 10
    sink = ListSink()
    pipeline = together({"a": Cutting(fine, endless=True), "b": Cutting(fine, endless=True)}, sink)
    result = go(pipeline)
    assert (result.exit_code, result.accounts.cut_timestamps) == (0, 20)
    assert len(sink.records) == 20


def together(sources: dict[str, Any], sink: ListSink) -> Pipeline:
    """Sources that all lead to one sink."""
    return Pipeline(
        "t",
        (*(node(name, "source") for name in sources), node("out", "sink")),
        {
            **{name: SourceSegment(source, name) for name, source in sources.items()},
            "out": SinkSegment(sink, "out"),
        },
        tuple((name, "out") for name in sources),
    )


@given(st.lists(st.integers(0, 40), min_size=2, max_size=4), st.none() | st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_sources_that_are_read_at_once_lose_nothing(counts: list[int], limit: int | None) -> None:
    sources = {
        f"s{at}": ListSource([(at, i) for i in range(count)], 3, endless=True)
        for at, count in enumerate(counts)
    }
    sink = ListSink()
    result = go(together(sources, sink), limit=limit)
    assert result.exit_code == 0
    for at, count in enumerate(counts):
        expected = count if limit is None else min(count, limit)
        assert [i for source, i in sink.records if source == at] == list(range(expected))
    assert all(source.closed for source in sources.values())


def test_a_source_that_breaks_while_others_wait_ends_the_run() -> None:
    class Breaking(ListSource):
        def batches(self) -> Iterator[Batch]:
            yield Batch([1], {})
            raise OSError("gone")

    class Waiting(ListSource):
        def batches(self) -> Iterator[Batch]:
            Event().wait(30)
            yield Batch([2], {})

    sources = {"a": Waiting([], endless=True), "b": Breaking([], endless=True)}
    result = go(together(sources, ListSink()))
    assert result.exit_code == 3
    assert result.diagnosis is not None
    assert result.diagnosis.message == "the list broke"


def test_progress_is_told_once_a_batch() -> None:
    seen: list[int] = []

    class Watching:
        def progress(self, source: str, accounts: Any) -> None:
            seen.append(accounts[source].received)

    pipeline = line(ListSource(list(range(10)), 4), {}, ListSink())
    run(pipeline, RunOptions(), world(), Watching())
    assert seen == [4, 8, 10]


def test_what_an_endless_source_gave_is_flushed_at_once() -> None:
    sink = ListSink()
    go(line(ListSource([1, 2, 3, 4, 5], 2, endless=True), {}, sink))
    assert sink.flushes >= 3


def test_a_segment_that_leads_nowhere_is_our_bug() -> None:
    pipeline = Pipeline(
        "t", (node("in", "source"),), {"in": SourceSegment(ListSource([1]), "in")}, ()
    )
    result = go(pipeline)
    assert result.exit_code == 4
    assert "in leads nowhere" in result.details
