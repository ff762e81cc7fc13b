"""The stages of open and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.openlines import OpenJsonLines, without
from ._runtime.connectors import files
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment
from ._runtime.tally import Tally
from ._runtime.values.numbers import int64
from .settings import Settings
from .types import Copies, Thing

NODES = (
    Node("things", "source", "open.flow:1:3", "things.jsonl"),
    Node("rename", "stage", "open.flow:2:3", "rename d = b"),
    Node("drop", "stage", "open.flow:3:3", "drop c, gone"),
    Node("copies", "sink", "open.flow:4:3", "copies.jsonl"),
)


# open.flow:2:3  rename d = b | drop c, gone
def rename_to_drop(records: list[Thing], tally: Tally) -> list[Copies]:
    kept: list[Copies] = []
    for record in records:
        # open.flow:2:3  rename d = b
        e = int64(record.a + 1)
        kept.append(
            Copies(a=record.a, d=record.b, e=e, rest_=without(record.rest_, "b", "c", "gone"))
        )
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "things": SourceSegment(
            files.Source(
                files.SourceOptions(path="things.jsonl"), OpenJsonLines(Thing), environment
            ),
            node="things",
        ),
        "rename": Fused(rename_to_drop, nodes=("rename", "drop")),
        "copies": SinkSegment(
            files.Sink(files.SinkOptions(path="copies.jsonl"), OpenJsonLines(Copies), environment),
            node="copies",
        ),
    }
    return Pipeline(
        name="open",
        nodes=NODES,
        segments=segments,
        links=(("things", "rename"), ("rename", "copies")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
