"""What stands in for the ends of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from open._runtime.errors import Diagnosis
from open._runtime.records import Batch, Position


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
