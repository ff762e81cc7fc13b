"""``--env-file``: what is read, what is refused, and that no value is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.cli.app import main
from flowc.cli.support.command import Refused
from flowc.cli.support.environment_file import read_environment


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\nB = two words \n", {"A": "1", "B": "two words"}),
        ("# c\n\n  export A=x # why\n", {"A": "x"}),
        ("A=x#y\nB=#none\nC=\n", {"A": "x#y", "B": "", "C": ""}),
        ('A="a\\nb\\"c\\d #" # c\n', {"A": 'a\nb"c\\d #'}),
        ("A='$B ${C} \\n'\r\nB=2\r\n", {"A": "$B ${C} \\n", "B": "2"}),
        ("URL=postgres://u:p@h/db?x=1&y=2\n", {"URL": "postgres://u:p@h/db?x=1&y=2"}),
        ("\ufeffA=ü", {"A": "ü"}),
        ("", {}),
    ],
)
def test_what_is_read(text: str, found: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "x.env").write_bytes(text.encode())
    assert read_environment("x.env", tmp_path) == found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A=1\nhunter2\n", 2),
        ("1A=hunter2\n", 1),
        ("A-B=hunter2\n", 1),
        ('A="hunter2\n', 1),
        ("A='hunter2' x\n", 1),
        ("A=1\nA=hunter2\n", 2),
        ("=hunter2\n", 1),
    ],
)
def test_what_is_refused_shows_no_value(
    text: str,
    line: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "x.env").write_text(text)
    with pytest.raises(Refused) as caught:
        read_environment("x.env", tmp_path)
    (found,) = caught.value.diagnostics
    assert found.code.id == "FC0740"
    assert found.span is not None
    assert found.span.position.line == line
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "-", "--env-file", "x.env"]) == 1
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert f"x.env:{line}:" in said.err


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.env").write_bytes(b"A=\xe9\n")
    for name, code in (("none.env", 2), (".", 3), ("latin.env", 2)):
        with pytest.raises(Refused) as caught:
            read_environment(name, tmp_path)
        assert (caught.value.diagnostics[0].code.id, caught.value.exit_code) == ("FC0741", code)


def test_a_run_takes_its_variables_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLOWC_TEST_IN", raising=False)
    (tmp_path / "x.env").write_text("FLOWC_TEST_IN=a\nFLOWC_TEST_LEAST=2\n")
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": 3}\n{"a": 9}\n')
    text = "./${FLOWC_TEST_IN}.jsonl | filter a > ${FLOWC_TEST_LEAST} | out.jsonl"
    assert main(["run", text, "--env-file", "x.env", "--quiet"]) == 0
    assert (tmp_path / "out.jsonl").read_text() == '{"a":3}\n{"a":9}\n'
    # What is set in the environment wins, and so does --set.
    monkeypatch.setenv("FLOWC_TEST_LEAST", "5")
    assert main(["run", text, "--env-file", "x.env", "--quiet"]) == 0
    assert (tmp_path / "out.jsonl").read_text() == '{"a":9}\n'
    given = ["--set", "FLOWC_TEST_LEAST=0"]
    assert main(["run", text, "--env-file", "x.env", "--quiet", *given]) == 0
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 3
