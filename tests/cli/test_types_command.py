"""``flowc types``: what stands on each node, and where a field comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.as_process import flowc

YAML = """\
source: orders.jsonl
process:
  - filter: amount > 100
  - set: net = amount * 0.8
  - select: id, net
sinks: [big.jsonl, big.csv]
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "orders.jsonl").write_text('{"id": 1, "amount": 250.5, "note": null}\n')
    (tmp_path / "orders.yaml").write_text(YAML)
    return tmp_path


def test_every_node_has_its_type_errors_and_facts(here: Path) -> None:
    done = flowc("types", "orders.yaml", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert "  select  select id, net\n      {id: int, net: float}\n      bounded;" in done.stdout
    assert "can fail with ValidationError" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_one_node_also_as_json(here: Path) -> None:
    done = flowc("types", "orders.yaml", "--node", "set", cwd=here)
    assert done.stdout.splitlines()[1] == "  set  set net = amount * 0.8"
    assert "  select" not in done.stdout
    done = flowc("types", "orders.yaml", "--node", "set", "--format", "json", cwd=here)
    (node,) = json.loads(done.stdout)["pipelines"][0]["nodes"]
    assert node["errors"] == ["ArithmeticError"]
    assert node["in"]["fields"][0] == {"name": "id", "type": "int", "optional": False}
    assert node["out"]["out"]["fields"][-1]["name"] == "net"


def test_why_names_the_source_and_points_at_each_step(here: Path) -> None:
    done = flowc("types", "orders.yaml", "--why", "net", cwd=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "net: float, where it reaches big.jsonl and big.csv\n"
        "  comes from `amount` of orders.jsonl\n"
        " --> orders.yaml:4:10\n"
        "  |\n"
        "1 | source: orders.jsonl\n"
        "  |         ------------ `amount` was read as float from orders.jsonl\n"
        "...\n"
        "4 |   - set: net = amount * 0.8\n"
        "  |          ^^^^^^^^^^^^^^^^^^ `net`: float, made of `amount`\n"
    )


def test_why_as_json(here: Path) -> None:
    done = flowc("types", "orders.yaml", "--why", "net", "--format", "json", cwd=here)
    (why,) = json.loads(done.stdout)
    assert why["sources"] == [{"node": "orders", "port": "out", "field": "amount"}]
    assert [step["how"] for step in why["steps"]] == ["carried", "computed", "carried", "read"]
    assert why["steps"][-1]["origin"][0]["place"] == "orders.yaml:1:9"


def test_a_field_that_reaches_no_sink_was_last_seen_somewhere(here: Path) -> None:
    done = flowc("types", "orders.yaml", "--why", "note", cwd=here)
    assert done.stdout.startswith("note: json, behind set net = amount * 0.8; it reaches no sink\n")


def test_a_long_line_is_shown_step_by_step(here: Path) -> None:
    stages = " | ".join(f"set f{i + 1} = f{i} + 1" for i in range(1, 9))
    text = f"orders.jsonl | set f1 = id | {stages} | big.jsonl"
    done = flowc("types", text, "--why", "f9", cwd=here)
    assert done.stdout.count(" --> <command line>:1:") == 10
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_odd_names_are_written_as_in_the_language(here: Path) -> None:
    text = "orders.jsonl | set `a-b` = {x: id} | big.jsonl"
    done = flowc("types", text, "--why", "`a-b`.x", cwd=here)
    assert done.stdout.startswith("`a-b`.x: int, where it reaches big.jsonl\n"), done.stderr


def test_errors_are_shown_and_what_is_known_all_the_same(here: Path) -> None:
    done = flowc("types", "orders.jsonl | set b = amuont | big.jsonl", "--why", "id", cwd=here)
    assert done.returncode == 1
    assert "comes from `id` of orders.jsonl" in done.stdout
    assert "error[FC0302]" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--why", "amuont"], "did you mean 'amount'?"),
        (["--why", "a >"], "--why takes a field, not 'a >'"),
        (["--node", "selct"], "did you mean 'select'?"),
        (["--why", "note", "--node", "select"], "no record has a field 'note' at 'select'"),
    ],
)
def test_what_is_not_there_is_wrong_usage(options: list[str], says: str, here: Path) -> None:
    done = flowc("types", "orders.yaml", *options, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
