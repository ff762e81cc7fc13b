"""``flowc list`` and ``flowc explain``: every set, its entries, and what filters leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowc.cli.support import sets
from flowc.cli.support.sets.types import _SCALARS
from flowc.model.types import Kind
from tests.cli.as_process import flowc

SETS = [pytest.param(entry_set, id=entry_set.name) for entry_set in sets.sets()]


@pytest.mark.parametrize("entry_set", SETS)
def test_a_set_is_listed_in_both_forms(entry_set: sets.EntrySet[Any], tmp_path: Path) -> None:
    text = flowc("list", entry_set.name, cwd=tmp_path)
    assert (text.returncode, text.stderr) == (0, "")
    assert max(map(len, text.stdout.splitlines())) <= 80
    data = json.loads(flowc("list", entry_set.name, "--format", "json", cwd=tmp_path).stdout)
    names = list(entry_set.entries(tmp_path))
    assert [
        e.get("name") if entry_set.name != "codes" else e["code"] for e in data[entry_set.name]
    ] == names
    for name in names:
        assert f" {name} " in text.stdout


@pytest.mark.parametrize("entry_set", SETS)
def test_every_entry_can_be_shown(entry_set: sets.EntrySet[Any], tmp_path: Path) -> None:
    for name, entry in entry_set.entries(tmp_path).items():
        assert entry_set.find(name, tmp_path) == entry
        assert name in entry_set.details(entry)
        assert json.loads(json.dumps(entry_set.object(entry)))
        for word in entry_set.words(entry):
            assert entry_set.find(word, tmp_path) is not None


def test_every_scalar_type_is_described() -> None:
    assert set(_SCALARS) == set(Kind)


def test_everything_is_listed_in_short(tmp_path: Path) -> None:
    done = flowc("list", cwd=tmp_path)
    for name in sets.names():
        assert f"\n{name}" in "\n" + done.stdout
    assert "; flowc list codes\n" in done.stdout


@pytest.mark.parametrize(
    ("argv", "has", "lacks"),
    [
        (["functions", "--kind", "time"], "parse_time", "lower"),
        (["operators", "--kind", "state"], "aggregate", "filter"),
        (["--search", "median"], "", "lower"),
        (["operators", "--search", "where"], "filter", "select"),
        (["codes", "--search", "constant"], "FC0403", "FC0101"),
    ],
)
def test_filters(argv: list[str], has: str, lacks: str, tmp_path: Path) -> None:
    done = flowc("list", *argv, cwd=tmp_path)
    assert has in done.stdout
    assert f" {lacks} " not in done.stdout


def test_a_filter_that_leaves_nothing_says_what_there_is(tmp_path: Path) -> None:
    done = flowc("list", "operators", "--kind", "zzz", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "keep or fail" in done.stderr


def test_the_types_of_the_project_are_types(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/shop.schema.yaml").write_text("types:\n  Order:\n    id: int\n")
    done = flowc("list", "types", "Order", cwd=tmp_path)
    assert "{id: int}" in done.stdout
    assert "schemas/shop.schema.yaml:2:3" in done.stdout


def test_a_name_of_another_set_is_pointed_to(tmp_path: Path) -> None:
    done = flowc("list", "functions", "filter", cwd=tmp_path)
    assert done.returncode == 2
    assert "flowc list operators filter" in done.stderr


@pytest.mark.parametrize(
    ("word", "shows"),
    [("filter", "filter: operator"), ("lower", "lower: function"), ("Kafkaa", "")],
)
def test_explain_knows_more_than_codes(word: str, shows: str, tmp_path: Path) -> None:
    done = flowc("explain", word, cwd=tmp_path)
    assert done.returncode == (0 if shows else 2)
    assert shows in done.stdout
    assert "Traceback" not in done.stderr
