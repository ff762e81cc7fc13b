"""A Python project."""

from __future__ import annotations

from pathlib import Path

from flowc.cli.support.detect import Found, names_of


def detect(folder: Path) -> Found | None:
    """What a Python project is set up by."""
    names = names_of(folder, "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
    return Found(f"a Python project ({names[0]})") if names else None
