"""A Go module; one that uses the Stellar SDK is a Stellar project."""

from __future__ import annotations

import re
from pathlib import Path

from flowc.cli.support.detect import Found

_STELLAR = re.compile(r"^\s*(?:require\s+)?github\.com/stellar/", re.M)


def detect(folder: Path) -> Found | None:
    """`go.mod`."""
    try:
        text = (folder / "go.mod").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    if not _STELLAR.search(text):
        return Found("a Go module (go.mod)")
    from flowc.catalog import registry

    missing = registry.connector("stellar") is None
    notes = ("flowc has no connector for Stellar yet: pass records on as JSON lines",)
    return Found("a Stellar project with Go modules (go.mod)", notes=notes if missing else ())
