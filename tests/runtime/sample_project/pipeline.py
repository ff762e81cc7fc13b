from __future__ import annotations

from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.connectors import files, sqlite, stdio
from flowc_runtime.environment import Environment
from flowc_runtime.errors import ValidationError
from flowc_runtime.records import Node, Sink, Source
from flowc_runtime.segments import (
    Fork,
    Fused,
    Pipeline,
    SinkSegment,
    SourceSegment,
    Stateful,
    UserCode,
)
from flowc_runtime.state.limit import Limit
from flowc_runtime.tally import Tally
from flowc_runtime.values.numbers import finite

from .processors import add_vat
from .settings import Settings
from .types import BigOrders, Orders, WithVat

NODES = (
    Node("orders", "source", "orders.flow:1:1", "orders.jsonl"),
    Node("filter", "stage", "orders.flow:1:16", "filter amount > 100"),
    Node("set", "stage", "orders.flow:1:36", "set net = round(amount * 0.8, 2)"),
    Node("validate", "stage", "orders.flow:1:70", "validate net < 1e6"),
    Node("add-vat", "stage", "orders.flow:1:90", "add-vat"),
    Node("limit", "stage", "orders.flow:1:100", "limit 1000000"),
    Node("tee", "stage", "orders.flow:2:3", "tee"),
    Node("file", "sink", "orders.flow:3:3", "out.jsonl"),
    Node("big_orders", "sink", "orders.flow:4:3", "sqlite://out.db/big_orders"),
)


# orders.flow:1:16  filter amount > 100 | set net = round(amount * 0.8, 2) | validate net < 1e6
def filter_to_validate(records: list[Orders], tally: Tally) -> list[BigOrders]:
    kept: list[BigOrders] = []
    filter_dropped = 0
    for record in records:
        # orders.flow:1:16  filter amount > 100
        if not record.amount > 100:
            filter_dropped += 1
            continue
        # orders.flow:1:36  set net = round(amount * 0.8, 2)
        net = finite(round(record.amount * 0.8 / (record.id - 7), 2) * (record.id - 7))
        # orders.flow:1:70  validate net < 1e6
        if not net < 1000000.0:
            tally.reject("validate", record, ValidationError("net < 1e6 is false"))
            continue
        kept.append(BigOrders(id=record.id, net=net, origin=record.from_))
    tally.drop("filter", filter_dropped)
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    codec = JsonLines(Orders)
    source: Source
    if settings.source == "-":
        source = stdio.Source(stdio.SourceOptions(), codec, environment)
    else:
        source = files.Source(files.SourceOptions(settings.source), codec, environment)
    file: Sink
    if settings.sink == "-":
        file = stdio.Sink(stdio.SinkOptions(), JsonLines(WithVat), environment)
    else:
        file = files.Sink(files.SinkOptions(settings.sink), JsonLines(WithVat), environment)
    big_orders = sqlite.Sink(
        sqlite.SinkOptions(settings.database, "big_orders"),
        (
            sqlite.Column("id", "int", nullable=False),
            sqlite.Column("net", "float", nullable=False),
            sqlite.Column("origin", "string", nullable=False),
            sqlite.Column("vat", "float", nullable=False),
        ),
        environment,
    )
    return Pipeline(
        name="orders",
        nodes=NODES,
        segments={
            "orders": SourceSegment(source, node="orders"),
            "filter_to_validate": Fused(filter_to_validate, nodes=("filter", "set", "validate")),
            "add-vat": UserCode(
                add_vat.process, takes=add_vat.Order, gives=WithVat, kind="one", node="add-vat"
            ),
            "limit": Stateful(Limit(settings.limit), node="limit"),
            "tee": Fork(node="tee"),
            "file": SinkSegment(file, node="file"),
            "big_orders": SinkSegment(big_orders, node="big_orders"),
        },
        links=(
            ("orders", "filter_to_validate"),
            ("filter_to_validate", "add-vat"),
            ("add-vat", "limit"),
            ("limit", "tee"),
            ("tee", "file"),
            ("tee", "big_orders"),
        ),
        digest="sha256:sample",
    )
