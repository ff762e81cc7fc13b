"""A project of flowc."""

from __future__ import annotations

from pathlib import Path

from flowc.cli.support.detect import Found


def detect(folder: Path) -> Found | None:
    """`flowc.toml`."""
    from flowc.cli.support.pipelines import pipeline_files

    if not (folder / "flowc.toml").is_file():
        return None
    pipelines = pipeline_files(folder)
    count = f"{len(pipelines)} pipeline{'' if len(pipelines) == 1 else 's'}"
    steps = ("flowc validate",) if pipelines else ()
    return Found(f"a flowc project with {count}", steps=steps)
