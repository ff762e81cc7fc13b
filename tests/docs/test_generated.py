"""The generated parts of the documentation are what the catalogue says today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate import HERE, PARTS, documents, generated


def test_every_part_stands_in_a_document() -> None:
    text = "".join(path.read_text("utf-8") for path in documents())
    assert {name for name in PARTS if f"<!-- begin generated: {name} -->" in text} == set(PARTS)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_generated_parts_are_current(path: Path) -> None:
    text = path.read_text("utf-8")
    assert generated(text) == text, "python -m docs.generate writes them anew"


def test_generating_fills_a_part() -> None:
    empty = "<!-- begin generated: formats -->\n<!-- end generated -->\n"
    assert "### csv" in generated(empty)
    assert generated(generated(empty)) == generated(empty)


def test_an_operator_has_its_section() -> None:
    assert "\n### filter\n" in (HERE / "language.md").read_text("utf-8")
