"""A whole run: what the sources give is written, dropped or dead, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from class_pipeline._runtime.engine import RunOptions, run
from class_pipeline._runtime.environment import Environment
from class_pipeline._runtime.segments import SinkSegment, SourceSegment
from class_pipeline.pipeline import pipeline
from doubles import Given, Kept
from samples import NONE, SETTINGS

RECORDS: dict[str, list[Any]] = {
    "import": NONE,
}


def test_run(tmp_path: Path) -> None:
    environment = Environment({})
    built = pipeline(SETTINGS, environment)
    sinks: list[Kept] = []
    for name, segment in built.segments.items():
        if isinstance(segment, SourceSegment):
            built.segments[name] = SourceSegment(Given(RECORDS[name]), segment.node)
        elif isinstance(segment, SinkSegment):
            sinks.append(Kept())
            built.segments[name] = SinkSegment(sinks[-1], segment.node)

    result = run(built, RunOptions(dead_letter=str(tmp_path / "dead.jsonl")), environment)

    assert result.diagnosis is None, result.details
    assert result.exit_code == 0
    assert result.accounts.imbalances() == []
    assert all(sink.complete for sink in sinks)
