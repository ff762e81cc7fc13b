"""Written arguments to declared parameters, in pipe text and in YAML alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from resolving import argument, resolved

from flowc.catalog.spec import Assignment, Cast, Renaming
from flowc.model.expr import Literal, Template
from flowc.model.graph import StageBinding
from flowc.syntax.format import expression_text
from flowc.types.show import show


def of_stage(stage: str, folder: Path, parameter: str, **settings: str) -> Any:
    found = resolved(f"a.jsonl as {{a: int}} | {stage} | b.jsonl", folder, settings=settings)
    assert found.messages == []
    return argument(found.only, found.only.nodes[1].id, parameter)


def of_map(stage: object, folder: Path, parameter: str) -> Any:
    document = {"source": "a.jsonl", "process": [stage], "sink": "b.jsonl"}
    found = resolved(json.dumps(document), folder, name="x.yaml")
    assert found.messages == []
    return argument(found.only, found.only.nodes[1].id, parameter)


def faults(stage: str, folder: Path) -> list[str]:
    found = resolved(f"a.jsonl as {{a: int}} | {stage} | b.jsonl", folder)
    assert found.only.nodes[1].binding is None
    return found.codes


def written(assignments: tuple[Assignment, ...]) -> list[str]:
    return [
        f"{expression_text(a.path)} = {expression_text(a.value)}{' carried' if a.carried else ''}"
        for a in assignments
    ]


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("a > 1", "a > 1"),
        ("a = 1", "a == 1"),
        ("a = 1 and b = 2", "a == 1 and b == 2"),
        ("a = 1 or b = 2 and c = 3", "a == 1 or b == 2 and c == 3"),
        ("a = 1 and b = 2 or c = 3", "a == 1 and b == 2 or c == 3"),
        ("not a = 1", "not a == 1"),
        ("a = b + 1", "a == b + 1"),
        ("a = null", "a is null"),
        ("x > 1 and a = null", "x > 1 and a is null"),
        ("if a = 1 then b = 2 else c", "if a == 1 then b == 2 else c"),
        ("a = lower(b)", "a == lower(b)"),
        ("[a = 1] == b[c]", "[a == 1] == b[c]"),
    ],
)
def test_conditions_read_one_equals_sign_as_two(condition: str, read: str, tmp_path: Path) -> None:
    found = of_stage(f"filter {condition}", tmp_path, "condition")
    assert expression_text(found) == read
    assert expression_text(of_map({"filter": condition}, tmp_path, "condition")) == read
    by_name = of_map({"filter": {"condition": condition}}, tmp_path, "condition")
    assert expression_text(by_name) == read


@pytest.mark.parametrize(
    "condition", ["a = b > 3", "a = if b then c else d", "a = not b", "a = b in (1, 2)"]
)
def test_a_comparison_is_not_compared_again(condition: str, tmp_path: Path) -> None:
    assert "FC0225" in resolved(f"a.jsonl | filter {condition} | b.jsonl", tmp_path).codes


@pytest.mark.parametrize(
    "stage",
    [
        "set n = a + 1, b.c = a",
        "set a + 1 as n, b.c = a",
        {"set": "n = a + 1, b.c = a"},
        {"set": ["n = a + 1", "b.c = a"]},
        {"set": {"n": "a + 1", "b.c": "a"}},
        {"type": "set", "config": {"columns": {"n": "a + 1", "b.c": "a"}}},
    ],
)
def test_assignments_in_every_spelling(stage: object, tmp_path: Path) -> None:
    read = of_stage if isinstance(stage, str) else of_map
    assert written(read(stage, tmp_path, "columns")) == ["n = a + 1", "b.c = a"]  # type: ignore[arg-type]


def test_an_assigned_equality_is_a_comparison(tmp_path: Path) -> None:
    assert written(of_stage("set same = a = b", tmp_path, "columns")) == ["same = a == b"]


@pytest.mark.parametrize(
    "stage", ["select a, b.c, n = a + 1, x = a", "select a, b.c, a + 1 as n, a as x"]
)
def test_columns_carry_bare_paths(stage: str, tmp_path: Path) -> None:
    assert written(of_stage(stage, tmp_path, "columns")) == [
        "a = a carried",
        "c = b.c carried",
        "n = a + 1",
        "x = a carried",
    ]


def test_a_mapping_of_columns_with_an_odd_name(tmp_path: Path) -> None:
    (found,) = of_map({"set": {"a-b": "1"}}, tmp_path, "columns")
    assert found.path.names == ("a-b",)


@pytest.mark.parametrize(
    ("stage", "swapped"),
    [("rename n = a", False), ("rename a as n", True)],
)
def test_renames_in_both_directions(stage: str, swapped: bool, tmp_path: Path) -> None:
    (found,) = of_stage(stage, tmp_path, "columns")
    assert isinstance(found, Renaming)
    assert (found.new.names, found.old.names, found.swapped) == (("n",), ("a",), swapped)


@pytest.mark.parametrize(
    "stage",
    [
        "cast a as int, b as list<int>",
        {"cast": "a as int, b as list<int>"},
        {"cast": {"a": "int", "b": "list<int>"}},
    ],
)
def test_casts(stage: object, tmp_path: Path) -> None:
    read = of_stage if isinstance(stage, str) else of_map
    found: tuple[Cast, ...] = read(stage, tmp_path, "columns")  # type: ignore[arg-type]
    assert [(c.path.names, show(c.type.type)) for c in found] == [
        (("a",), "int"),
        (("b",), "list<int>"),
    ]


def test_paths(tmp_path: Path) -> None:
    for found in (
        of_stage("drop a, b.c", tmp_path, "fields"),
        of_map({"drop": ["a", "b.c"]}, tmp_path, "fields"),
        of_map({"drop": {"fields": ["a", "b.c"]}}, tmp_path, "fields"),
    ):
        assert [path.names for path in found] == [("a",), ("b", "c")]


def test_numbers_and_texts(tmp_path: Path) -> None:
    assert of_stage("limit 1_000", tmp_path, "count").text == "1000"
    assert of_stage("limit -3", tmp_path, "count").text == "-3"
    assert of_map({"limit": 10}, tmp_path, "count").text == "10"
    assert of_map({"limit": {"count": 10}}, tmp_path, "count").text == "10"
    for found in (
        of_stage('validate a > 1 message "too ${small}"', tmp_path, "message"),
        of_map(
            {"validate": {"condition": "a > 1", "message": "too ${small}"}}, tmp_path, "message"
        ),
    ):
        assert isinstance(found, Template)
        assert found.parts[0] == "too "


def test_a_number_may_stand_in_a_variable_that_is_known(tmp_path: Path) -> None:
    assert of_stage("limit ${rows:-7}", tmp_path, "count").text == "7"
    assert of_stage("limit ${rows:-7}", tmp_path, "count", rows="9").text == "9"
    assert faults("limit ${rows}", tmp_path) == ["FC0228"]


def test_the_environment_does_not_decide_about_the_code(tmp_path: Path) -> None:
    found = resolved("a.jsonl | limit ${rows} | b.jsonl", tmp_path, environ={"rows": "3"})
    assert found.codes == ["FC0228"]


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("filter", "FC0220"),
        ('validate message "x"', "FC0220"),
        ("set", "FC0220"),
        ("enrich", "FC0220"),
        ("filter a > 1, b > 2", "FC0221"),
        ("limit 1, 2", "FC0221"),
        ("tee x", "FC0221"),
        ("filter a > 1 as b", "FC0224"),
        ("filter a desc", "FC0224"),
        ("filter a > 1 by b", "FC0222"),
        ("limit 1.5", "FC0224"),
        ('limit "1"', "FC0224"),
        ("limit n = 3", "FC0224"),
        ("set a + 1", "FC0224"),
        ("set a = 1 as b", "FC0224"),
        ("set a desc", "FC0224"),
        ("set a + 1 as list<int>", "FC0224"),
        ("select a + 1", "FC0224"),
        ('drop "a"', "FC0224"),
        ("drop a + b", "FC0224"),
        ("drop x = a", "FC0224"),
        ("rename a", "FC0224"),
        ("rename n = a + 1", "FC0224"),
        ("cast a", "FC0224"),
        ("cast a = int", "FC0224"),
        ("cast a + 1 as int", "FC0224"),
        ("cast a as json Payment", "FC0224"),
        ("validate a > 1 message 3", "FC0224"),
        ("tee", "FC0227"),
        ("route", "FC0227"),
    ],
)
def test_wrong_arguments(stage: str, code: str, tmp_path: Path) -> None:
    assert faults(stage, tmp_path) == [code]


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ({"filter": {"condtion": "a > 1"}}, "FC0226"),
        ({"filter": {"condition": ["a > 1", "b > 1"]}}, "FC0221"),
        ({"filter": {"condition": {"a": 1}}}, "FC0224"),
        ({"set": {"a": ["b"]}}, "FC0224"),
        ({"set": {"a": "1, 2"}}, "FC0224"),
        ({"limit": 3, "count": 4}, "FC0223"),
        ({"validate": 'a > 1 message "x"', "message": "y"}, "FC0223"),
        ({"validate": {"condition": "a > 1", "message": ["x"]}}, "FC0224"),
    ],
)
def test_wrong_options(stage: object, code: str, tmp_path: Path) -> None:
    document = {"source": "a.jsonl", "process": [stage], "sink": "b.jsonl"}
    found = resolved(json.dumps(document), tmp_path, name="x.yaml")
    assert found.codes == [code]


def test_a_fault_in_yaml_points_into_the_scalar(tmp_path: Path) -> None:
    text = (
        'source: a.jsonl\nprocess:\n  - filter: {condition: "a >\n      1 as b"}\nsink: b.jsonl\n'
    )
    (found,) = resolved(text, tmp_path, name="x.yaml").diagnostics
    assert found.span is not None
    assert (found.span.text, found.span.position.line) == ("as b", 4)


def test_enrich_takes_a_processor_or_assignments(tmp_path: Path) -> None:
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors" / "add_vat.py").write_text(
        "from dataclasses import dataclass\n@dataclass\nclass R:\n    a: int\n"
        "def process(record: R) -> R: ...\n"
    )
    for stage in ("enrich add-vat", "enrich add_vat", 'enrich "add-vat"'):
        assert of_stage(stage, tmp_path, "processor").text.replace("_", "-") == "add-vat"
    assert of_map({"enrich": "add-vat"}, tmp_path, "processor").text == "add-vat"
    assert written(of_stage("enrich x = a", tmp_path, "columns")) == ["x = a"]
    assert resolved("a.jsonl | enrich sub-vat | b.jsonl", tmp_path).codes == ["FC0201"]


def test_conditions_of_route_are_read_like_others(tmp_path: Path) -> None:
    found = resolved("a.jsonl | route { a = 1 and b = 2: b.jsonl; else: c.jsonl }", tmp_path)
    ports = argument(found.only, "route", "branches")
    assert [port.name for port in ports] == ["0", "else"]
    assert expression_text(ports[0].condition) == "a == 1 and b == 2"
    assert (ports[1].condition, ports[1].otherwise, ports[1].discards) == (None, True, False)


def test_the_word_of_a_stage_is_kept_as_written(tmp_path: Path) -> None:
    binding = resolved("a.jsonl | take 3 | b.jsonl", tmp_path).only.node("limit").binding
    assert isinstance(binding, StageBinding)
    assert binding.operator == "limit"
    assert binding.arguments.word.text == "take"  # type: ignore[attr-defined]
    assert isinstance(binding.arguments.get("count"), Literal)  # type: ignore[attr-defined]
