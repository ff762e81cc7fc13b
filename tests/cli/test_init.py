"""``flowc init``: what it detects, what it writes, and that this runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.as_process import flowc

ORDERS = '{"id": 1, "customer": "ada", "amount": 2.5, "note": null}\n{"id": 2, "customer": "bo", "amount": 4, "x-y": 1}\n'
READINGS = "station,at,value\na,2024-01-01,1\nb,2024-01-02,\n"


def steps(said: str) -> list[list[str]]:
    """The commands that `init` proposes, without ``flowc``."""
    lines = said.splitlines()
    assert lines[0] == "Try:"
    return [line.split()[1:] for line in lines[1:]]


def test_a_data_file_becomes_a_project_that_runs(tmp_path: Path) -> None:
    (tmp_path / "orders.jsonl").write_text(ORDERS)
    done = flowc("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Detected: orders.jsonl (2 records, 5 fields)\n" in done.stderr
    assert "Generated: flowc.toml, schemas/orders.schema.yaml, pipeline.yaml\n" in done.stderr
    for command in steps(done.stdout):
        ran = flowc(*command, cwd=tmp_path)
        # The field `note` is null in every record, so its type is json, which --strict names.
        assert ran.returncode == (1 if "--strict" in command else 0), (command, ran.stderr)
    rows = [json.loads(line) for line in (tmp_path / "orders.out.jsonl").read_text().splitlines()]
    assert rows == [json.loads(line) for line in ORDERS.splitlines()]


def test_several_files_get_a_pipeline_each(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/2024 readings.csv").write_text(READINGS)
    (tmp_path / "orders.jsonl").write_text(ORDERS)
    (tmp_path / "bad.jsonl").write_text('{"a\n')
    done = flowc("init", cwd=tmp_path)
    assert "bad.jsonl could not be typed" in done.stderr
    for name in ("2024-readings", "orders"):
        ran = flowc("run", f"pipelines/{name}.yaml", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert (tmp_path / f"{name}.out.jsonl").read_text().count("\n") == 2
    again = flowc("init", cwd=tmp_path)
    assert "a flowc project with 2 pipelines" in again.stderr
    assert "Generated: nothing" in again.stderr


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "orders.jsonl").write_text(ORDERS)
    (tmp_path / "pipeline.yaml").write_text("mine")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/all.schema.yaml").write_text("types:\n  Orders: {id: int}\n")
    done = flowc("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Generated: flowc.toml\n" in done.stderr
    assert "Left alone, for it is there: pipeline.yaml" in done.stderr
    assert (tmp_path / "pipeline.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("pyproject.toml", "", "a Python project (pyproject.toml)"),
        ("package.json", "{}", "a Node project (package.json)"),
        ("go.mod", "module x\n", "a Go module (go.mod)"),
        (
            "go.mod",
            "module x\nrequire (\n\tgithub.com/stellar/go v0.1\n)\n",
            "a Stellar project with Go modules (go.mod)",
        ),
        ("api.yaml", 'openapi: "3.1.0"\ninfo: {}\n', "an OpenAPI document (api.yaml)"),
        ("api.json", '{\n  "swagger": "2.0"\n}', "an OpenAPI document (api.json)"),
        ("events.proto", 'syntax = "proto3";', "Protocol Buffers (events.proto)"),
    ],
)
def test_what_is_detected(name: str, text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = flowc("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Detected: {says}\n" in done.stderr
    assert (tmp_path / name).read_text() == text
    for command in steps(done.stdout):
        ran = flowc(*command, cwd=tmp_path)
        assert ran.returncode == 0, (command, ran.stderr)


def test_yaml_of_other_programs_is_no_pipeline(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("name: x\nservices:\n  db: {image: postgres}\n")
    (tmp_path / "pipeline.yaml").write_text("source: 'a.jsonl as {id: int}'\nsink: b.jsonl\n")
    done = flowc("validate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 pipeline: nothing wrong" in done.stderr


def test_a_new_folder_gets_a_project_to_begin_with(tmp_path: Path) -> None:
    done = flowc("init", "my project", cwd=tmp_path)
    assert done.stdout.splitlines()[1] == "  cd 'my project'"
    ran = flowc("run", "pipeline.yaml", cwd=tmp_path / "my project")
    assert ran.returncode == 0, ran.stderr


def test_dead_letters_and_outputs_are_no_input(tmp_path: Path) -> None:
    for name in ("x.dead.jsonl", "x.out.jsonl", ".hidden.jsonl"):
        (tmp_path / name).write_text(ORDERS)
    assert "Detected" not in flowc("init", cwd=tmp_path).stderr


API = """\
openapi: 3.1.0
components:
  schemas:
    Error: {type: object, properties: {code: {type: integer}}}
    Orders: {type: object, properties: {own: {type: string}}}
    Payment:
      type: object
      required: [id]
      properties:
        id: {type: integer, minimum: 0}
        error: {$ref: '#/components/schemas/Error'}
        "a\\n  evil: \u202e": {type: string}
        lines: {type: array, items: {type: object, properties: {sku: {type: string, pattern: '^x'}}}}
"""


def test_an_openapi_document_gives_types_and_a_pipeline(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(API)
    (tmp_path / "orders.jsonl").write_text('{"id": 1}\n')
    done = flowc("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "schemas/api.schema.yaml" in done.stderr
    text = (tmp_path / "schemas/api.schema.yaml").read_text()
    assert text.startswith("types:\n  # from api.yaml\n  Error:\n    code?: int\n")
    assert "  ApiOrders:\n" in text
    assert "    id: {type: int, min: 0}\n" in text
    assert "  PaymentLines:\n    sku?:\n      type: string\n      pattern: ^x\n" in text.replace(
        "'^x'", "^x"
    )
    assert "\u202e" not in text
    (pipeline,) = (tmp_path / "pipelines").glob("*.yaml")
    assert pipeline.name == "api-orders.yaml"
    checked = flowc("validate", "--strict", str(pipeline), cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    again = flowc("init", cwd=tmp_path)
    assert "Generated: nothing" in again.stderr
    for command in steps(done.stdout):
        ran = flowc(*command, cwd=tmp_path)
        assert ran.returncode == 0, (command, ran.stderr)


def test_a_proto_file_gives_types_and_a_pipeline(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools")
    (tmp_path / "proto").mkdir()
    text = 'syntax = "proto3"; message Event { string id = 1; repeated Part parts = 2; }'
    (tmp_path / "proto/events.proto").write_text(text + " message Part { int64 n = 1; }")
    done = flowc("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "schemas/events.schema.yaml").read_text()
    assert "  Event:\n    id: string\n    parts: list<Part>\n" in written
    assert "schema: Event\n" in (tmp_path / "pipelines/event.yaml").read_text()
    checked = flowc("validate", "--strict", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_a_document_that_cannot_be_imported_is_noted(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.1.0\ncomponents: {schemas: {A: {type: x}}}\n")
    done = flowc("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "note: api.yaml could not be imported: JSON Schema has no such type" in done.stderr
    assert not (tmp_path / "schemas").exists()
