"""Sources and sinks in memory, for tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from flowc_runtime.environment import Environment
from flowc_runtime.errors import Diagnosis
from flowc_runtime.records import Batch, Node, Position
from flowc_runtime.segments import Pipeline, Segment, SinkSegment, SourceSegment


class ListSource:
    """Gives its records in batches of `size`."""

    label = "a list"
    resource = ""

    def __init__(self, records: list[Any], size: int = 4, endless: bool = False) -> None:
        self.records = records
        self.size = size
        self.endless = endless
        self.closed = False
        self.given = 0

    def open(self, position: Position | None) -> None:
        pass

    def batches(self) -> Iterator[Batch]:
        for at in range(0, len(self.records), self.size):
            found = self.records[at : at + self.size]
            self.given += len(found)
            yield Batch(found, {})

    def close(self) -> None:
        self.closed = True

    def diagnose(self, error: Exception) -> Diagnosis | None:
        return Diagnosis("FC0816", "the list broke", str(error)) if type(error) is OSError else None


class ListSink:
    """Keeps what it gets; `completed` is what close was told."""

    label = "a list"
    resource = ""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.confirmed = 0
        self.flushes = 0
        self.opened = False
        self.completed: bool | None = None

    def open(self) -> None:
        self.opened = True

    def write(self, records: list[Any]) -> None:
        self.records += records
        self.confirmed += len(records)

    def flush(self) -> None:
        self.flushes += 1

    def close(self, complete: bool) -> None:
        self.completed = complete

    def diagnose(self, error: Exception) -> Diagnosis | None:
        if isinstance(error, OSError):
            return Diagnosis("FC0804", "no space left", str(error))
        return None


def node(name: str, kind: str = "stage") -> Node:
    return Node(name, kind, f"t.flow:1:{len(name)}", name)


def line(source: Any, stages: Mapping[str, tuple[Segment, tuple[str, ...]]], sink: Any) -> Pipeline:
    """source -> stages in order -> sink; a stage is its segment and the nodes it works for."""
    names = ["in", *stages, "out"]
    return Pipeline(
        name="t",
        nodes=(
            node("in", "source"),
            *(node(name) for _, chain in stages.values() for name in chain),
            node("out", "sink"),
        ),
        segments={
            "in": SourceSegment(source, node="in"),
            **{name: segment for name, (segment, _) in stages.items()},
            "out": SinkSegment(sink, node="out"),
        },
        links=tuple(pairwise(names)),
    )


def world() -> Environment:
    return Environment({})
