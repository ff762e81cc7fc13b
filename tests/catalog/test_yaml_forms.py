"""Each operator's example as a YAML map of its parameters does what the stage does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from flowing import codes, laid, ran

from flowc.catalog import registry
from flowc.catalog.spec import Form, Operator, OperatorExample, Parameter
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Literal, Template
from flowc.model.source import SourceFile, Text, span_of
from flowc.model.tree import Item, Stage
from flowc.resolve.written import MAPPINGS
from flowc.syntax.dsl import parse_stages

EXAMPLES = [
    pytest.param(example, id=f"{name}: {example.title}")
    for name, operator in sorted(registry.operators().items())
    for example in operator.examples
    if not any(parameter.form is Form.BRANCHES for parameter in operator.parameters)
]
SINGLE = (Form.NUMBER, Form.SHARE, Form.RATE, Form.TEXT, Form.DURATION, Form.REFERENCE)


def written(parameter: Parameter, items: tuple[Item, ...]) -> Any:
    """The items as the value of a key."""
    if parameter.form in (Form.TEXT, Form.FILE, Form.STREAM) and len(items) == 1:
        value = items[0].value
        if isinstance(value, Literal):
            return value.text
        if isinstance(value, Template):
            return value.plain if value.plain is not None else value.span.text.strip("\"'")
    return span_of(*(item.span for item in items)).text


def options(operator: Operator, stage: Stage, by_clause: bool) -> dict[str, Any]:
    """A stage of pipe text as a map, ``as`` apart from a lone item that has one."""
    found: dict[str, Any] = {}
    items = list(stage.items)
    ending = next((p for p in operator.parameters if p.form in (Form.ALIAS, Form.TYPE)), None)
    behind = stage.as_
    clauses = list(stage.clauses)
    if ending is not None and behind is None:
        holders = [items, *([*clause.items] for clause in clauses)]
        last = next((held[-1] for held in holders if held and held[-1].as_ is not None), None)
        behind = None if last is None else last.as_
    if behind is not None and ending is not None:
        found["as" if by_clause else ending.name] = behind.type.span.text
    for parameter in operator.parameters:
        if not items or (parameter.clause and not parameter.bare) or parameter is ending:
            continue
        if parameter.form in (Form.FLAG, Form.WINDOW):
            continue
        taken = items[:1] if parameter.form in SINGLE or parameter.form is Form.STREAM else items
        if parameter.form is Form.REFERENCE:
            continue
        items = items[len(taken) :]
        found[parameter.name] = written(parameter, tuple(taken))
        only = taken[0].as_
        if only is not None and ending is None and len(taken) == 1 and parameter.form in MAPPINGS:
            found[parameter.name] = taken[0].value.span.text
            found["as"] = span_of(only.span).text.removeprefix("as ")
        elif only is not None and ending is not None:
            bare = replace(taken[0], span=taken[0].value.span)
            found[parameter.name] = written(parameter, (bare,))
    for clause in clauses:
        parameter = next(p for p in operator.parameters if p.clause == clause.word.text)
        key = clause.word.text if by_clause else parameter.name
        words = [word.text for word in clause.modifiers]
        if parameter.form is Form.FLAG or not (clause.items or words):
            found[key] = True
            continue
        parts = [*words, *([written(parameter, clause.items)] if clause.items else [])]
        found[key] = " ".join(parts)
        if parameter.form is Form.STREAM and ending is not None and clause.items[-1].as_:
            found[key] = clause.items[-1].value.span.text.strip("\"'")
    return found


def one(stage: object, by_clause: bool) -> dict[str, Any] | str:
    assert isinstance(stage, Stage)
    operator = registry.operator(stage.name.text)
    assert operator is not None
    values = options(operator, stage, by_clause)
    return {operator.name: values} if values else operator.name


@pytest.mark.parametrize("by_clause", [False, True], ids=["names", "words"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_as_a_map(
    example: OperatorExample,
    by_clause: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    laid(example, tmp_path)
    source = SourceFile("stage", example.stage)
    stages = parse_stages(Text.whole(source), Reporter())
    declared = f" as {example.type}" if example.type else ""
    text = yaml.safe_dump(
        {
            "source": f"in.jsonl{declared}",
            "process": [one(stage, by_clause) for stage in stages],
            "sink": "out.jsonl",
        },
        sort_keys=False,
        width=1000,
    )
    got = ran(text, tmp_path, name="p.yaml")
    assert got.rows == [json.loads(line) for line in example.gives.splitlines()], text
    assert len(got.dead) == example.dead


def test_as_belongs_to_one_item(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a": [1], "b": "{}"}\n')
    text = "source: in.jsonl\nprocess:\n  - {stage}\nsink: out.jsonl\n"
    cases = {
        "parse: {fields: 'a, b', as: json}": ["FC0221"],
        "explode: {items: a as x, as: y}": ["FC0221"],
        "explode: {items: a, as: 'x, y'}": ["FC0224"],
        "explode: {items: a, as: [x]}": ["FC0224"],
        "filter: {condition: a != null, as: x}": ["FC0226"],
        "explode: {items: a, as: x}": [],
        "parse: {b: 'json json'}": [],
    }
    for stage, expected in cases.items():
        found = codes(text.replace("{stage}", stage), tmp_path, name="p.yaml")
        assert found == expected, stage
