"""Lines as users of other languages write them: each runs, or is one error whose fix runs.

``lines/LANGUAGE.txt`` holds entries with a blank line between them: the line as it is
written and, where that is no flowc, ``-> `` (``~> `` for a fix that is not safe) and the line that
the fix makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from flowc.cli.app import main
from flowc.compile import COMMAND_LINE, Checked, Request, check
from flowc.diagnostics.apply import apply_fixes
from flowc.model.diagnostic import Safety
from flowc.model.source import SourceFile

LINES = Path(__file__).parent / "lines"
_RECORD = (
    '{{"id": {id}, "region": "{region}", "amount": {amount}, "price": 2.5, "name": "{name}", '
    '"t": "2024-01-01T1{id}:00:00Z", "tags": ["a", "b"], "address": {{"city": "Bonn"}}, '
    '"note": {note}, "paid": {paid}}}\n'
)
_ADA = _RECORD.format(id=1, region="eu", amount=250, name="ada", note="null", paid="true")
_BOB = _RECORD.format(id=2, region="us", amount=40, name="bob", note='"x"', paid="false")
_CY = _RECORD.format(id=3, region="eu", amount=5, name="cy", note='"y"', paid="true")
FILES = {"orders.jsonl": _ADA + _BOB, "timed.jsonl": _ADA + _BOB, "b.jsonl": _CY}


@dataclass(frozen=True)
class Entry:
    language: str
    line: str
    fixed: str

    @property
    def text(self) -> str:
        return f"{self.line}\n{self.fixed}\n" if self.fixed else f"{self.line}\n"


def entries(path: Path) -> list[Entry]:
    found = []
    for block in path.read_text("utf-8").strip().split("\n\n"):
        line, _, fixed = block.partition("\n")
        found.append(Entry(path.stem, line, fixed))
    return found


ENTRIES = [entry for path in sorted(LINES.iterdir()) for entry in entries(path)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(line: str, folder: Path) -> Checked:
    return check(Request(SourceFile(COMMAND_LINE, line), None, folder, environment={}))


def test_there_are_lines_of_many_languages() -> None:
    assert len(ENTRIES) >= 100
    assert len({entry.language for entry in ENTRIES}) >= 7


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.language}: {entry.line}")
def test_a_line_runs_or_is_one_error_whose_fix_runs(
    entry: Entry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = [d for d in checked(entry.line, folder).diagnostics if d.is_error]
    line = entry.line
    if entry.fixed:
        (error,) = errors
        mark, _, wanted = entry.fixed.partition(" ")
        (fix,) = [fix for fix in error.fixes if fix.edits][:1]
        assert (mark == "->") is (fix.safety is Safety.SAFE)
        line = apply_fixes(errors, unsafe=mark == "~>").texts[COMMAND_LINE]
        assert line == wanted
    else:
        assert errors == []
    assert main(["run", line, "--fail-on-dead-letter"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(LINES.iterdir()), ids=lambda path: path.stem)
def test_the_files_say_what_the_fixes_make(path: Path, folder: Path, update_goldens: bool) -> None:
    texts = []
    for entry in entries(path):
        errors = [d for d in checked(entry.line, folder).diagnostics if d.is_error]
        safe = apply_fixes(errors).texts.get(COMMAND_LINE)
        made = safe or apply_fixes(errors, unsafe=True).texts.get(COMMAND_LINE)
        fixed = f"{'->' if safe else '~>'} {made}" if made else ""
        texts.append(Entry(entry.language, entry.line, fixed).text)
    text = "\n".join(texts)
    if update_goldens:
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text
