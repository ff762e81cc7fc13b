"""``flowc graph``: every stage of the road, in every format."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.cli.support.show import graphs, stages
from flowc.cli.support.show.drawing import Arrow, Box, Drawing
from flowc.cli.support.show.graphs.dot import draw as dot
from flowc.cli.support.show.graphs.mermaid import flowchart
from flowc.cli.support.show.graphs.svg import draw as svg
from flowc.cli.support.show.layout import Size, Way, place
from flowc.cli.support.show.stages.typed import drawing
from flowc.cli.support.terminal import Terminal
from tests.cli.as_process import flowc
from tests.cli.pipelines_by_hand import DIAMOND, typed

SVG = "{http://www.w3.org/2000/svg}"
TERMINAL = Terminal.open({})
TEXT = """\
orders.jsonl as {id: int, amount: float, note: string?}
  | route { amount > 100: set net = amount * 2 | big.jsonl; else: limit 3 | rest.jsonl }
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "orders.flow").write_text(TEXT)
    return tmp_path


@pytest.mark.parametrize("stage", stages.NAMES)
@pytest.mark.parametrize("format", graphs.names())
def test_every_stage_in_every_format(stage: str, format: str, here: Path) -> None:
    done = flowc("graph", "orders.flow", "--stage", stage, "--format", format, cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert "orders.jsonl" in done.stdout
    again = flowc("graph", "orders.flow", "--stage", stage, "--format", format, cwd=here)
    assert again.stdout == done.stdout


def test_the_stages_differ_in_what_they_know(here: Path) -> None:
    def edges(stage: str) -> list[dict[str, object]]:
        done = flowc("graph", "orders.flow", "--stage", stage, "--format", "json", cwd=here)
        found: list[dict[str, object]] = json.loads(done.stdout)["pipelines"][0]["edges"]
        return found

    assert all("record" not in edge for stage in ("syntax", "graph") for edge in edges(stage))
    assert all(edge["record"] for stage in ("typed", "plan") for edge in edges(stage))
    for stage in stages.NAMES:
        assert [e["when"] for e in edges(stage) if e["when"]] == ["amount > 100", "else"]


def test_the_plan_shows_what_was_fused_and_what_is_read(here: Path) -> None:
    text = "orders.jsonl as {id: int, x: int} | filter id > 1 | select id | limit 2 | out.jsonl"
    done = flowc("graph", text, "--stage", "plan", cwd=here)
    assert "keep: filter id > 1\nproject to {id}\n" in done.stdout
    assert "state: limit 2" in done.stdout


def test_what_was_not_read_is_said(here: Path) -> None:
    done = flowc("graph", "a.jsonl as {id: int} | filter id > | b.jsonl", cwd=here)
    assert done.returncode == 1
    syntax = flowc(
        "graph", "a.jsonl as {id: int} | filter id > | b.jsonl", "--stage", "syntax", cwd=here
    )
    assert "not read: filter id >" in syntax.stdout
    assert "error[" in syntax.stderr


def test_secrets_are_not_drawn(here: Path) -> None:
    text = 'orders.jsonl as {id: int} | "sqlite://out.db/t?api_key=hunter2"'
    for stage in stages.NAMES:
        assert "hunter2" not in flowc("graph", text, "--stage", stage, cwd=here).stdout


def test_types_are_written_out_on_demand(here: Path) -> None:
    short = flowc("graph", "orders.flow", cwd=here).stdout
    assert "{id: int" not in short
    for format in graphs.names():
        full = flowc("graph", "orders.flow", "--types", "--format", format, cwd=here).stdout
        assert "float" in full


def test_svg_is_xml_with_a_text_for_each_line() -> None:
    root = ElementTree.fromstring(svg([drawing(DIAMOND)], TERMINAL))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert 'route { amount > 1: …; else: "x" }' in texts
    assert "else: Order" in texts
    assert len(list(root.iter(f"{SVG}title"))) == 1 + len(DIAMOND.pipeline.nodes)


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)


@given(ANYTHING, ANYTHING)
@settings(max_examples=60, deadline=None)
def test_no_text_becomes_markup(text: str, when: str) -> None:
    drawn = Drawing(
        text,
        (Box("a", "source", (text,), hint=text), Box("b", "sink", (text,))),
        (Arrow("a", "b", when=when),),
        typed=False,
    )
    root = ElementTree.fromstring(svg([drawn], TERMINAL))
    allowed = {"svg", "style", "rect", "path", "text", "title", "g"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    outside = re.sub(r'"(?:\\.|[^"\\])*"', "", dot([drawn], TERMINAL))
    assert not re.search(r'["\\]', outside)
    assert outside.count("->") == 1
    outside = re.sub(r'"[^"]*"', "", flowchart(drawn))
    assert set(outside) <= set("flowchart LR\n ([])|->n01")


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_lies_on_anything_else(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 9))
    boxes = {
        str(i): Size(data.draw(st.integers(20, 200)), data.draw(st.integers(20, 60)))
        for i in range(count)
    }
    ends = st.integers(0, count - 1)
    ways = [
        Way(str(a), str(b), Size(data.draw(st.integers(10, 150)), 20))
        for a, b in data.draw(st.lists(st.tuples(ends, ends), max_size=14))
        if a != b
    ]
    found = place(boxes, ways)
    areas = [(found.boxes[id], size) for id, size in boxes.items()]
    areas += [
        (at, way.label)
        for way, at in zip(ways, found.labels, strict=True)
        if at is not None and way.label is not None
    ]
    for i, (one, size) in enumerate(areas):
        assert size.width / 2 <= one.x + 0.01
        assert one.x + size.width / 2 <= found.size.width + 0.01
        for other, its in areas[i + 1 :]:
            apart_x = abs(one.x - other.x) >= (size.width + its.width) / 2 - 0.01
            apart_y = abs(one.y - other.y) >= (size.height + its.height) / 2 - 0.01
            assert apart_x or apart_y


def test_a_chain_is_drawn_in_a_line() -> None:
    nodes = [(f"n{i}", "x" * (i + 1)) for i in range(6)]
    chain = typed(nodes, [(f"n{i}", f"n{i + 1}") for i in range(5)], {})
    drawn = drawing(chain)
    sizes = {box.id: Size(len(box.lines[0]) * 7.0, 20) for box in drawn.boxes}
    found = place(sizes, [Way(a.source, a.target, None) for a in drawn.arrows])
    assert len({round(point.x, 3) for point in found.boxes.values()}) == 1
    heights = [found.boxes[f"n{i}"].y for i in range(6)]
    assert heights == sorted(heights)
