"""A whole run: what the sources give is written, dropped or dead, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from open._runtime.engine import RunOptions, run
from open._runtime.environment import Environment
from open._runtime.errors import Diagnosis
from open._runtime.records import Batch, Position
from open._runtime.segments import SinkSegment, SourceSegment
from open.pipeline import pipeline
from samples import SETTINGS, THING

RECORDS: dict[str, list[Any]] = {
    "things": THING,
}


class Given:
    """A source of records that are there already."""

    endless = False
    label = "records"
    resource = ""

    def __init__(self, records: list[Any]) -> None:
        self.records = records

    def open(self, position: Position | None) -> None:
        pass

    def batches(self) -> Iterator[Batch]:
        yield Batch(self.records, {})

    def close(self) -> None:
        pass

    def diagnose(self, error: Exception) -> Diagnosis | None:
        return None


class Kept:
    """A sink that keeps what it is given."""

    label = "records"
    resource = ""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.confirmed = 0
        self.complete = False

    def open(self) -> None:
        pass

    def write(self, records: list[Any]) -> None:
        self.records += records
        self.confirmed += len(records)

    def flush(self) -> None:
        pass

    def close(self, complete: bool) -> None:
        self.complete = complete

    def diagnose(self, error: Exception) -> Diagnosis | None:
        return None


def test_run(tmp_path: Path) -> None:
    environment = Environment({})
    built = pipeline(SETTINGS, environment)
    sinks: list[Kept] = []
    for name, segment in built.segments.items():
        if isinstance(segment, SourceSegment):
            built.segments[name] = SourceSegment(Given(RECORDS[name]), segment.node)
        elif isinstance(segment, SinkSegment):
            sinks.append(Kept())
            built.segments[name] = SinkSegment(sinks[-1], segment.node)

    result = run(built, RunOptions(dead_letter=str(tmp_path / "dead.jsonl")), environment)

    assert result.diagnosis is None, result.details
    assert result.exit_code == 0
    assert result.accounts.imbalances() == []
    assert all(sink.complete for sink in sinks)
