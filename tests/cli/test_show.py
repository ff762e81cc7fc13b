"""Pipelines as text, Mermaid, JSON; records as a table."""

from __future__ import annotations

import json

from flowc.cli.support.show.flow import brief, facts, flow_text, paths, steps, type_flows
from flowc.cli.support.show.graphs.json import graph_object
from flowc.cli.support.show.graphs.mermaid import flowchart
from flowc.cli.support.show.graphs.text import tree
from flowc.cli.support.show.stages.typed import drawing
from flowc.cli.support.show.table import table
from flowc.model.types import INT, Field, Record
from tests.cli.pipelines_by_hand import CHAIN, DIAMOND, FACTS, typed


def test_the_type_flow_names_each_change_once() -> None:
    assert type_flows(CHAIN) == (("Order", "{id, amount, note, net}", "Brief"),)


def test_a_long_flow_is_wrapped_and_cut() -> None:
    assert flow_text(("A", "B"), lead="Flow: ", arrow=" -> ", width=80) == "Flow: A -> B\n"
    names = tuple(f"Type{i}" for i in range(100))
    lines = flow_text(names, lead="Flow: ", arrow=" -> ", width=40).splitlines()
    assert lines[0] == "Flow: Type0 -> Type1 -> Type2 -> Type3 ->"
    assert lines[1].startswith("      Type4")
    assert "88 more ->" in " ".join(lines)
    assert lines[-1].endswith("Type99")


def test_each_path_has_its_flow() -> None:
    assert set(type_flows(DIAMOND)) == {
        ("Order",),
        ("Order", "{id, amount, note, net}"),
        ("Order", "Brief"),
    }


def test_a_path_ends_where_the_checker_stopped() -> None:
    pipeline = typed([("a", "a"), ("b", "b"), ("c", "c")], [("a", "b"), ("b", "c")], {})
    assert type_flows(pipeline) == (("?",),)


def test_paths_are_few_though_a_graph_has_many() -> None:
    nodes = [("s", "s")]
    edges: list[tuple[str, str] | tuple[str, str, str]] = []
    before = "s"
    for i in range(40):
        nodes += [(f"l{i}", "l"), (f"r{i}", "r"), (f"m{i}", "m")]
        edges += [
            (before, f"l{i}"),
            (before, f"r{i}"),
            (f"l{i}", f"m{i}"),
            (f"r{i}", f"m{i}"),
        ]
        before = f"m{i}"
    many = typed(nodes, edges, {})
    assert len(paths(many)) == 8
    assert tree(drawing(many)).count("\n") < 600


def test_a_cycle_has_no_path_and_still_a_graph() -> None:
    loop = typed([("a", "a"), ("b", "b")], [("a", "b"), ("b", "a")], {})
    assert paths(loop) == ()
    assert "back to" in tree(drawing(loop))


def test_many_fields_are_counted() -> None:
    record = Record(tuple(Field(f"field_{i}", INT) for i in range(20)))
    assert brief(record) == "{field_0, field_1, field_2, field_3, field_4, +15}"


def test_facts_in_words() -> None:
    assert facts(FACTS) == (
        "bounded; appends only; unique by id; in the source's order; deterministic"
    )


def test_steps_show_every_node_and_keep_the_width() -> None:
    lines = list(steps(CHAIN, 60))
    assert "  orders.flow:2:1  filter amount > 100" in lines
    assert any("Brief = {id: int}" in line for line in lines)
    assert max(map(len, lines)) <= 60


def test_graph_text_of_a_diamond() -> None:
    assert tree(drawing(DIAMOND), ascii=True) == (
        "orders.jsonl\n"
        "|- Order\n"
        '|  route { amount > 1: …; else: "x" }\n'
        "|  |- 0: Order\n"
        "|  |  set net = 1\n"
        "|  |  |  {id, amount, note, net}\n"
        "|  |  (to big, below)\n"
        "|  '- else: Order\n"
        "|     drop net\n"
        "|     |  Brief\n"
        "|     big.jsonl\n"
        "'- Order\n"
        "   all.jsonl\n"
    )


def test_graph_text_keeps_the_width() -> None:
    wide = typed([("a", "x" * 200), ("b", "b")], [("a", "b")], {})
    assert max(map(len, tree(drawing(wide), width=80).splitlines())) == 80


def test_mermaid_escapes_what_it_would_read() -> None:
    text = flowchart(drawing(DIAMOND))
    assert text.startswith("flowchart LR\n")
    route = next(line for line in text.splitlines() if "route" in line)
    assert route.count('"') == 2
    assert "{" not in route
    assert 'n0 -->|"Order"| n1' in text
    assert 'n1 -->|"else: Order"| n3' in text


def test_json_names_every_type() -> None:
    found = json.loads(json.dumps(graph_object(drawing(DIAMOND))))
    assert [node["id"] for node in found["nodes"]][:2] == ["orders", "route"]
    edge = found["edges"][0]
    assert (edge["from"], edge["port"], edge["to"]) == ("orders", "out", "route")
    assert edge["record"]["type"] == "{id: int, amount: float, note: string}"
    assert edge["record"]["fields"][0] == {"name": "id", "type": "int", "optional": False}


def test_a_table_fits_and_escapes() -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "name": "日本\x1b[31m", "note": None},
        {"id": 20, "name": "x" * 50, "nested": {"a": [1]}},
    ]
    assert table(rows, width=80, ascii=True).splitlines()[0].split() == [
        "id",
        "name",
        "note",
        "nested",
    ]
    text = table(rows, width=40, ascii=False)
    assert "\x1b" not in text
    assert "(2 more columns: note, nested)" in text
    assert text.splitlines()[2].startswith(" 1  日本")
