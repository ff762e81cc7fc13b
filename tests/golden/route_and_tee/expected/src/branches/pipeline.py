"""The stages of branches and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.jsonlines import JsonLines
from ._runtime.connectors import files
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import (
    Fork,
    Fused,
    Merge,
    Pipeline,
    Route,
    Segment,
    SinkSegment,
    SourceSegment,
)
from ._runtime.tally import Tally
from ._runtime.values.numbers import finite
from .settings import Settings
from .types import Orders

NODES = (
    Node("orders", "source", "branches.flow:1:3", "orders.jsonl"),
    Node("tee", "stage", "branches.flow:2:3", "tee { all.jsonl }"),
    Node("all", "sink", "branches.flow:3:3", "all.jsonl"),
    Node("route", "stage", "branches.flow:4:3", "route { amount > 100: …; country == 'DE': … }"),
    Node("set", "stage", "branches.flow:5:3", "set amount = amount * 2"),
    Node("rest", "sink", "branches.flow:6:3", "rest.jsonl"),
)


# branches.flow:4:3  route { amount > 100: …; country == 'DE': … }
def route(records: list[Orders], tally: Tally) -> tuple[list[Orders], list[Orders]]:
    branch_0: list[Orders] = []
    branch_1: list[Orders] = []
    unmatched = 0
    for record in records:
        # branches.flow:4:3  route { amount > 100: …; country == 'DE': … }
        if record.amount > 100:
            branch_0.append(record)
        elif record.country == "DE":
            branch_1.append(record)
        else:
            unmatched += 1
    tally.drop("route", unmatched, "no branch")
    return (branch_0, branch_1)


# branches.flow:5:3  set amount = amount * 2
def set_(records: list[Orders], tally: Tally) -> list[Orders]:
    kept: list[Orders] = []
    for record in records:
        # branches.flow:5:3  set amount = amount * 2
        amount = finite(record.amount * 2)
        kept.append(
            Orders(
                id=record.id,
                customer_id=record.customer_id,
                amount=amount,
                status=record.status,
                country=record.country,
            )
        )
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "orders": SourceSegment(
            files.Source(files.SourceOptions(path="orders.jsonl"), JsonLines(Orders), environment),
            node="orders",
        ),
        "tee": Fork(node="tee"),
        "all": SinkSegment(
            files.Sink(files.SinkOptions(path="all.jsonl"), JsonLines(Orders), environment),
            node="all",
        ),
        "route": Route(route, branches=("set", "rest~merge"), node="route"),
        "set": Fused(set_, nodes=("set",)),
        "rest~merge": Merge(),
        "rest": SinkSegment(
            files.Sink(files.SinkOptions(path="rest.jsonl"), JsonLines(Orders), environment),
            node="rest",
        ),
    }
    return Pipeline(
        name="branches",
        nodes=NODES,
        segments=segments,
        links=(
            ("orders", "tee"),
            ("tee", "all"),
            ("tee", "route"),
            ("set", "rest~merge"),
            ("rest~merge", "rest"),
        ),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
