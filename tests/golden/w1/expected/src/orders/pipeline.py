"""The stages of orders and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.jsonlines import JsonLines
from ._runtime.connectors import files
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment
from ._runtime.tally import Tally
from ._runtime.values.numbers import finite
from .settings import Settings
from .types import BigOrders, Orders

NODES = (
    Node("orders", "source", "orders.flow:1:3", "orders.jsonl"),
    Node("filter", "stage", "orders.flow:2:3", "filter amount > 100"),
    Node("set", "stage", "orders.flow:3:3", "set net = round(amount * 0.8, 2)"),
    Node("select", "stage", "orders.flow:4:3", "select id, customer_id, country, status, net"),
    Node("big_orders", "sink", "orders.flow:5:3", "big_orders.jsonl"),
)


# orders.flow:2:3  filter amount > 100 | set net = round(amount * 0.8, 2) | select id, customer_id, country, status, net
def filter_to_select(records: list[Orders], tally: Tally) -> list[BigOrders]:
    kept: list[BigOrders] = []
    for record in records:
        # orders.flow:2:3  filter amount > 100
        if not record.amount > 100:
            continue
        # orders.flow:3:3  set net = round(amount * 0.8, 2)
        net = finite(round(record.amount * 0.8, 2))
        kept.append(
            BigOrders(
                id=record.id,
                customer_id=record.customer_id,
                country=record.country,
                status=record.status,
                net=net,
            )
        )
    tally.drop("filter", len(records) - len(kept))
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "orders": SourceSegment(
            files.Source(files.SourceOptions(path="orders.jsonl"), JsonLines(Orders), environment),
            node="orders",
        ),
        "filter": Fused(filter_to_select, nodes=("filter", "set", "select")),
        "big_orders": SinkSegment(
            files.Sink(
                files.SinkOptions(path="big_orders.jsonl"), JsonLines(BigOrders), environment
            ),
            node="big_orders",
        ),
    }
    return Pipeline(
        name="orders",
        nodes=NODES,
        segments=segments,
        links=(("orders", "filter"), ("filter", "big_orders")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
