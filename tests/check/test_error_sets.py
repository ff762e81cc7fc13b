"""What a node is said to fail with is what its records fail with, and no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flowing import ran, request

from flowc import compile as road
from flowc.model.graph import NodeKind

TYPE = "{id: int, n: int?, zero: int, f: float, s: string, at: timestamp, tags: list<string>?}"
ROWS = [
    {"id": 1, "n": 3, "zero": 0, "f": 1.5, "s": "12", "at": "2024-01-01T00:00:00Z", "tags": ["a"]},
    {"id": 2**63 - 1, "n": None, "zero": 1, "f": 1e308, "s": "x", "at": "2024-01-01T02:00:00Z", "tags": None},
    {"id": -1, "n": 0, "zero": 2, "f": 0.0, "s": "", "at": "2023-01-01T00:00:00Z", "tags": []},
]  # fmt: skip

STAGES = {
    "set x = id + 1": {"ArithmeticError"},
    "set x = id / zero": {"ArithmeticError"},
    "set x = id // zero": {"ArithmeticError"},
    "set x = int(s)": {"ConversionError"},
    "set x = try(int(s))": set(),
    "set x = n ?? 0": set(),
    "set x = f * 10.0": {"ArithmeticError"},
    "cast s as int": {"ConversionError"},
    "cast id as int32": {"ConversionError"},
    "cast id as string": set(),
    "filter int(s) > 1": {"ConversionError"},
    "validate id > 0": {"ValidationError"},
    "validate int(s) > 0": {"ValidationError", "ConversionError"},
    "route { int(s) > 1: set y = 1; else: set y = 2 }": {"ConversionError"},
    "dedupe by k = int(s)": {"ConversionError"},
    "aggregate n = count() by k = int(s)": {"ConversionError"},
    "aggregate n = sum(int(s))": {"ConversionError", "ArithmeticError"},
    "sort int(s)": {"ConversionError"},
    "select a = upper(s), id": set(),
    "explode tags as tag": set(),
    "limit 2": set(),
    "map a = if zero == 0 then 0 else id * 2 // zero": {"ArithmeticError"},
    "aggregate n = count() over tumbling 1h": {"LateError", "ArithmeticError"},
    "parse s as json": {"ConversionError"},
}

#: The classes that a dead letter is more exact about.
_FAMILY = {"OverflowError": "ArithmeticError", "ZeroDivisionError": "ArithmeticError"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_node_fails_with_what_it_says(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    clock = " time at lag 1m" if "over" in stage else ""
    text = f"in.jsonl as {TYPE}{clock} | {stage} | out.jsonl"
    typed = road.check(request(text, tmp_path)).typed[0]
    stages = [node for node in typed.pipeline.nodes if node.kind is NodeKind.STAGE]
    said = typed.types[stages[0].id].errors
    assert said == STAGES[stage]
    happened = {
        _FAMILY.get(dead["error"], dead["error"])
        for dead in ran(text, tmp_path).dead
        if dead["node"] == stages[0].id
    }
    assert happened <= said
    assert happened or not said
