"""The codes of diagnostics, each with its page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.cli.support.sets import EntrySet
from flowc.diagnostics import pages
from flowc.diagnostics.codes import RANGES
from flowc.diagnostics.pages import Page


class Codes(EntrySet[Page]):
    name = "codes"
    one = "code"
    brief = True

    def entries(self, cwd: Path) -> Mapping[str, Page]:
        return {page.id: page for page in pages.pages()}

    def find(self, word: str, cwd: Path) -> Page | None:
        return pages.page(word)

    def summary(self, entry: Page) -> str:
        return f"{entry.name}: {entry.summary}"

    def kind(self, entry: Page) -> str:
        return RANGES[entry.id[2:4]]

    def details(self, entry: Page) -> str:
        return entry.text.rstrip("\n") + "\n"

    def object(self, entry: Page) -> dict[str, Any]:
        return {
            "code": entry.id,
            "name": entry.name,
            "summary": entry.summary,
            "page": entry.text,
        }


SET = Codes()
