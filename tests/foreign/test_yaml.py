"""The same lines inside of YAML: the fix makes the same text, whatever quotes it stands in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from flowc.compile import Request, check
from flowc.diagnostics.apply import apply_fixes
from flowc.model.source import SourceFile
from flowc.syntax.yamlwriter import scalar
from tests.foreign.test_lines import ENTRIES, FILES, LINES

_SOURCE = "orders.jsonl | "
STYLES = ("plain", "single", "double", "folded", "literal", "flow")


def stages() -> list[tuple[str, str]]:
    """Stages behind the source as they are written, and as the fix writes them."""
    found = []
    for entry in ENTRIES:
        fixed = entry.fixed[3:]
        sinks = ".jsonl" in entry.line.removeprefix(_SOURCE)
        if entry.line.startswith(_SOURCE) and fixed.startswith(_SOURCE) and not sinks:
            found.append((entry.line.removeprefix(_SOURCE), fixed.removeprefix(_SOURCE)))
    return found


STAGES = stages()


def written(text: str, style: str) -> str | None:
    """The text as a scalar of a style; None where it cannot be."""
    match style:
        case "plain":
            return text if scalar(text) == text else None
        case "single":
            return "'" + text.replace("'", "''") + "'"
        case "double":
            return json.dumps(text)
        case "folded":
            return ">\n  " + text.replace(" | ", "\n  | ")
        case "literal":
            return "|\n  " + text.replace(" | ", "\n  | ")
        case _:
            return "['" + text.replace("'", "''") + "']"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_there_are_stages() -> None:
    assert len(STAGES) >= 80
    assert list(LINES.iterdir())


@pytest.mark.parametrize("style", STYLES)
def test_the_fix_in_yaml_is_the_fix_of_the_line(style: str, folder: Path) -> None:
    wrong = []
    tried = 0
    for text, wanted in STAGES:
        here = written(text, style)
        if here is None:
            continue
        tried += 1
        name = "p.yaml"
        before = (
            f"# begins\nsource: orders.jsonl  # the source\nprocess: {here}\nsink: '-'  # end\n"
        )
        source = SourceFile(name, before)
        found = check(Request(source, folder / name, folder, environment={})).diagnostics
        errors = [d for d in found if d.is_error]
        after = apply_fixes(errors, unsafe=True).texts.get(name, "")
        try:
            made = yaml.safe_load(after)["process"]
        except (yaml.YAMLError, TypeError) as error:
            made = repr(error)
        made = made[0] if isinstance(made, list) else made
        kept = all(mark in after for mark in ("# begins", "# the source", "# end"))
        if len(errors) != 1 or made.split() != wanted.split() or not kept:
            wrong.append((text, wanted, after, [d.message for d in errors]))
    assert wrong == []
    assert tried >= 20
