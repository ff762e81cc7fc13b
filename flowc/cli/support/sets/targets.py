"""What `flowc build` can write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowc.cli.support.sets import EntrySet
from flowc.cli.support.show.entries import sentence
from flowc.targets.base import Target, target, target_names


class Targets(EntrySet[Target]):
    name = "targets"
    one = "target"

    def entries(self, cwd: Path) -> Mapping[str, Target]:
        found = {name: target(name) for name in target_names()}
        return {name: made for name, made in found.items() if made is not None}

    def summary(self, entry: Target) -> str:
        return entry.summary

    def details(self, entry: Target) -> str:
        return (
            f"{entry.name}: target\n{sentence(entry.summary)}\n\n"
            f"  flowc build orders.yaml --target {entry.name}\n"
        )

    def object(self, entry: Target) -> dict[str, Any]:
        return {"name": entry.name, "summary": entry.summary}


SET = Targets()
