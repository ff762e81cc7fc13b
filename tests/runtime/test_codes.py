"""The codes that a run may print: each is in the table, has a page, and is used."""

from __future__ import annotations

import re
from pathlib import Path

import flowc_runtime
from flowc_runtime.errors import CODES

ROOT = Path(flowc_runtime.__file__).parent
PAGES = Path(__file__).parents[2] / "docs" / "errors"


def test_the_table_holds_the_codes_that_are_used() -> None:
    texts = [path.read_text() for path in ROOT.rglob("*.py") if path.name != "errors.py"]
    assert {code for text in texts for code in re.findall(r"FC\d{4}", text)} == set(CODES)


def test_each_code_has_a_page_of_its_name() -> None:
    for code, (name, title) in CODES.items():
        heading = (PAGES / f"{code}.md").read_text().splitlines()[0]
        assert heading == f"# {code}: {name}"
        assert title[0].isupper() or title.startswith("flowc")
        assert not title.endswith(".")
