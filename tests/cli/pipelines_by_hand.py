"""Typed pipelines made by hand, for what shows them."""

from __future__ import annotations

from collections.abc import Mapping

from flowc.model.effects import Changes, Facts, Order, Truth
from flowc.model.graph import (
    Edge,
    Lineage,
    Node,
    NodeKind,
    NodeTypes,
    Pipeline,
    TypedPipeline,
)
from flowc.model.source import SourceFile
from flowc.model.tree import Chain, PipelineTree
from flowc.model.types import FLOAT, INT, STRING, Field, Record

FACTS = Facts(
    bounded=Truth.YES,
    changes=Changes.APPEND,
    keys=frozenset({("id",)}),
    order=Order.SOURCE,
    deterministic=Truth.YES,
)

ORDER = Record((Field("id", INT), Field("amount", FLOAT), Field("note", STRING)), name="Order")
PRICED = Record((*ORDER.fields, Field("net", FLOAT)))
BRIEF = Record((Field("id", INT),), name="Brief")


def typed(
    nodes: list[tuple[str, str]],
    edges: list[tuple[str, str] | tuple[str, str, str]],
    rows: Mapping[str, Mapping[str, Record]],
) -> TypedPipeline:
    """A pipeline of (id, text) nodes; without an edge in they are sources, without one out
    sinks. ``rows``: what leaves each node by port."""
    text = "\n".join(t for _, t in nodes)
    source = SourceFile("orders.flow", text)
    into, out_of = {e[1] for e in edges}, {e[0] for e in edges}
    made: list[Node] = []
    at = 0
    for id, shown in nodes:
        kind = NodeKind.STAGE
        if id not in into:
            kind = NodeKind.SOURCE
        elif id not in out_of:
            kind = NodeKind.SINK
        made.append(Node(id, kind, None, shown, source.span(at, at + len(shown))))
        at += len(shown) + 1
    chain = Chain((), (), (), source.span())
    pipeline = Pipeline(
        "orders",
        tuple(made),
        tuple(Edge(*edge) for edge in edges),
        PipelineTree(chain, source.span()),
    )
    types = {
        id: NodeTypes(None, dict(ports), frozenset(), FACTS, Lineage(), None)
        for id, ports in rows.items()
    }
    return TypedPipeline(pipeline, types)


CHAIN = typed(
    [
        ("orders", "orders.jsonl"),
        ("filter", "filter amount > 100"),
        ("set", "set net = round(amount / 1.19, 2)"),
        ("select", "select id"),
        ("big", "big.jsonl"),
    ],
    [("orders", "filter"), ("filter", "set"), ("set", "select"), ("select", "big")],
    {
        "orders": {"out": ORDER},
        "filter": {"out": ORDER},
        "set": {"out": PRICED},
        "select": {"out": BRIEF},
        "big": {},
    },
)

DIAMOND = typed(
    [
        ("orders", "orders.jsonl"),
        ("route", 'route { amount > 1: …; else: "x" }'),
        ("set", "set net = 1"),
        ("drop", "drop net"),
        ("big", "big.jsonl"),
        ("all", "all.jsonl"),
    ],
    [
        ("orders", "route"),
        ("orders", "all"),
        ("route", "set", "0"),
        ("route", "drop", "else"),
        ("set", "big"),
        ("drop", "big"),
    ],
    {
        "orders": {"out": ORDER},
        "route": {"0": ORDER, "else": ORDER},
        "set": {"out": PRICED},
        "drop": {"out": BRIEF},
    },
)
