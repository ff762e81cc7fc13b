from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowc_runtime.connectors.patterns import is_pattern, matching_files, names_path, spelled_out

FILES = (
    *("a.csv", "b.csv", "b.jsonl", ".hidden.csv", "ab-1.csv", "z.csv.partial", "p.dead.jsonl"),
    *("logs/1.csv", "logs/2.csv", "logs/deep/3.csv", "logs/.git/4.csv", "odd/{x}.csv", "odd/s.csv"),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", "a.csv ab-1.csv b.csv"),
        ("?.csv", "a.csv b.csv"),
        ("./*.jsonl", "./b.jsonl"),
        ("{b,a}.csv", "a.csv b.csv"),
        ("{a,a,no}.csv", "a.csv"),
        ("b.{csv,jsonl}", "b.csv b.jsonl"),
        ("{a,b{.,-}}*", "a.csv ab-1.csv b.csv b.jsonl"),
        ("logs/*.csv", "logs/1.csv logs/2.csv"),
        ("logs/**", "logs/1.csv logs/2.csv logs/deep/3.csv"),
        ("logs/**/*.csv", "logs/1.csv logs/2.csv logs/deep/3.csv"),
        ("**/3.csv", "logs/deep/3.csv"),
        ("*/?.csv", "logs/1.csv logs/2.csv odd/s.csv"),
        ("*/deep/*", "logs/deep/3.csv"),
        ("**/deep/**/*.csv", "logs/deep/3.csv"),
        (".hid*", ".hidden.csv"),
        ("no/*.csv", ""),
        ("a.csv/*", ""),
        ("*.txt", ""),
    ],
)
def test_what_a_pattern_stands_for(pattern: str, found: str, here: Path) -> None:
    paths, _ = matching_files(pattern)
    assert " ".join(paths) == found
    assert matching_files(pattern, str(here)) == matching_files(pattern)
    absolute = matching_files(f"{here}/{pattern}")[0]
    assert sorted(map(os.path.normpath, absolute)) == sorted(
        os.path.normpath(here / path) for path in paths
    )
    everything = {str(path) for path in here.rglob("*") if path.is_file()}
    named = {path for path in everything if names_path(os.path.normpath(pattern), path)}
    assert named == {os.path.normpath(here / path) for path in paths}


def test_a_pattern_also_names_what_is_not_there_yet(here: Path) -> None:
    assert names_path("logs/*.csv", str(here / "logs" / "new.csv"))
    assert not names_path("logs/*.csv", str(here / "logs" / "new.csv.partial"))
    assert not names_path("*.jsonl", str(here / "x.dead.jsonl"))


def test_the_folders_that_were_looked_into(here: Path) -> None:
    assert set(matching_files("logs/**/*.csv")[1]) == {"logs/", "logs/deep/"}
    assert matching_files("no/*.csv") == ([], ["no/"])


def test_braces_and_wildcards_make_a_pattern() -> None:
    assert [is_pattern(text) for text in ("a.csv", "a*", "a?b", "{a,b}", "a{b")] == [
        *(False, True, True, True, False)
    ]
    assert spelled_out("{a,b}/{c,d}") == ["a/c", "a/d", "b/c", "b/d"]


def test_a_loop_of_links_is_not_followed(here: Path) -> None:
    (here / "logs" / "again").symlink_to(here / "logs")
    assert matching_files("logs/**/1.csv")[0] == ["logs/1.csv"]
