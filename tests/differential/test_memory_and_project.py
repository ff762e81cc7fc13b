"""What ``run`` loads and what ``build`` writes do the same to the same data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowc.launch.run import run
from flowc.targets.python import TARGET
from flowc_runtime.engine import Result, RunOptions
from flowc_runtime.environment import Environment
from flowc_runtime.errors import RunError
from tests.targets.plans import PLANS
from tests.targets.projects import FIXTURES, Fixture, lay, made, write

every_case = pytest.mark.parametrize("name", PLANS)


class Streams(Environment):
    """The standard streams as bytes at hand."""

    def __init__(self, fixture: Fixture) -> None:
        super().__init__(fixture.variables)
        self.given = fixture.stdin.encode()
        self.written = b""

    def read_stdin(self, size: int) -> bytes:
        given, self.given = self.given[:size], self.given[size:]
        return given

    def write_stdout(self, data: bytes) -> None:
        self.written += data


def run_from_memory(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Result, bytes]:
    lay(FIXTURES[name], folder)
    monkeypatch.chdir(folder)
    world = Streams(FIXTURES[name])
    result = run(TARGET.emit(PLANS[name](), formatted=False), RunOptions(), environment=world)
    return result, world.written


def letters(folder: Path) -> list[dict[str, object]]:
    """The dead letters without the time of day."""
    found = []
    for path in folder.glob("*.dead.jsonl"):
        for line in path.read_text().splitlines():
            letter = json.loads(line)
            del letter["time"]
            found.append(letter)
    return found


@every_case
def test_run_equals_built_project(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture = FIXTURES[name]
    result, written = run_from_memory(name, tmp_path / "memory", monkeypatch)
    assert result.diagnosis is None, result.details

    fileset = TARGET.emit(PLANS[name](), formatted=True)
    write(fileset, tmp_path / "project")
    lay(fixture, tmp_path / "run")
    done = subprocess.run(
        [sys.executable, "-m", fileset.package],
        cwd=tmp_path / "run",
        input=fixture.stdin.encode(),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(tmp_path / "project" / "src"),
            **fixture.variables,
        },
        capture_output=True,
    )
    assert done.returncode == result.exit_code == 0, done.stderr.decode()
    assert done.stdout == written
    assert made(fixture, tmp_path / "run") == made(fixture, tmp_path / "memory")
    assert letters(tmp_path / "run") == letters(tmp_path / "memory")


def test_projects_own_tests_pass(tmp_path: Path) -> None:
    for name, plan in PLANS.items():
        write(TARGET.emit(plan(), formatted=True), tmp_path / name)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=tmp_path / name,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{name}\n{done.stdout}"


def test_w1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = run_from_memory("w1", tmp_path / "w1", monkeypatch)
    assert (tmp_path / "w1/big_orders.jsonl").read_text() == (
        '{"id":1,"customer_id":7,"country":"DE","status":"paid","net":120.2}\n'
        '{"id":4,"customer_id":7,"country":"FR","status":"paid","net":8.000000000000001e307}\n'
        '{"id":6,"customer_id":9,"country":"日本","status":"\\u0007 \\"q\\"","net":8.000000000000001e305}\n'
    )
    assert result.accounts["filter"].dropped == {"filtered": 2}
    dead = letters(tmp_path / "w1")
    assert [letter["node"] for letter in dead] == ["orders", "orders"]
    assert dead[1]["original"] == "not json"


def test_csv_to_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_from_memory("csv_to_sqlite", tmp_path / "run", monkeypatch)
    rows = made(FIXTURES["csv_to_sqlite"], tmp_path / "run")["late"]
    assert rows == [
        ("UA", 20 / 60, 1400, "2013-01-01T10:00:00Z"),
        ("DL, Inc", 15.5 / 60, 762, "2013-01-01T11:00:00Z"),
    ]
    assert [letter["message"] for letter in letters(tmp_path / "run")] == [
        "dep_delay: 'nan' is not a finite float",
        "carrier is null",
        "dep_delay: '1_0' is not a float",
    ]


def test_sqlite_to_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_from_memory("sqlite_to_csv", tmp_path / "run", monkeypatch)
    assert (tmp_path / "run/report.csv").read_text() == (
        'the carrier,class,Distance,distance\nUA,0.5,7,7\n"a, ""b""",,8,8\n'
    )
    assert len(letters(tmp_path / "run")) == 2


def test_route_and_tee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = run_from_memory("route_and_tee", tmp_path / "run", monkeypatch)
    rest = (tmp_path / "run/rest.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in rest] == [1, 6, 2]
    assert json.loads(rest[0])["amount"] == 300.5
    assert (tmp_path / "run/all.jsonl").read_text().count("\n") == 5
    assert result.accounts["route"].dropped == {"no branch": 1}
    # Twice 1e308 is no finite number: the record is dead at the node that computed it.
    assert [letter["node"] for letter in letters(tmp_path / "run")] == ["set", "orders", "orders"]


def test_user_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, written = run_from_memory("user_code", tmp_path / "run", monkeypatch)
    assert written == b'{"id":1,"amount":100.0,"vat":19.0}\n'
    assert result.accounts["add-vat"].dropped == {"not returned": 1}
    found = {letter["node"]: letter["message"] for letter in letters(tmp_path / "run")}
    assert found["validate"] == "amount < 1e6 is false"
    assert found["add-vat"].startswith("negative amount")


def test_missing_setting_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fileset = TARGET.emit(PLANS["settings"](), formatted=False)
    with pytest.raises(RunError) as told:
        run(fileset, RunOptions(), environment=Environment({}))
    assert "FOLDER is not set: where the orders are" in told.value.diagnosis.why
    assert "API_TOKEN" not in told.value.diagnosis.why


def test_every_type_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_from_memory("every_type", tmp_path / "run", monkeypatch)
    first, second = (tmp_path / "run/copies.jsonl").read_text().splitlines()
    assert json.loads(first)["when"] == "2024-01-31T08:00:00Z"
    assert '"price":1.10,"exact":1.2345678901234567890123,"wide":18446744073709551615' in first
    assert '"tree":{"value":1,"left":{"value":2,"left":null,"right":null},"right":null}' in first
    assert '"paid":{"by":"card","number":"1"}' in first
    assert "note" not in json.loads(first)
    assert json.loads(second) == {
        **json.loads(second),
        "note": "n",
        "zip": "53111",
        "kind": 'b"c',
        "day": "2024-02-29",
        "extra": None,
    }
    (unknown,) = letters(tmp_path / "run")
    assert unknown["error"] == "ValidationError"


def test_open_records_keep_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_from_memory("open_records", tmp_path / "run", monkeypatch)
    assert (tmp_path / "run/copies.jsonl").read_text() == (
        '{"x":1.10,"a":1,"d":"text","e":2}\n{"a":2,"y":{"c":null},"d":"","e":3}\n'
    )
    assert len(letters(tmp_path / "run")) == 1
