"""What every connector must do, whatever it connects to.

A connector's test module subclasses `SourceBattery` and `SinkBattery` and says how to make one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from msgspec import Struct

from flowc_runtime.environment import Environment
from flowc_runtime.errors import RecordError, RunError
from flowc_runtime.records import Option, Position, Sink, Source


class Thing(Struct):
    """The record that connectors are tried with."""

    id: int
    name: str | None


THINGS = [Thing(i, None if i % 3 == 0 else "é\"',\n" * (i % 4)) for i in range(2_500)]


def check_options(options: Any) -> None:
    """Options are a frozen dataclass that refuses unknown keys and documents each field."""
    assert options.__dataclass_params__.frozen
    assert options.__pydantic_config__ == {"extra": "forbid"}
    hints = get_type_hints(options, include_extras=True)
    for field in fields(options):
        [doc] = [note.doc for note in get_args(hints[field.name])[1:] if isinstance(note, Option)]
        assert len(doc) > 10


def check_diagnosis(end: Source | Sink, code: str, use: Callable[[], None]) -> None:
    """What `use` raises is explained by `end` under `code`, with something to do."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        use()
    error = caught.value
    diagnosis = error.diagnosis if isinstance(error, RunError) else end.diagnose(error)
    assert diagnosis is not None, repr(error)
    assert diagnosis.code == code, diagnosis
    assert diagnosis.suggestions


def _read(source: Source) -> None:
    try:
        source.open(None)
        list(source.batches())
    finally:
        source.close()


def _write(sink: Sink) -> None:
    sink.open()
    sink.write(THINGS)
    sink.flush()


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.chdir(tmp_path)
    return Environment({})


class SourceBattery:
    """`source` makes one that gives `THINGS`; `broken` gives (source, code of its diagnosis)."""

    replayable: bool

    def source(self, environment: Environment) -> Source:
        raise NotImplementedError

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        raise NotImplementedError

    def test_it_gives_all_records_in_order(self, environment: Environment) -> None:
        source = self.source(environment)
        source.open(None)
        assert [r for batch in source.batches() for r in batch.records] == THINGS
        source.close()
        source.close()

    def test_it_goes_on_from_every_position(self, environment: Environment) -> None:
        source = self.source(environment)
        source.open(None)
        positions: list[tuple[int, Position]] = []
        count = 0
        for batch in source.batches():
            count += len(batch.records)
            positions.append((count, batch.position))
        source.close()
        assert all(bool(position) == self.replayable for _, position in positions)
        if not self.replayable:
            return
        assert len(positions) > 1
        for count, position in positions:
            again = self.source(environment)
            again.open(position)
            assert [r for batch in again.batches() for r in batch.records] == THINGS[count:]
            again.close()

    def test_it_may_be_closed_early(self, environment: Environment) -> None:
        source = self.source(environment)
        source.open(None)
        next(source.batches())
        source.close()

    def test_its_errors_are_explained(self, environment: Environment) -> None:
        for source, code in self.broken(environment):
            check_diagnosis(source, code, partial(_read, source))
        assert source.diagnose(ZeroDivisionError()) is None


class SinkBattery:
    """`sink` makes one; `stored` reads back what it stored; `broken` as for sources."""

    def sink(self, environment: Environment) -> Sink:
        raise NotImplementedError

    def stored(self, environment: Environment) -> list[Thing]:
        raise NotImplementedError

    def broken(self, environment: Environment) -> Iterator[tuple[Sink, str]]:
        raise NotImplementedError

    def test_it_stores_all_records_in_order(self, environment: Environment) -> None:
        sink = self.sink(environment)
        sink.open()
        for at in range(0, len(THINGS), 700):
            sink.write(THINGS[at : at + 700])
        sink.flush()
        assert sink.confirmed == len(THINGS)
        sink.close(complete=True)
        sink.close(complete=True)
        assert self.stored(environment) == THINGS

    def test_no_records_are_a_result_too(self, environment: Environment) -> None:
        sink = self.sink(environment)
        sink.open()
        sink.flush()
        sink.close(complete=True)
        assert (sink.confirmed, self.stored(environment)) == (0, [])

    def test_a_record_that_cannot_be_written_takes_none_with_it(
        self, environment: Environment
    ) -> None:
        sink = self.sink(environment)
        sink.open()
        sink.write(THINGS[:2])
        with pytest.raises(RecordError):
            sink.write([THINGS[2], Thing(3, "\ud800"), THINGS[4]])
        sink.write(THINGS[5:7])
        sink.flush()
        assert sink.confirmed == 4
        sink.close(complete=True)
        assert self.stored(environment) == THINGS[:2] + THINGS[5:7]

    def test_its_errors_are_explained(self, environment: Environment) -> None:
        for sink, code in self.broken(environment):
            check_diagnosis(sink, code, partial(_write, sink))
            sink.close(complete=False)
        assert sink.diagnose(ZeroDivisionError()) is None
