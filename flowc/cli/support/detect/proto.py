"""Protocol Buffers."""

from __future__ import annotations

from pathlib import Path

from flowc.cli.support.detect import Found, listed, names_of


def detect(folder: Path) -> Found | None:
    """`.proto` files."""
    names = names_of(folder, "*.proto", "proto/*.proto", "protos/*.proto")
    if not names:
        return None
    from flowc.cli.support.described import described

    made = described(folder, names)
    return Found(f"Protocol Buffers ({listed(names)})", made.files, made.steps, made.notes)
