"""`call`, `type: custom`, and what is said where there is nothing to call."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flowing import codes, ran

ROOT = Path(__file__).resolve().parents[2]

PRICING = """\
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Order:
    id: int
    amount: float


@dataclass
class Priced:
    id: int
    usd: float


class TooSmall(Exception):
    pass


def add_usd(record: Order) -> Priced:
    if record.amount < 1:
        raise TooSmall(f"{record.amount} is too small")
    return Priced(record.id, record.amount * 2)


def twice(record: Order) -> Iterator[Order]:
    yield record
    yield record
"""
TOTALS = """\
from typing import TypedDict


class In(TypedDict):
    id: int


class Out(TypedDict):
    id: int
    seen: int


_SEEN: list[int] = []


def process(record: In) -> Out | None:
    _SEEN.append(record["id"])
    return None if record["id"] == 2 else {"id": record["id"], "seen": len(_SEEN)}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("processors/net_pricing.py", PRICING), ("lib/totals.py", TOTALS)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (tmp_path / "flowc.toml").write_text("")
    rows = '{"id": 1, "amount": 5.5}\n{"id": 2, "amount": 0.5}\n{"id": 3, "amount": 1.0}\n'
    (tmp_path / "in.jsonl").write_text(rows)
    return tmp_path


def test_a_function_by_its_module(folder: Path) -> None:
    for written in ("net_pricing.add_usd", "net-pricing.add_usd", '"net-pricing.add_usd"'):
        got = ran(f"in.jsonl | call {written} | out.jsonl", folder)
        assert got.rows == [{"id": 1, "usd": 11.0}, {"id": 3, "usd": 2.0}]
        assert got.dead[0]["error"] == "TooSmall"
        assert "processors/net_pricing.py:" in got.dead[0]["message"]
        Path("pipeline.dead.jsonl").unlink()
    got = ran("in.jsonl | call net_pricing.twice | call net_pricing.add_usd | out.jsonl", folder)
    assert len(got.rows) == 4


def test_a_file_by_its_path(folder: Path) -> None:
    got = ran('in.jsonl | call from "lib/totals.py" | out.jsonl', folder)
    assert got.rows == [{"id": 1, "seen": 1}, {"id": 3, "seen": 3}]


def test_a_type_behind_as_is_checked_and_narrows(folder: Path) -> None:
    got = ran(
        "in.jsonl | filter id != 2 | call net_pricing.add_usd as {usd: float} | out.jsonl", folder
    )
    assert got.rows == [{"usd": 11.0}, {"usd": 2.0}]


CUSTOM = """\
source: ../in.jsonl
processors:
  - name: totals
    type: "custom"
    language: "python"
    script: "../lib/totals.py"
sink: out.jsonl
"""


def test_custom_processors_in_yaml_are_read_from_the_files_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CUSTOM.replace("../in.jsonl", "in.jsonl")
    got = ran(text, folder, name="flows/p.yaml")
    assert got.rows == [{"id": 1, "seen": 1}, {"id": 3, "seen": 3}]
    assert "totals" in got.result.accounts.nodes


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("call", "FC0220"),
        ("call net_pricing", "FC0372"),
        ("call net_pricing.add_used", "FC0371"),
        ("call nope.add_usd", "FC0201"),
        ("call net_pricing.add_usd as {id: string}", "FC0436"),
        ("call net_pricing.add_usd as int", "FC0436"),
        ("call net_pricing.add_usd as {id: int, more: int}", "FC0436"),
        ('call from "lib/total.py"', "FC0287"),
        ('call from "flowc.toml"', "FC0287"),
        ('call from "../x.py"', "FC0286"),
        ('call net_pricing.add_usd from "lib/totals.py"', "FC0435"),
        ('call from "lib/totals.py" using go', "FC0399"),
        ("enrich net_pricing.add_usd, x = 1", "FC0419"),
    ],
)
def test_what_cannot_be_called(line: str, code: str, folder: Path) -> None:
    assert codes(f"in.jsonl | {line} | out.jsonl", folder) == [code]


def test_other_languages_are_not_there_yet(folder: Path) -> None:
    (folder / "x.yaml").write_text("")
    text = CUSTOM.replace("../", "").replace('"python"', '"go"')
    assert codes(text, folder, name="p.yaml") == ["FC0399"]


def test_a_file_that_is_not_called_may_be_anything(folder: Path) -> None:
    (folder / "processors/helpers.py").write_text("def a(): ...\ndef b(): ...\n")
    (folder / "processors/broken.py").write_text("def\n")
    assert len(ran("in.jsonl | call net_pricing.add_usd | out.jsonl", folder).rows) == 2


def test_the_built_project_does_the_same(folder: Path) -> None:
    line = 'in.jsonl | call net_pricing.twice | call from "lib/totals.py" | out.jsonl'
    expected = ran(line, folder).rows
    Path("out.jsonl").unlink()
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'runtime'}:dist/src", "PATH": os.environ["PATH"]}
    for command in (["flowc", "build", line, "-o", "dist"], ["pipeline"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    import json

    assert [json.loads(row) for row in Path("out.jsonl").read_text().splitlines()] == expected
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "src"],
        cwd="dist",
        env={"MYPYPATH": "src", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
