"""Timestamps written without a zone: UTC, and asked about under --strict."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes


@pytest.mark.parametrize(
    ("stage", "asked"),
    [
        ("filter t > 2024-01-01T10:00", 1),
        ('filter t > "2024-01-01T10:00"', 1),
        ('set u = timestamp("2024-01-01 10:00:00.5")', 1),
        ('filter t in ("2024-01-01T10:00", 2024-01-01T11:00)', 2),
        ("set u = if t == 2024-01-01T10:00 then t else 2024-01-01T10:00+01:00", 1),
        ("filter t > 2024-01-01T10:00Z", 0),
        ('filter t > "2024-01-01T10:00+01:00"', 0),
        ("filter t > 2024-01-01", 0),
        ("set u = timestamp(s)", 0),
    ],
)
def test_a_zone_is_asked_for(stage: str, asked: int, tmp_path: Path) -> None:
    text = f"in.jsonl as {{t: timestamp, s: string}} | {stage} | out.jsonl"
    assert codes(text, tmp_path, strict=True) == ["FC0427"] * asked
    assert codes(text, tmp_path) == []
