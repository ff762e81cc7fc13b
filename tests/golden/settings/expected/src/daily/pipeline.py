"""The stages of daily and how they are joined."""

from __future__ import annotations

from functools import partial

from ._runtime.codecs.jsonlines import JsonLines
from ._runtime.connectors import files
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment
from ._runtime.tally import Tally
from .settings import Settings
from .types import Orders

NODES = (
    Node("orders", "source", "daily.flow:1:3", "${FOLDER}/orders-${DAY}.jsonl"),
    Node("filter", "stage", "daily.flow:2:3", "filter amount > ${MINIMUM}"),
    Node("out", "sink", "daily.flow:3:3", ""),
)


# daily.flow:2:3  filter amount > ${MINIMUM}
def filter_(records: list[Orders], tally: Tally, settings: Settings) -> list[Orders]:
    kept: list[Orders] = []
    for record in records:
        # daily.flow:2:3  filter amount > ${MINIMUM}
        if not record.amount > settings.minimum:
            continue
        kept.append(record)
    tally.drop("filter", len(records) - len(kept))
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "orders": SourceSegment(
            files.Source(
                files.SourceOptions(
                    path="".join((settings.folder, "/orders-", str(settings.day), ".jsonl"))
                ),
                JsonLines(Orders),
                environment,
            ),
            node="orders",
        ),
        "filter": Fused(partial(filter_, settings=settings), nodes=("filter",)),
        "out": SinkSegment(
            files.Sink(
                files.SinkOptions(path=settings.api_token.reveal()), JsonLines(Orders), environment
            ),
            node="out",
        ),
    }
    return Pipeline(
        name="daily",
        nodes=NODES,
        segments=segments,
        links=(("orders", "filter"), ("filter", "out")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
