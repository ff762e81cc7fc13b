"""Every example of every operator runs and gives what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flowing import laid, ran, request

from flowc import compile as road
from flowc.catalog import registry
from flowc.catalog.spec import OperatorExample
from flowc.model.plan import CallRuntime, Tabulate

EXAMPLES = [
    pytest.param(example, id=f"{name}: {example.title}")
    for name, operator in sorted(registry.operators().items())
    for example in operator.examples
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example: OperatorExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    laid(example, tmp_path)
    declared = f" as {example.type}" if example.type else ""
    got = ran(f"in.jsonl{declared} | {example.stage} | out.jsonl", tmp_path)
    assert got.rows == [json.loads(line) for line in example.gives.splitlines()]
    assert len(got.dead) == example.dead


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_has_memory_says_what_bounds_it(
    example: OperatorExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    laid(example, tmp_path)
    declared = f" as {example.type}" if example.type else ""
    line = f"in.jsonl{declared} | {example.stage} | out.jsonl"
    emitted = road.emit(request(line, tmp_path), formatted=False)
    (typed,) = emitted.checked.typed
    (plan,) = emitted.plans
    states = {
        block.body.node
        for block in plan.blocks
        if isinstance(block.body, CallRuntime | Tabulate) and block.body.module.startswith("state.")
    }
    assert states == {id for id, types in typed.types.items() if types.held}


def test_every_operator_but_the_users_own_has_an_example() -> None:
    without = {name for name, operator in registry.operators().items() if not operator.examples}
    assert without <= {"processor", "running"}


def test_spellings_and_corrections_are_each_claimed_once() -> None:
    claimed: dict[str, str] = {}
    for name, operator in registry.operators().items():
        for word in {name, *operator.spellings, *operator.corrections}:
            assert word not in claimed, f"{word}: {claimed.get(word)} and {name}"
            claimed[word] = name
