"""Pipelines of one file that share a source: one graph, the source read once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flowc.cli.app import main
from tests.resolving import Resolved, edges, resolved

A = '"a.jsonl as {a: int}"'


def of(folder: Path, text: str, **settings: str) -> Resolved:
    return resolved(text, folder, name="file.yaml", settings=settings)


def _names(found: Resolved) -> list[tuple[str, tuple[str, ...]]]:
    assert found.messages == []
    return [(pipeline.name, pipeline.parts) for pipeline in found.pipelines]


def test_one_source_is_one_node(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        f"pipelines:\n  one: {{source: {A}, process: filter a > 1, sink: 1.jsonl}}\n"
        f"  two: {{source: {A}, process: filter a > 2, sink: 2.jsonl}}\n",
    )
    assert _names(found) == [("file", ("one", "two"))]
    assert [node.id for node in found.only.nodes] == [
        "a",
        "one.filter",
        "one.1",
        "two.filter",
        "two.2",
    ]
    assert edges(found.only) == [
        "a -> one.filter",
        "one.filter -> one.1",
        "a -> two.filter",
        "two.filter -> two.2",
    ]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (A, "{file: a.jsonl, schema: '{a: int}'}", True),
        (A, "{file: a.jsonl, schema: '{a: int}', name: other}", True),
        (A, '"./a.jsonl as {a: int}"', False),
        (A, '"a.jsonl as {a: float}"', False),
        (A, '"a.jsonl as {a: int} key a"', False),
        (A, '"b.jsonl as {a: int}"', False),
        (A, '"${IN:-a}.jsonl as {a: int}"', False),
    ],
)
def test_what_the_same_source_is(first: str, second: str, together: bool, tmp_path: Path) -> None:
    text = f"source: {first}\nsink: 1.jsonl\n---\nsource: {second}\nsink: 2.jsonl\n"
    found = of(tmp_path, text)
    parts = [("file", ("file", "file-2"))] if together else [("file", ()), ("file-2", ())]
    assert _names(found) == parts


def test_pipelines_hang_together_by_way_of_others(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        "pipelines:\n"
        f"  one: {{source: {A}, sink: 1.jsonl}}\n"
        "  two: {source: 'b.jsonl as {a: int}', sink: 2.jsonl}\n"
        "  alone: {source: 'c.jsonl as {a: int}', sink: 3.jsonl}\n"
        f"  both: {{sources: ['b.jsonl as {{a: int}}', {A}], sink: 4.jsonl}}\n",
    )
    assert _names(found) == [("one-two-both", ("one", "two", "both")), ("alone", ())]
    assert [node.id for node in found.pipelines[0].nodes] == ["a", "one.1", "b", "two.2", "both.4"]
    assert edges(found.pipelines[0]) == ["a -> one.1", "b -> two.2", "b -> both.4", "a -> both.4"]


def test_a_stream_is_worked_on_once(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        f"streams:\n  s: {{source: {A}, process: filter a > 1}}\n"
        "pipelines:\n  one: {source: s, process: filter a > 2, sink: 1.jsonl}\n"
        f"  two: {{source: s, sink: 2.jsonl}}\n  raw: {{source: {A}, sink: 3.jsonl}}\n",
    )
    assert edges(found.only) == [
        "a -> filter",
        "filter -> one.filter-2",
        "one.filter-2 -> one.1",
        "filter -> two.2",
        "a -> raw.3",
    ]


def test_a_source_read_twice_on_purpose_stays_two(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        f"pipelines:\n  one: {{sources: [{A}, {A}], sink: 1.jsonl}}\n"
        f"  two: {{source: {A}, sink: 2.jsonl}}\n",
    )
    assert edges(found.only) == ["a -> one.1", "a-2 -> one.1", "a -> two.2"]


def test_one_that_is_not_enabled_takes_no_part(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        f"pipelines:\n  one: {{source: {A}, sink: 1.jsonl}}\n"
        f"  two: {{source: {A}, sink: 2.jsonl, enabled: false}}\n",
    )
    assert _names(found) == [("one", ())]
    found = of(
        tmp_path,
        f"pipelines:\n  one: {{source: {A}, sink: 1.jsonl}}\n"
        f"  two: {{source: {A}, sink: 2.jsonl}}\n",
        **{"two.enabled": "false"},
    )
    assert _names(found) == [("one", ())]


def test_sinks_of_several_pipelines_may_not_meet(tmp_path: Path) -> None:
    for other in (A, '"b.jsonl as {a: int}"'):
        found = of(
            tmp_path,
            f"pipelines:\n  one: {{source: {A}, sink: 1.jsonl}}\n"
            f"  two: {{source: {other}, sink: 1.jsonl}}\n",
        )
        assert found.codes == ["FC0269"]


def test_names_are_unique(tmp_path: Path) -> None:
    text = "name: x\nsource: 'a.jsonl as {a: int}'\nsink: 1.jsonl\n---\n"
    found = of(tmp_path, text + text.replace("1.j", "2.j").removesuffix("---\n"))
    assert found.codes == ["FC0275"]


@pytest.mark.parametrize("key", ["version: 1.0", "name: x", "enabled: false", "monitoring: true"])
def test_nothing_beside_pipelines_is_without_effect(key: str, tmp_path: Path) -> None:
    found = of(tmp_path, f"pipelines:\n  one: {{source: {A}, sink: 1.jsonl}}\n{key}\n")
    assert found.codes == ["FC0162"]


TEXT = """\
streams: {s: "a.jsonl as {a: int, b: string} | filter a > 1"}
pipelines:
  large: {source: s, process: filter a > 3, sink: large.jsonl}
  all:
    source: {file: a.jsonl, schema: "{a: int, b: string}"}
    process: [select: a, dedupe: by a]
    sink: all.csv
  one: {source: s, process: limit 1, sink: one.jsonl}
"""
DATA = "".join(json.dumps({"a": a, "b": "x"}) + "\n" for a in (1, 3, 5, "bad", 5))


def _outputs(folder: Path) -> dict[str, str]:
    names = ("large.jsonl", "all.csv", "one.jsonl")
    return {name: (folder / name).read_text() for name in names}


def test_run_and_the_built_project_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(TEXT)
    (tmp_path / "a.jsonl").write_text(DATA)
    assert main(["run", "shop.yaml"]) == 0
    said = capsys.readouterr().err
    assert "run together, since they read the same: large, all, one" in said
    assert "5 records in" in said
    assert "1 dead letter in shop.dead.jsonl" in said
    outputs = _outputs(tmp_path)
    assert outputs == {
        "large.jsonl": '{"a":5,"b":"x"}\n{"a":5,"b":"x"}\n',
        "all.csv": "a\n1\n3\n5\n",
        "one.jsonl": '{"a":3,"b":"x"}\n',
    }
    for name in outputs:
        (tmp_path / name).unlink()
    assert main(["build", "shop.yaml", "-o", "built", "--quiet"]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "shop"],
        env={"PYTHONPATH": str(tmp_path / "built" / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _outputs(tmp_path) == outputs


def test_validate_counts_each_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(TEXT)
    assert main(["validate", "shop.yaml", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["pipelines"]
    assert (found["name"], found["joined"]) == ("shop", ["large", "all", "one"])
    assert main(["validate", "shop.yaml"]) == 0
    assert capsys.readouterr().err == "3 pipelines: nothing wrong\n"


def test_the_version_is_that_of_the_built_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(f"version: 2.10\nsource: {A}\nsink: b.jsonl\n")
    assert main(["build", "x.yaml", "-o", "built", "--quiet"]) == 0
    assert 'version = "2.10"' in (tmp_path / "built" / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("version", "codes"),
    [
        ("2.1.0", []),
        ("1.0rc1", []),
        ("v2.1", ["FC0276"]),
        ("latest", ["FC0276"]),
        ("1..2", ["FC0276"]),
    ],
)
def test_a_version_is_numbers(version: str, codes: list[str], tmp_path: Path) -> None:
    assert of(tmp_path, f"version: {version}\nsource: {A}\nsink: b.jsonl\n").codes == codes
