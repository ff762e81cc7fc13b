"""OpenAPI documents."""

from __future__ import annotations

import re
from pathlib import Path

from flowc.cli.support.detect import Found, listed, names_of

_START = re.compile(r"""^\s*["']?(?:openapi|swagger)["']?\s*:\s*["']?\d""", re.M)
#: The key stands near the top of every such document.
_SHOWN = 4096


def detect(folder: Path) -> Found | None:
    """YAML or JSON that begins like an OpenAPI document."""
    names = tuple(
        name
        for name in names_of(folder, "*.yaml", "*.yml", "*.json")
        if _START.search(_beginning(folder / name))
    )
    if not names:
        return None
    from flowc.cli.support.described import described

    made = described(folder, names)
    return Found(f"an OpenAPI document ({listed(names)})", made.files, made.steps, made.notes)


def _beginning(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_SHOWN).decode("utf-8", "replace")
    except OSError:
        return ""
