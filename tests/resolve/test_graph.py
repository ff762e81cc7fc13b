"""From a tree to a graph: chains, branches, streams, names, ends."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from resolving import dump, edges, endpoint, resolved

from flowc.model.graph import Pipeline

SOURCE = "a.jsonl as {id: int}"


def graph(text: str, folder: Path) -> Pipeline:
    found = resolved(text, folder)
    assert found.messages == []
    return found.only


def yaml(text: str, folder: Path) -> Pipeline:
    found = resolved(dedent(text), folder, name="shop.yaml")
    assert found.messages == []
    return found.only


def test_a_chain_has_a_node_for_each_part(tmp_path: Path) -> None:
    pipeline = graph("orders.jsonl | filter amount > 100 | out.csv", tmp_path)
    assert pipeline.name == "pipeline"
    assert dump(pipeline) == dedent(
        """\
        orders source file/jsonlines SourceOptions(path='orders.jsonl')
        filter stage filter `filter amount > 100`
        out sink file/csv SinkOptions(path='out.csv')
        orders -> filter
        filter -> out"""
    )


def test_a_file_of_yaml_gives_the_same_graph(tmp_path: Path) -> None:
    pipe = graph("orders.jsonl | filter amount > 100 | limit 3 | out.csv", tmp_path)
    file = yaml(
        """\
        source: orders.jsonl
        process:
          - filter: amount > 100
          - limit: 3
        sink: out.csv
        """,
        tmp_path,
    )
    assert dump(file) == dump(pipe)
    assert file.name == "shop"


def test_branches_of_tee_without_sinks_merge_behind_the_main_stream(tmp_path: Path) -> None:
    pipeline = graph(
        f"{SOURCE} | tee {{ limit 1 | b.jsonl; limit 2 }} | filter id > 1 | c.jsonl", tmp_path
    )
    assert edges(pipeline) == [
        "a -> tee",
        "tee.0 -> limit",
        "limit -> b",
        "tee.1 -> limit-2",
        "tee -> filter",
        "limit-2 -> filter",
        "filter -> c",
    ]


def test_behind_a_route_flow_only_the_branches_without_sinks(tmp_path: Path) -> None:
    pipeline = graph(
        f"{SOURCE} | route {{ id > 9: b.jsonl; id > 5: limit 2; else: discard }} | c.jsonl",
        tmp_path,
    )
    assert edges(pipeline) == [
        "a -> route",
        "route.0 -> b",
        "route.1 -> limit",
        "limit -> c",
    ]


def test_the_else_branch_leaves_by_its_own_port(tmp_path: Path) -> None:
    pipeline = graph(f"{SOURCE} | route {{ id > 9: limit 1; else: limit 2 }} | c.jsonl", tmp_path)
    assert "route.else -> limit-2" in edges(pipeline)


@pytest.mark.parametrize(
    "chain",
    ["tee { b.jsonl; limit 1 | c.jsonl }", "route { id > 1: b.jsonl; else: c.jsonl }"],
)
def test_branches_that_all_end_in_sinks_need_no_sink_behind(chain: str, tmp_path: Path) -> None:
    text = f"let s = {SOURCE}\ns\n  | {chain}\n"
    found = resolved(text, tmp_path, name="x.flow")
    assert found.messages == []


def test_nested_branches(tmp_path: Path) -> None:
    pipeline = graph(
        f"{SOURCE} | tee {{ route {{ id > 1: b.jsonl; else: limit 1 }} | c.jsonl }} | d.jsonl",
        tmp_path,
    )
    assert edges(pipeline) == [
        "a -> tee",
        "tee.0 -> route",
        "route.0 -> b",
        "route.else -> limit",
        "limit -> c",
        "tee -> d",
    ]


def test_several_ends(tmp_path: Path) -> None:
    pipeline = graph(
        "{ a.jsonl as {id: int}, b.jsonl as {id: int} } | limit 1 | { c.jsonl, d.jsonl }", tmp_path
    )
    assert edges(pipeline) == ["a -> limit", "b -> limit", "limit -> c", "limit -> d"]


def test_a_stream_is_read_once_and_used_often(tmp_path: Path) -> None:
    text = f"let s = {SOURCE} | limit 5\n{{ s, s, b.jsonl as {{id: int}} }} | c.jsonl\n"
    pipeline = resolved(text, tmp_path, name="x.flow").only
    assert edges(pipeline) == ["a -> limit", "limit -> c", "b -> c"]


def test_from_gives_any_graph_without_circles(tmp_path: Path) -> None:
    pipeline = yaml(
        """\
        streams:
          other: "b.jsonl as {id: int}"
        source: {file: a.jsonl, schema: "{id: int}", name: first}
        process:
          - {name: big, filter: id > 5}
          - {name: small, filter: id < 5, from: first}
          - {name: both, limit: 3, from: [big, small, other]}
        sinks:
          - all.jsonl
          - {file: big.jsonl, from: big}
        """,
        tmp_path,
    )
    assert sorted(edges(pipeline)) == [
        "b -> both",
        "big -> big-2",
        "big -> both",
        "both -> all",
        "first -> big",
        "first -> small",
        "small -> both",
    ]


def test_a_node_that_is_not_enabled_is_bridged_over(tmp_path: Path) -> None:
    pipeline = yaml(
        """\
        source: {file: a.jsonl, schema: "{id: int}"}
        process:
          - {name: big, filter: id > 5, enabled: false}
          - {name: few, limit: 3}
          - {name: more, limit: 4, from: big, enabled: false}
        sinks:
          - {file: b.jsonl, from: big}
          - {file: c.jsonl, from: few}
          - {file: d.jsonl, enabled: false}
        """,
        tmp_path,
    )
    assert edges(pipeline) == ["a -> few", "a -> b", "few -> c"]


def test_a_pipeline_that_is_not_enabled_is_left_out(tmp_path: Path) -> None:
    text = """\
    pipelines:
      one: {source: "a.jsonl as {id: int}", sink: b.jsonl}
      two: {source: "a.jsonl as {id: int}", sink: b.jsonl, enabled: false}
    """
    found = resolved(dedent(text), tmp_path, name="x.yaml")
    assert [pipeline.name for pipeline in found.pipelines] == ["one"]
    assert found.codes == []


def test_nodes_are_called_by_the_last_part_and_counted_up(tmp_path: Path) -> None:
    pipeline = graph(
        "data/orders.jsonl as {id: int} | where id > 1 | filter id > 2 | sqlite://x.db/orders",
        tmp_path,
    )
    assert [node.id for node in pipeline.nodes] == ["orders", "filter", "filter-2", "orders-2"]
    assert [node.id for node in graph("- as {id: int} | -", tmp_path).nodes] == ["stdin", "stdout"]


def test_a_written_name_is_not_taken_by_another_node(tmp_path: Path) -> None:
    pipeline = yaml(
        """\
        source: {file: a.jsonl, schema: "{id: int}"}
        process:
          - limit: 9
          - {name: limit, filter: id > 5}
        sink: b.jsonl
        """,
        tmp_path,
    )
    assert [(node.id, node.named) for node in pipeline.nodes] == [
        ("a", False),
        ("limit-2", False),
        ("limit", True),
        ("b", False),
    ]


def test_two_written_names_are_reported_at_both_places(tmp_path: Path) -> None:
    text = """\
    source: {file: a.jsonl, schema: "{id: int}"}
    process:
      - {name: x, limit: 9}
      - {name: x, limit: 8}
    sink: b.jsonl
    """
    (found,) = resolved(dedent(text), tmp_path, name="x.yaml").diagnostics
    assert found.code.id == "FC0264"
    assert found.span is not None
    assert found.span.position.line == 4
    assert [label.span.position.line for label in found.labels] == [3]


def problems(text: str, folder: Path) -> list[tuple[str, str]]:
    found = resolved(dedent(text), folder, name="x.yaml")
    return [(d.code.id, d.message) for d in found.diagnostics]


def test_a_circle_is_named_and_nothing_else_is_said(tmp_path: Path) -> None:
    text = """\
    source: {file: a.jsonl, schema: "{id: int}"}
    process:
      - {name: x, limit: 9, from: z}
      - {name: y, limit: 8}
      - {name: z, limit: 7}
    sink: b.jsonl
    """
    assert problems(text, tmp_path) == [
        ("FC0260", "the pipeline runs in a circle: x → y → z → x"),
    ]


def test_streams_in_a_circle(tmp_path: Path) -> None:
    text = """\
    streams: {p: "q | limit 1", q: "p | limit 2"}
    source: p
    sink: b.jsonl
    """
    assert problems(text, tmp_path) == [
        ("FC0260", "streams read each other in a circle: p → q → p"),
    ]


def test_what_nothing_takes_is_reported_at_its_end_only(tmp_path: Path) -> None:
    text = """\
    source: {file: a.jsonl, schema: "{id: int}", name: first}
    process:
      - {name: x, limit: 9}
      - {name: y, limit: 8}
      - {name: z, limit: 7, from: first}
    sink: b.jsonl
    """
    assert problems(text, tmp_path) == [("FC0262", "nothing takes the records of 'y'")]


def test_a_sink_behind_a_route_that_lets_nothing_flow(tmp_path: Path) -> None:
    found = resolved(f"{SOURCE} | route {{ id > 1: b.jsonl; else: discard }} | c.jsonl", tmp_path)
    assert found.messages == ["no record reaches 'c'"]
    assert found.codes == ["FC0261"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("process: limit 1\nsink: b.jsonl\n", "the pipeline has no source"),
        ('source: "a.jsonl as {id: int}"\nprocess: limit 1\n', "the pipeline has no sink"),
        (
            'source: "a.jsonl as {id: int}"\nprocess:\n  - tee: [b.jsonl, limit 1]\n',
            "the pipeline has no sink",
        ),
    ],
)
def test_missing_ends(text: str, message: str, tmp_path: Path) -> None:
    assert problems(text, tmp_path) == [("FC0263", message)]


def test_an_end_that_cannot_be_read_is_not_missing_as_well(tmp_path: Path) -> None:
    found = resolved('a.jsonl as {id: int} | limit 1 | "b.jsonl', tmp_path)
    assert found.codes == ["FC0101"]


@pytest.mark.parametrize(
    ("name", "why"),
    [("nope", "names: "), ("b", "a sink gives no records"), ("r", "a route has no main output")],
)
def test_from_a_name_that_gives_nothing(name: str, why: str, tmp_path: Path) -> None:
    text = f"""\
    source: {{file: a.jsonl, schema: "{{id: int}}"}}
    process:
      - {{name: r, route: [{{when: id > 1, process: limit 1}}]}}
    sinks:
      - b.jsonl
      - {{file: c.jsonl, from: {name}}}
    """
    (found,) = resolved(dedent(text), tmp_path, name="x.yaml").diagnostics
    assert found.code.id == "FC0265"
    assert found.notes[0].startswith(why)


def test_streams_that_nobody_reads_and_streams_of_one_name(tmp_path: Path) -> None:
    text = f"let x = {SOURCE}\nlet y = {SOURCE}\nlet y = b.jsonl\nx | c.jsonl\n"
    found = resolved(text, tmp_path, name="x.flow")
    assert sorted(found.codes) == ["FC0266", "FC0267"]


@pytest.mark.parametrize("claim", ["as {id: int}", "key id", "time at"])
def test_nothing_is_said_of_a_stream_again(claim: str, tmp_path: Path) -> None:
    text = f"let x = a.jsonl\nx {claim} | c.jsonl\n"
    assert resolved(text, tmp_path, name="x.flow").codes == ["FC0268"]


def test_a_source_reads_from_nothing(tmp_path: Path) -> None:
    text = "sources: [a.jsonl, {file: b.jsonl, from: a}]\nsink: c.jsonl\n"
    assert problems(text, tmp_path) == [("FC0265", "a source reads from no other node")]


@pytest.mark.parametrize(
    ("sinks", "codes"),
    [
        ("b.jsonl, b.jsonl", ["FC0269"]),
        ('"${D}/b.jsonl", "${D}/b.jsonl"', ["FC0269"]),
        ('"${D}/b.jsonl", "${E}/b.jsonl"', []),
        ("b.jsonl, ./b2.jsonl", []),
        ("-, -", []),
        ("sqlite://x.db/t, sqlite://x.db/t", []),
    ],
)
def test_two_sinks_do_not_write_over_each_other(
    sinks: str, codes: list[str], tmp_path: Path
) -> None:
    assert resolved(f"a.jsonl | {{ {sinks} }}", tmp_path).codes == codes


def test_a_bad_stage_is_one_hole(tmp_path: Path) -> None:
    found = resolved(f"{SOURCE} | filter id > | limit 1 | b.jsonl", tmp_path)
    assert edges(found.only) == ["a -> unreadable", "unreadable -> limit", "limit -> b"]
    assert found.only.node("unreadable").binding is None


@pytest.mark.parametrize(
    ("chain", "table"),
    [
        ("orders.jsonl | filter id > 1 | sqlite://x.db", "orders"),
        ("orders.jsonl as Order | limit 1 | sqlite://x.db", "Order"),
        ("orders.jsonl as Order | add-vat | limit 1 | sqlite://x.db", "WithVat"),
        ("orders.jsonl as Order | enrich add-vat | sqlite://x.db", "WithVat"),
        ("orders.jsonl as Order | sqlite://x.db/written", "written"),
    ],
)
def test_a_table_is_named_after_the_record_type(chain: str, table: str, tmp_path: Path) -> None:
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors" / "add_vat.py").write_text(
        "from dataclasses import dataclass\n"
        "@dataclass\nclass Order:\n    id: int\n"
        "@dataclass\nclass WithVat:\n    id: int\n"
        "def process(record: Order) -> WithVat: ...\n"
    )
    pipeline = graph(chain, tmp_path)
    sink = pipeline.nodes[-1]
    assert endpoint(pipeline, sink.id).options.table == table  # type: ignore[attr-defined]


def test_a_table_with_two_types_before_it_must_be_named(tmp_path: Path) -> None:
    found = resolved("{ a.jsonl, b.jsonl } | sqlite://x.db", tmp_path)
    assert found.codes == ["FC0242"]
    assert "a, b" in found.diagnostics[0].notes[0]


def test_a_long_chain_is_resolved_fast_and_whole(tmp_path: Path) -> None:
    stages = " | ".join(f"filter id > {n}" for n in range(1000))
    pipeline = graph(f"{SOURCE} | {stages} | b.jsonl", tmp_path)
    assert len(pipeline.nodes) == 1002
    assert pipeline.nodes[1000].id == "filter-1000"
