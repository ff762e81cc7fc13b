"""The pipelines of the vision as they are written there.

Levels 0 to 2 run, with a file and a table in place of the services that they name; of all others
``expected.txt`` beside them lists every error. A block that shows two alternatives or two
files is split.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from flowc.cli.app import main

HERE = Path(__file__).parent
LEVEL_0 = "kafka://orders | filter-large | postgres://analytics"
ORDERS = '{"id": 1, "amount": 250}\n{"id": 2, "amount": 40}\n{"id": 3, "amount": 100.5}\n'
PAYMENTS = "".join(
    json.dumps(dict(zip(("operation_type", "amount", "currency"), row))) + "\n"
    for row in (
        ("payment", 10.0, "EUR"),
        ("payment", 4.0, "USD"),
        ("trade", 7.0, "USD"),
        ("payment", -1.0, "USD"),
        ("payment", 3.0, "XXX"),
    )
)

LISTED = sorted(path.parent.name for path in HERE.glob("*/expected.txt"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _rows(table: str) -> list[tuple[object, ...]]:
    with sqlite3.connect("out.db") as database:
        found = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    database.close()
    return found


def _run(*words: str) -> int:
    ends = ("--set", "source=orders.jsonl", "--set", "sink=sqlite://out.db/analytics")
    return main(["run", *words, *ends, "--quiet"])


def test_level_0_runs(here: Path) -> None:
    (here / "flowc.toml").write_text('[stages]\nfilter-large = "filter amount > 100"\n')
    (here / "orders.jsonl").write_text(ORDERS)
    assert _run(LEVEL_0) == 0
    assert _rows("analytics") == [(1, 250), (3, 100.5)]


def test_level_0_names_each_service_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "flowc.toml").write_text('[stages]\nfilter-large = "filter amount > 100"\n')
    assert main(["validate", LEVEL_0, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [(d["code"], d["message"]) for d in found] == [
        ("FC0204", "no connector has the scheme 'kafka://'"),
        ("FC0204", "no connector has the scheme 'postgres://'"),
    ]


def test_level_1_runs(here: Path) -> None:
    shutil.copytree(HERE / "level-1", here, dirs_exist_ok=True)
    (here / "orders.jsonl").write_text(ORDERS)
    assert _run("pipeline.yaml") == 0
    assert _rows("analytics") == [(1, 250), (3, 100.5)]


def test_level_2_runs(here: Path) -> None:
    shutil.copytree(HERE / "level-2", here, dirs_exist_ok=True)
    (here / "orders.jsonl").write_text(PAYMENTS)
    assert _run("stellar-pipeline.yaml") == 0
    assert _rows("analytics") == [("payment", 10.0, "EUR", 12.5), ("payment", 4.0, "USD", 4.0)]
    letters = (here / "stellar-ttp-extractor.dead.jsonl").read_text().splitlines()
    assert [json.loads(letter)["error"] for letter in letters] == ["ValidationError"]


def test_validate_strict_shows_the_types_and_what_does_not_fit(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schema file of the vision; another one has the types that it leaves to others."""
    shutil.copytree(HERE / "schema", here, dirs_exist_ok=True)
    (here / "schemas" / "more.schema.yaml").write_text(
        "types:\n"
        "  RawTransaction: {amount: number, currency: string, from: string, to: string,"
        " memo: string}\n"
        "  EnrichedPayment: {amount: number, currency: string, from: string, to: string,"
        " usd: float}\n"
        "  Order: {id: int, total: number}\n"
        "processors:\n"
        "  enrich-payment: {input: Payment, output: EnrichedPayment}\n"
        "  process-refund: {input: Payment, output: Payment}\n"
    )
    payment = "{'amount': int | float, 'currency': str, 'from': str, 'to': str"
    fields = {
        "RawTransaction": payment + ", 'memo': str}",
        "Payment": payment + "}",
        "EnrichedPayment": payment + ", 'usd': float}",
    }
    (here / "processors").mkdir()
    for name, taken, given in (
        ("validate_payment", "RawTransaction", "Payment"),
        ("enrich_payment", "Payment", "EnrichedPayment"),
        ("process_refund", "Payment", "Payment"),
    ):
        types = "".join(f"{t} = TypedDict('{t}', {fields[t]})\n" for t in {taken: 0, given: 0})
        (here / "processors" / f"{name}.py").write_text(
            f"from typing import TypedDict\n\n{types}\n\n"
            f"def process(record: {taken}) -> {given}: ...\n"
        )
    good = "raw.jsonl as RawTransaction | validate-payment | enrich-payment | out.jsonl"
    assert main(["validate", good, "--strict"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("✓ Type flow: RawTransaction → Payment → EnrichedPayment\n")
    assert main(["validate", "o.jsonl as Order | process-refund | out.jsonl", "--strict"]) == 1
    said = capsys.readouterr()
    assert "error[FC0342]: 'process-refund' expects Payment but receives Order" in said.err


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in (HERE / "protocol-handlers" / "sources.yaml").read_text("utf-8").splitlines()
        if line.startswith("source:")
    ],
)
def test_a_protocol_that_is_not_there_is_one_error(
    line: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pipeline.yaml").write_text(f"{line}\nsink: out.jsonl\n")
    main(["validate", "--format", "json", "pipeline.yaml"])
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [d["place"]["start"]["line"] for d in found] == [1]
    # Files are there, but are not watched yet.
    assert found[0]["code"] == ("FC0399" if "file://" in line else "FC0204")


def _listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Every finding of the pipelines of a folder: code, place, what stands there, message."""
    capsys.readouterr()
    files = sorted(path.name for path in folder.glob("*.yaml"))
    code = main(["validate", "--format", "json", *files])
    lines = [f"exit {code}"]
    for found in json.loads(capsys.readouterr().out)["diagnostics"]:
        place = found["place"]
        shown = f"{place['file']}:{place['start']['line']}:{place['start']['column']}"
        lines.append(f"{found['code']} {shown} {found['message']}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", LISTED)
def test_every_error_is_listed(
    name: str, here: Path, capsys: pytest.CaptureFixture[str], update_goldens: bool
) -> None:
    shutil.copytree(HERE / name, here, dirs_exist_ok=True)
    found = _listed(here, capsys)
    expected = HERE / name / "expected.txt"
    if update_goldens:
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")
