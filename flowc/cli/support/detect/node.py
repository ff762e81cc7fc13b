"""A Node project."""

from __future__ import annotations

from pathlib import Path

from flowc.cli.support.detect import Found


def detect(folder: Path) -> Found | None:
    """`package.json`."""
    return Found("a Node project (package.json)") if (folder / "package.json").is_file() else None
