"""What files and operators mean: records in, lines out, byte for byte, on the generated code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flowing import ran

FOLDER = Path(__file__).parent / "records"


def cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()):
            for case in group["cases"]:
                yield pytest.param({**group, **case}, id=f"{group['group']}: {case['title']}")


@pytest.mark.parametrize("case", list(cases()))
def test_case(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"in.{case.get('format', 'jsonl')}"
    (tmp_path / name).write_text(case["given"])
    if "schema" in case:
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas" / "types.schema.yaml").write_text(case["schema"])
    stages = "".join(f" | {stage}" for stage in [case.get("stages")] if stage)
    done = ran(f"{name} as {case['type']}{stages} | out.jsonl", tmp_path)
    assert (tmp_path / "out.jsonl").read_text() == case["gives"]
    assert [letter["error"] for letter in done.dead] == case.get("dead", [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"at": "2024-01-31T10:00:00"}', True),
        ('{"at": "2024-01-31T10:00:00Z"}\n{"at": "2024-01-31T10:00:00+02:00"}', False),
        ("at\n2024-01-31 10:00", True),
        ("at\n2024-01-31", False),
        ("at\n2024-01-31 10:00Z", False),
    ],
)
def test_times_without_a_zone_are_said_once(
    given: str, said: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "in.jsonl" if given.startswith("{") else "in.csv"
    (tmp_path / name).write_text(given)
    done = ran(f"{name} as {{at: timestamp}} | out.jsonl", tmp_path)
    assert done.result.accounts.zoneless_timestamps is said
