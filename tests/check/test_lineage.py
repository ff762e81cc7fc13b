"""Lineage: for every operator's examples, and by what a change of a source field changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flowing import laid, ran, request

from flowc import compile as road
from flowc.catalog import registry
from flowc.catalog.spec import OperatorExample
from flowc.check.lineage import How, Place, entering, field_at, trace
from flowc.check.lineage import Path as FieldPath
from flowc.model.graph import NodeKind, TypedPipeline

EXAMPLES = [
    pytest.param(example, id=f"{name}: {example.title}")
    for name, operator in sorted(registry.operators().items())
    for example in operator.examples
]


def typed(text: str, folder: Path) -> TypedPipeline:
    checked = road.check(request(text, folder))
    assert checked.ok, [d.message for d in checked.diagnostics]
    (found,) = checked.typed
    return found


def origins(pipeline: TypedPipeline, starts: tuple[Place, ...]) -> set[FieldPath]:
    """The paths of source fields behind some places."""
    return {
        step.place.path
        for start in starts
        for step in trace(pipeline, start)
        if step.how is How.READ
    }


def behind(text: str, field: str, folder: Path) -> set[str]:
    pipeline = typed(text, folder)
    (sink,) = (node for node in pipeline.pipeline.nodes if node.kind is NodeKind.SINK)
    found = origins(pipeline, entering(pipeline, sink.id, tuple(field.split("."))))
    return {".".join(path) for path in found}


SOURCE = "in.jsonl as {a: int, b: float, c: string?, r: {x: int, y: int}, l: list<{n: int}>} | "


@pytest.mark.parametrize(
    ("stages", "field", "sources"),
    [
        ("filter a > 1", "b", {"b"}),
        ("set b = a", "b", {"a"}),
        ("set d = a + b, e = d", "e", {"a", "b"}),
        ("set r.x = a", "r.x", {"a"}),
        ("set r.x = a", "r.y", {"r.y"}),
        ("set r.x = a", "r", {"a", "r"}),
        ("select z = a, r.y", "y", {"r.y"}),
        ("rename q = a | cast q as float", "q", {"a"}),
        ("aggregate s = sum(a), n = count() by c", "s", {"a"}),
        ("aggregate s = sum(a), n = count() by c", "n", set()),
        ("aggregate s = sum(a) where b > 1 by c", "s", {"a", "b"}),
        ("explode l as i | select n = i.n", "n", {"l"}),
        ("flatten r", "r_x", {"r.x"}),
        ("tee { set t = a | other.jsonl } | select b", "b", {"b"}),
        ("set k = 1", "k", set()),
    ],
)
def test_the_sources_of_a_field(stages: str, field: str, sources: set[str], tmp_path: Path) -> None:
    if "tee" in stages:
        pipeline = typed(SOURCE + stages + " | out.jsonl", tmp_path)
        starts = entering(pipeline, "out", (field,))
        assert {".".join(path) for path in origins(pipeline, starts)} == sources
        return
    assert behind(SOURCE + stages + " | out.jsonl", field, tmp_path) == sources


def test_merged_sources_are_both_named(tmp_path: Path) -> None:
    text = "{ a.jsonl as {x: int}, b.jsonl as {x: int} } | set y = x | out.jsonl"
    pipeline = typed(text, tmp_path)
    steps = trace(pipeline, Place("set", "out", ("y",)))
    assert [s.place.node for s in steps if s.how is How.READ] == ["a", "b"]


def test_behind_an_error_the_way_ends(tmp_path: Path) -> None:
    checked = road.check(request("in.jsonl as {a: int} | set b = zz | out.jsonl", tmp_path))
    (pipeline,) = checked.typed
    (step,) = trace(pipeline, Place("in", "out", ("a",)))
    assert step.inputs == ()
    assert trace(pipeline, Place("in", "out", ("gone",))) == ()


def _rotated(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The rows, each with the value (or absence) of a field that its neighbour had."""
    turned = []
    for row, other in zip(rows, rows[1:] + rows[:1], strict=True):
        made = {key: value for key, value in row.items() if key != name}
        turned.append({**made, name: other[name]} if name in other else made)
    return turned


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_field_depends_on_its_lineage_alone(
    example: OperatorExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every path that a lineage names is there; and what no lineage names may be changed
    without a change of the field."""
    monkeypatch.chdir(tmp_path)
    given = tmp_path / "in.jsonl"
    laid(example, tmp_path)
    declared = f" as {example.type}" if example.type else ""
    text = f"in.jsonl{declared} | {example.stage} | out.jsonl"
    pipeline = typed(text, tmp_path)
    decides: set[FieldPath] = set()
    for node in pipeline.pipeline.nodes:
        types = pipeline.types[node.id]
        for path in types.lineage.reads if node.kind is NodeKind.STAGE else ():
            starts = entering(pipeline, node.id, path)
            assert starts, f"{node.text} reads {path}"
            decides |= origins(pipeline, starts)
        for port, row in types.ports.items():
            for field in row.fields:
                steps = trace(pipeline, Place(node.id, port, (field.name,)))
                assert field_at(pipeline, steps[0].place) == field
    rows = [json.loads(line) for line in example.given.splitlines()]
    columns: dict[str, set[FieldPath]] = {
        name: origins(pipeline, entering(pipeline, "out", (name,)))
        for name in pipeline.types["out"].row.names  # type: ignore[union-attr]
    }
    before = ran(text, tmp_path).rows
    for name in dict.fromkeys(key for row in rows for key in row):
        if any(path[0] == name for path in decides):
            continue
        free = [c for c, paths in columns.items() if all(path[0] != name for path in paths)]
        given.write_text("".join(json.dumps(row) + "\n" for row in _rotated(rows, name)))
        after = ran(text, tmp_path).rows
        for column in free:
            assert [row.get(column) for row in after] == [row.get(column) for row in before], name
