"""Codes: each declared once, in the range of its folder, with its page, and raised somewhere."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from repo.checkout import ROOT, parsed, python_files, tracked

_ID = re.compile(r"\bFC0[1-9]\d\d\b")
_ERROR_BLOCK = re.compile(r"^```error[^\n]*\n(.*?)^```", re.M | re.S)
_HEADING = re.compile(r"# (FC\d{4}): ([a-z][a-z0-9-]*)\n")

#: Which ranges a folder of flowc/ may declare in.
RANGES = {
    "syntax": {"01"},
    "project": {"02", "07"},
    "resolve": {"02", "05", "07"},
    # Importers read files of the project.
    "types": {"03", "07"},
    "catalog": {"02", "03", "04", "05", "07"},
    "check": {"03", "04", "05", "06"},
    "lower": {"04", "06"},
    "targets": {"06"},
    "launch": {"07", "08"},
    "cli": {"07", "09"},
}


@dataclass(frozen=True)
class Declared:
    id: str
    name: str
    path: Path


def declarations() -> tuple[Declared, ...]:
    """Every call ``declare("FC…", "name", …)`` in flowc/, without importing anything."""
    found = []
    for path in python_files("flowc"):
        for node in ast.walk(parsed(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "declare"
            ):
                id, name = (ast.literal_eval(argument) for argument in node.args[:2])
                found.append(Declared(id, name, path))
    return tuple(found)


def runtime_codes() -> set[str]:
    """What the runtime writes: it knows no registry."""
    texts = ((ROOT / path).read_text(encoding="utf-8") for path in python_files("runtime"))
    return {id for text in texts for id in _ID.findall(text)}


DECLARED = declarations()
PAGES = {
    path.stem: (ROOT / path).read_text(encoding="utf-8")
    for path in tracked()
    if path.parent == Path("docs/errors")
}


def test_there_are_codes_and_pages() -> None:
    assert len(DECLARED) > 50
    assert len(PAGES) > 50


def test_no_code_and_no_name_is_declared_twice() -> None:
    for field in ("id", "name"):
        counted = Counter(getattr(code, field) for code in DECLARED)
        assert [key for key, count in counted.items() if count > 1] == []


def test_no_code_is_declared_in_two_places_at_once() -> None:
    in_runtime = runtime_codes() - {"FC0900", "FC0901"}
    assert sorted(in_runtime & {code.id for code in DECLARED}) == []
    assert {id for id in in_runtime if not id.startswith("FC08")} == set()


@pytest.mark.parametrize("code", DECLARED, ids=lambda code: code.id)
def test_a_code_is_in_the_range_of_its_folder(code: Declared) -> None:
    folder = code.path.parts[1]
    assert code.id[2:4] in RANGES[folder], f"{code.path} declares {code.id}"


def test_a_page_is_of_a_code_that_exists() -> None:
    known = {code.id for code in DECLARED} | runtime_codes()
    assert sorted(set(PAGES) - known) == []


def test_a_code_has_a_page_of_its_name() -> None:
    named = {id: match[2] for id, text in PAGES.items() if (match := _HEADING.match(text))}
    assert sorted({code.id for code in DECLARED} - set(named)) == []
    assert sorted(runtime_codes() - set(named)) == []
    assert {c.id: (c.name, named[c.id]) for c in DECLARED if named[c.id] != c.name} == {}


def test_every_code_is_raised_by_a_page_or_a_test() -> None:
    raised = {
        id for text in PAGES.values() for b in _ERROR_BLOCK.findall(text) for id in _ID.findall(b)
    }
    for path in tracked():
        if (
            path.parts[0] == "tests"
            and path.name != Path(__file__).name
            and (ROOT / path).is_file()
        ):
            text = (ROOT / path).read_bytes().decode("utf-8", "replace")
            raised.update(_ID.findall(text))
    everything = {code.id for code in DECLARED} | runtime_codes()
    assert sorted(everything - raised) == []
