"""``flowc schema``: what it takes and refuses is what flowc takes and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from docs.shown import ROOT
from flowc import compile as road
from flowc.catalog import registry
from flowc.cli.support.onepage import page, pipelines
from flowc.cli.support.yamlschema import pipeline_schema
from flowc.diagnostics.reporter import Reporter
from flowc.model.project import Project
from flowc.model.source import SourceFile
from flowc.syntax import parse
from flowc.syntax.format import to_yaml
from tests.cli.as_process import flowc

SCHEMA = pipeline_schema(Project(Path("/")))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def problems(text: str) -> list[str]:
    return [
        error.message
        for document in yaml.safe_load_all(text)
        if document is not None
        for error in VALIDATOR.iter_errors(document)
    ]


def files() -> Iterator[Any]:
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        if not path.name.endswith(".schema.yaml"):
            yield pytest.param(path.read_text(), id=str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "docs").glob("*.md")):
        for i, text in enumerate(re.findall(r"^```yaml\n(.*?)^```", path.read_text(), re.M | re.S)):
            yield pytest.param(text, id=f"{path.name}-{i}")


def operators() -> Iterator[Any]:
    for name, operator in sorted(registry.operators().items()):
        for example in operator.examples:
            yield pytest.param(example.stage, id=f"{name}: {example.title}")


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("text", list(files()))
def test_what_flowc_reads_fits(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize("stage", list(operators()))
def test_every_operator_fits_in_yaml(stage: str) -> None:
    document = parse(
        SourceFile(road.COMMAND_LINE, f"in.jsonl | {stage} | out.jsonl"),
        Reporter(),
        command_line=True,
        operators=registry.operator_words(),
    )
    assert problems(to_yaml(document)) == []


GOOD = """\
source: {file: in.jsonl, schema: "{id: int}"}
process:
  - filter: id > 1
sink: out.jsonl
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("process:", "proces:"),
        ("file: in.jsonl", "fil: in.jsonl"),
        ("file: in.jsonl", "file: in.jsonl, endles: true"),
        ("file: in.jsonl", "file: in.jsonl, endless: maybe"),
        ("file: in.jsonl", "file: {path: in.jsonl, endles: true}"),
        ("file: in.jsonl", "type: file, config: {pat: in.jsonl}"),
        ("filter: id > 1", "fliter: id > 1"),
        ("filter: id > 1", "filter: {cond: id > 1}"),
        ("filter: id > 1", "filter: id > 1\n    conditio: 3"),
        ("filter: id > 1", "tee: filter id > 1"),
        ("filter: id > 1", "route: [{wen: id > 1, sink: a.jsonl}]"),
        ("sink: out.jsonl", "sink: 3"),
        ("sink: out.jsonl", "sinks: out.jsonl"),
        ("sink: out.jsonl", "sink: {name: out.jsonl, enabled: perhaps}"),
    ],
)
def test_what_flowc_refuses_does_not_fit(old: str, new: str, tmp_path: Path) -> None:
    assert problems(GOOD) == []
    assert old in GOOD
    text = GOOD.replace(old, new)
    assert problems(text) != []
    path = tmp_path / "x.yaml"
    (tmp_path / "in.jsonl").write_text('{"id": 1}\n')
    checked = road.check(road.Request(SourceFile("x.yaml", text), path, tmp_path, environment={}))
    assert not checked.ok


def test_keys_that_are_not_done_yet_are_refused() -> None:
    from flowc.syntax.keys import Pipeline, refused

    for key in refused(Pipeline):
        assert problems(GOOD + f"{key}: {{}}\n") != []


def test_the_project_is_known(tmp_path: Path) -> None:
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors/add_vat.py").write_text("def process(x): ...\n")
    (tmp_path / "flowc.toml").write_text('[stages]\nlarge = "filter id > 1"\n')
    done = flowc("schema", "-o", "flowc.schema.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    schema = json.loads((tmp_path / "flowc.schema.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    for name in ("add_vat", "add-vat", "large"):
        assert validator.is_valid({"source": "a.jsonl", "process": [{name: None}], "sink": "b.csv"})
    assert not validator.is_valid({"source": "a.jsonl", "process": [{"smal": None}]})


def test_descriptions_come_from_the_catalogue() -> None:
    arguments = SCHEMA["definitions"]["stage filter arguments"]
    assert "keeps the records" in arguments["description"]
    options = SCHEMA["definitions"]["sqlite sink"]["properties"]
    assert options["busy_timeout"]["default"] == 5.0
    assert "seconds" in options["busy_timeout"]["description"]


# --- the language on one page -----------------------------------------------------------


@pytest.mark.parametrize(("language", "text"), pipelines())
def test_every_pipeline_of_the_page_compiles(language: str, text: str, tmp_path: Path) -> None:
    name = f"x.{language}"
    source = SourceFile(name, text)
    emitted = road.emit(road.Request(source, tmp_path / name, tmp_path, environment={}))
    assert [d.message for d in emitted.checked.diagnostics] == []
    assert emitted.filesets
    assert text in page()


def test_the_page_names_everything(tmp_path: Path) -> None:
    done = flowc("schema", "--llm", cwd=tmp_path)
    assert done.stdout == page()
    for name in (*registry.operators(), *registry.functions(), *registry.connectors()):
        assert re.search(rf"\b{name}\b", done.stdout), name
    assert len(done.stdout) < 40_000
