"""Plans made by hand, so that targets are tested without a front end."""

from __future__ import annotations

from flowc.model.effects import ARITHMETIC_ERROR
from flowc.model.plan import Block, Decode, Keep, Link, NodeInfo, Plan, Project, Pure, Read, Write
from flowc.model.typed import Apply, BinaryForm, BuiltinCall, Column, Const, Typed
from flowc.model.types import BOOL, FLOAT, INT, STRING, Field, Record
from flowc_runtime.connectors import files


def binary(symbol: str, left: Typed, right: Typed, type=FLOAT, checked=""):
    return Apply(symbol, BinaryForm(symbol), (left, right), type, checked=checked)


def w1() -> Plan:
    """orders.jsonl | filter amount > 100 | set net = round(amount * 0.8, 2) | select … | big.jsonl"""
    source = Record(
        (
            Field("id", INT),
            Field("customer_id", INT),
            Field("amount", FLOAT),
            Field("status", STRING),
            Field("country", STRING),
        ),
        name="orders",
    )
    net = Apply(
        "round",
        BuiltinCall("round"),
        (binary("*", Column(("amount",), FLOAT), Const(0.8, FLOAT)), Const(2, INT)),
        FLOAT,
        errors=frozenset((ARITHMETIC_ERROR,)),
        checked="finite",
    )
    wide = Record((*source.fields, Field("net", FLOAT)))
    out = Record((*(source.fields[i] for i in (0, 1, 4, 3)), Field("net", FLOAT)))
    steps = (
        Keep("filter", binary(">", Column(("amount",), FLOAT), Const(100, INT), BOOL)),
        Project(
            "set",
            (*((f.name, Column((f.name,), f.type)) for f in source.fields), ("net", net)),
            wide,
        ),
        Project("select", tuple((f.name, Column((f.name,), f.type)) for f in out.fields), out),
    )
    place = "orders.flow:1"
    return Plan(
        name="orders",
        blocks=(
            Block(
                "orders",
                Read(
                    "orders",
                    "connectors.files",
                    files.SourceOptions(path="orders.jsonl"),
                    {},
                    Decode("jsonlines", source),
                ),
                ("orders",),
                None,
                {"out": source},
            ),
            Block("filter", Pure(steps), ("filter", "set", "select"), source, {"out": out}),
            Block(
                "big_orders",
                Write(
                    "big_orders",
                    "connectors.files",
                    files.SinkOptions(path="big_orders.jsonl"),
                    {},
                    "jsonlines",
                    out,
                ),
                ("big_orders",),
                out,
                {},
            ),
        ),
        links=(Link("orders", "out", "filter"), Link("filter", "out", "big_orders")),
        nodes=(
            NodeInfo("orders", "source", f"{place}:1", "orders.jsonl"),
            NodeInfo("filter", "stage", f"{place}:16", "filter amount > 100"),
            NodeInfo("set", "stage", f"{place}:38", "set net = round(amount * 0.8, 2)"),
            NodeInfo(
                "select", "stage", f"{place}:73", "select id, customer_id, country, status, net"
            ),
            NodeInfo("big_orders", "sink", f"{place}:113", "big_orders.jsonl"),
        ),
        settings=(),
        packages=(),
        processors=(),
        source_name="orders.flow",
        digest="0" * 64,
    )
