"""Every state can be saved and restored at any point, and then goes on as if it had not been."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowc_runtime.state
from flowc_runtime.environment import Environment
from flowc_runtime.errors import RunError
from flowc_runtime.state.aggregate import Aggregation
from flowc_runtime.state.batch import Batches
from flowc_runtime.state.dedupe import FirstOfEach, FirstWithin, LastOfEach, LastWithin
from flowc_runtime.state.limit import Limit
from flowc_runtime.state.order import Sort, Top
from flowc_runtime.state.pace import Throttle
from flowc_runtime.state.sample import Sample
from flowc_runtime.state.tables import FirstTable, Held, ListTable, UniqueTable
from flowc_runtime.state.windowed import WindowedAggregation, WindowedTop
from flowc_runtime.state.windows import Fixed, Session
from flowc_runtime.tally import Receipt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(msgspec.Struct):
    start: datetime
    end: datetime


class Row(msgspec.Struct):
    k: str | None
    n: int
    time: datetime
    window: Window
    rank: int = 0


class Made(msgspec.Struct):
    k: str | None
    total: int | None
    all: list[int]


class WindowMade(msgspec.Struct):
    k: str | None
    window: Window
    total: int | None
    all: list[int]


class Stopped(Environment):
    """A world whose clock stands still, so that what a throttle lets pass is told by its state."""

    def monotonic(self) -> float:
        return 0.0


WORLD = Stopped({}, seed=5)
FUNCTIONS = (("sum_int", "n", None), ("collect", "n", None))
ORDER = (("n", True, False),)
SECONDS = {count: timedelta(seconds=count) for count in (5, 10, 20)}
MINUTE = Fixed(SECONDS[20], SECONDS[10], SECONDS[5])
BREAK = Session(SECONDS[10], SECONDS[5])

STATES: dict[type[Any], list[Callable[[], Any]]] = {
    Aggregation: [lambda: Aggregation(Row, Made, ("k",), FUNCTIONS)],
    Batches: [lambda: Batches(Row, 3, SECONDS[5], WORLD)],
    FirstOfEach: [lambda: FirstOfEach(Row, ("k",)), lambda: FirstOfEach(Row, ())],
    FirstWithin: [lambda: FirstWithin(Row, ("k",), "time", SECONDS[20], SECONDS[5])],
    FirstTable: [lambda: FirstTable(Row, ("k", "n"), label="t", orders=ORDER)],
    Held: [lambda: Held(Row)],
    LastOfEach: [lambda: LastOfEach(Row, ("k", "n"))],
    LastWithin: [lambda: LastWithin(Row, ("k",), "time", SECONDS[20], SECONDS[5])],
    ListTable: [lambda: ListTable(Row, ("k",), label="t", orders=ORDER)],
    UniqueTable: [lambda: UniqueTable(Row, ("time",), label="t")],
    Limit: [lambda: Limit(7)],
    Sample: [lambda: Sample(0.5, WORLD)],
    Sort: [lambda: Sort(Row, ORDER)],
    Throttle: [lambda: Throttle(50, timedelta(seconds=1), WORLD)],
    Top: [lambda: Top(Row, 2, ORDER, ("k",), True, "rank")],
    WindowedAggregation: [
        lambda: WindowedAggregation(Row, WindowMade, ("k",), FUNCTIONS, "time", MINUTE),
        lambda: WindowedAggregation(Row, WindowMade, ("k",), FUNCTIONS, "time", BREAK),
    ],
    WindowedTop: [
        lambda: WindowedTop(Row, 2, ORDER, ("k",), False, "rank", MINUTE),
        lambda: WindowedTop(Row, 2, ORDER, (), False, None, BREAK),
    ],
}


#: States that need more than records to be made; their own tests save and restore them.
ELSEWHERE = ("Expectations", "Inlet", "Program")


def row(k: str | None, n: int, second: int) -> Row:
    moment = EPOCH + timedelta(seconds=second)
    return Row(k, n, moment, Window(moment, moment))


ROWS = st.lists(
    st.builds(row, st.sampled_from(["a", "b", None]), st.integers(0, 5), st.integers(-40, 90)),
    max_size=30,
)


def found_states() -> Iterator[type[Any]]:
    """The classes of the runtime that a pipeline has as its states."""
    for module in pkgutil.iter_modules(flowc_runtime.state.__path__):
        for _, kind in inspect.getmembers(
            importlib.import_module(f"flowc_runtime.state.{module.name}"), inspect.isclass
        ):
            own = kind.__module__ == f"flowc_runtime.state.{module.name}"
            works = any(hasattr(kind, verb) for verb in ("apply", "take", "keep"))
            public = not kind.__name__.startswith("_") and not getattr(kind, "_is_protocol", False)
            if own and public and works and hasattr(kind, "restore"):
                yield kind


def test_every_state_is_tried() -> None:
    found = {kind.__name__ for kind in found_states()}
    assert found - {"Windowed", *ELSEWHERE} == {kind.__name__ for kind in STATES}


def restored(make: Callable[[], Any], state: Any) -> Any:
    saved = json.loads(json.dumps(state.save()))
    again = make()
    again.restore(saved)
    return again


def given_by(make: Callable[[], Any], parts: list[list[Row]], *, saving: bool) -> list[Any]:
    """All that a state gives and says of each part, and at the end."""
    state = make()
    told: list[Any] = []
    for part in parts:
        receipt = Receipt()
        if hasattr(state, "complete"):
            try:
                told.append(state.take(part, receipt))
            except RunError as error:
                return [*told, str(error)]
        elif hasattr(state, "keep"):
            told.append(state.keep(part))
        elif hasattr(state, "take"):
            told.append(state.take(len(part)))
        elif hasattr(state, "finish"):
            told.append(state.apply(part, receipt))
        else:
            told.append((state.apply(part), state.done))
        told.append(account(receipt))
        if saving:
            state = restored(make, state)
    if hasattr(state, "complete"):
        state.complete()
        told.append(restored(make, state).save() if saving else state.save())
    elif hasattr(state, "release"):
        told.append(state.release())
    elif hasattr(state, "finish"):
        receipt = Receipt()
        told += [state.finish(receipt), account(receipt)]
    return told


def account(receipt: Receipt) -> tuple[Any, ...]:
    rejects = [(record, str(error)) for record, error in receipt.rejects]
    return receipt.absorbed, receipt.produced, receipt.drops, rejects


MAKERS = [
    pytest.param(make, id=f"{kind.__name__}-{number}")
    for kind, makers in STATES.items()
    for number, make in enumerate(makers)
]


@pytest.mark.parametrize("make", MAKERS)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 30), max_size=4))
@settings(max_examples=60)
def test_saving_changes_nothing(make: Callable[[], Any], rows: list[Row], cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[start:end] for start, end in pairwise(ends)]
    assert given_by(make, parts, saving=True) == given_by(make, parts, saving=False)


def totals(told: list[Any]) -> tuple[list[Any], int, int, dict[str, int], list[Any]]:
    """What a state gave in all, and its account."""
    given: list[Any] = []
    absorbed = produced = 0
    drops: dict[str, int] = {}
    rejects: list[Any] = []
    for found, (held, made, dropped, dead) in zip(told[::2], told[1::2], strict=True):
        given += found
        absorbed += held
        produced += made
        rejects += dead
        for reason, count in dropped.items():
            drops[reason] = drops.get(reason, 0) + count
    return given, absorbed, produced, drops, rejects


#: What the next step is given at once, and what has no end, is not told as the others are.
_OTHER = ("Batches", "Held", "Limit", "Sample", "Throttle")
WITHOUT_BATCHES = [
    param
    for param in MAKERS
    if param.id and param.id.split("-")[0] not in _OTHER and "Table" not in param.id
]


@pytest.mark.parametrize("make", WITHOUT_BATCHES)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 30), max_size=4))
@settings(max_examples=60)
def test_batches_change_nothing(make: Callable[[], Any], rows: list[Row], cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[start:end] for start, end in pairwise(ends)]
    divided = totals(given_by(make, parts, saving=False))
    assert divided == totals(given_by(make, [[one] for one in rows], saving=False))
