"""A processor's name with dashes is a subtraction to the grammar, and stays a name in `fmt`."""

from __future__ import annotations

import pytest

from flowc.model.source import SourceFile
from flowc.syntax.format import format_source


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a.jsonl|enrich add-usd-value|-", "a.jsonl | enrich add-usd-value | -\n"),
        ("a.jsonl | set x = a-b | -", "a.jsonl | set x = a - b | -\n"),
        ("a.jsonl | enrich x = a-b | -", "a.jsonl | enrich x = a - b | -\n"),
    ],
)
def test_dashes(written: str, expected: str) -> None:
    formatted = format_source(SourceFile("x.flow", written + "\n"))
    assert formatted == expected
