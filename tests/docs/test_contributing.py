"""What CONTRIBUTING.md shows of the code still stands in the code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from docs.shown import ROOT

_FENCE = re.compile(r"^```diff\n(.*?)^```", re.M | re.S)
_TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def hunks() -> Iterator[tuple[str, list[str]]]:
    """(file, consecutive lines) of each hunk."""
    for fence in _FENCE.findall(_TEXT):
        path = ""
        lines: list[str] = []
        for line in (*fence.splitlines(), "@@"):
            if line.startswith("+++ b/"):
                path = line.removeprefix("+++ b/")
            elif line.startswith(("@@", "diff --git")):
                if lines:
                    yield path, lines
                lines = []
            elif line.startswith("+"):
                lines.append(line[1:])


def shown() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = defaultdict(list)
    for path, lines in hunks():
        found[path].append(lines)
    return found


SHOWN = shown()


def test_each_open_set_is_shown() -> None:
    folders = (
        "flowc/catalog/operators/",
        "flowc/catalog/functions/",
        "flowc/catalog/connectors/",
        "runtime/flowc_runtime/connectors/",
        "flowc/check/rules/",
        "flowc/targets/",
        "templates/",
        "flowc/cli/",
    )
    assert [f for f in folders if not any(path.startswith(f) for path in SHOWN)] == []


@pytest.mark.parametrize("path", sorted(SHOWN))
def test_the_lines_shown_stand_in_the_file(path: str) -> None:
    text = (ROOT / path).read_text("utf-8").splitlines()
    at = 0
    for lines in SHOWN[path]:
        places = [i for i in range(at, len(text)) if text[i : i + len(lines)] == lines]
        assert places, f"{path} no longer holds, in this order:\n" + "\n".join(lines)
        at = places[0] + len(lines)
