"""The stages of types and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.jsonlines import JsonLines
from ._runtime.connectors import files
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment
from ._runtime.tally import Tally
from .settings import Settings
from .types import Copies, Thing

NODES = (
    Node("things", "source", "types.flow:1:3", "things.jsonl"),
    Node("select", "stage", "types.flow:2:3", "select …, address.city, address.zip"),
    Node("copies", "sink", "types.flow:3:3", "copies.jsonl"),
)


# types.flow:2:3  select …, address.city, address.zip
def select(records: list[Thing], tally: Tally) -> list[Copies]:
    return [
        Copies(
            flag=record.flag,
            note=record.note,
            when=record.when,
            day=record.day,
            price=record.price,
            exact=record.exact,
            wide=record.wide,
            tree=record.tree,
            key=record.key,
            kind=record.kind,
            tags=record.tags,
            counts=record.counts,
            others=record.others,
            extra=record.extra,
            paid=record.paid,
            city=record.address.city,
            zip=record.address.zip,
        )
        for record in records
    ]


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "things": SourceSegment(
            files.Source(files.SourceOptions(path="things.jsonl"), JsonLines(Thing), environment),
            node="things",
        ),
        "select": Fused(select, nodes=("select",)),
        "copies": SinkSegment(
            files.Sink(files.SinkOptions(path="copies.jsonl"), JsonLines(Copies), environment),
            node="copies",
        ),
    }
    return Pipeline(
        name="types",
        nodes=NODES,
        segments=segments,
        links=(("things", "select"), ("select", "copies")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
