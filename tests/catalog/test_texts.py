"""What `parse` and `format` say of formats they do not have and arguments that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, ran

from flowc.catalog import registry


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("parse line as cvs", "FC0379"),
        ("parse line as csv {a: list<int>}", "FC0347"),
        ("parse line as csv int", "FC0329"),
        ('parse line as csv "a, a"', "FC0329"),
        ("parse line as regex", "FC0329"),
        ('parse line as regex r"(a)(b)"', "FC0348"),
        ('parse line as regex r"(?P<a>x"', "FC0316"),
        ('parse line as regex r"(?P<a>x)(?P<a>y)"', "FC0316"),
        ('parse line as timestamp "%Q"', "FC0329"),
        ('parse line as timestamp "now"', "FC0329"),
        ("parse id as csv", "FC0378"),
        ("format id as csv", "FC0347"),
        ("format line as kv", "FC0347"),
        ("format line as regex", "FC0379"),
        ('format line as timestamp "%Y"', "FC0347"),
        ("format row as csv {a: int}", "FC0329"),
        ("format row as csv, id as json", "FC0329"),
    ],
)
def test_what_does_not_fit_is_said(stage: str, code: str, tmp_path: Path) -> None:
    text = f"in.jsonl as {{id: int, line: string}} | {stage} | out.jsonl"
    assert codes(text, tmp_path) == [code]


def test_every_format_is_read_or_written_and_shows_it() -> None:
    for format in registry.text_formats().values():
        assert format.read_as or format.written_as
        assert bool(format.read_as) == bool(format.read_examples)
        assert format.doc


def test_a_pattern_that_python_may_search_slowly_needs_re2(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"line": "WARN a=b=c"}\n')
    got = ran(
        f"{tmp_path}/in.jsonl | parse line as regex "
        rf'r"(?P<level>\w+) (?P<key>.*)=(?P<value>.*)" | {tmp_path}/out.jsonl',
        tmp_path,
    )
    assert got.rows == [{"line": {"level": "WARN", "key": "a=b", "value": "c"}}]


def test_the_same_in_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text('{"line": "1,a", "q": "x=1"}\n')
    text = (
        "source: in.jsonl\n"
        "process:\n"
        "  - parse: 'line as csv {id: int, name: string}'\n"
        "  - parse: ['q as query']\n"
        "  - format: {fields: line as kv}\n"
        "sink: out.jsonl\n"
    )
    got = ran(text, tmp_path, name="pipeline.yaml")
    assert got.rows == [{"line": "id=1 name=a", "q": {"x": "1"}}]
