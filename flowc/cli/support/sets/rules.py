"""The rules: what is looked for in a pipeline that is well typed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowc.check.rules import rules
from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import paragraphs
from flowc.diagnostics import pages
from flowc.model.diagnostic import Code


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule's file: its name, what it does, the codes it reports."""

    name: str
    doc: str
    codes: tuple[Code, ...]


class Rules(EntrySet[RuleEntry]):
    name = "rules"
    one = "rule"

    def entries(self, cwd: Path) -> Mapping[str, RuleEntry]:
        found: dict[str, RuleEntry] = {}
        for file, rule in rules():
            values = vars(sys.modules[rule.__module__]).values()
            codes = tuple(value for value in values if isinstance(value, Code))
            name = file.replace("_", "-")
            doc = " ".join((rule.__doc__ or "").split()).replace("``", "`")
            found[name] = RuleEntry(name, doc, codes)
        return found

    def summary(self, entry: RuleEntry) -> str:
        return f"{', '.join(code.id for code in entry.codes)}: {entry.doc}"

    def details(self, entry: RuleEntry) -> str:
        lines = [f"{entry.name}: rule", *paragraphs(entry.doc)]
        for code in entry.codes:
            page = pages.page(code.id)
            lines += ["", *((page.text if page else code.title).rstrip("\n").splitlines())]
        return "\n".join(lines) + "\n"

    def object(self, entry: RuleEntry) -> dict[str, Any]:
        return {
            "name": entry.name,
            "doc": entry.doc,
            "codes": [{"code": c.id, "name": c.name, "title": c.title} for c in entry.codes],
        }


SET = Rules()
