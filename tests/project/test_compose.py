"""``extends``, ``abstract`` and ``overrides``: what a pipeline takes from another file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowc.cli.app import main
from flowc.compile import Checked, Request, check
from flowc.model.source import SourceFile

BASE = """\
abstract: true
version: 1.0
source: "a.jsonl as {a: int, b: string}"
processors:
  - filter: a > 1
  - name: pick
    select: a, b
sink: out.jsonl
"""


def _lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def checked(folder: Path, files: dict[str, str], **settings: str) -> Checked:
    _lay(folder, files)
    name = "main.yaml"
    source = SourceFile(name, files[name])
    return check(Request(source, folder / name, folder, settings, environment={}))


def _nodes(found: Checked) -> list[str]:
    assert [d.message for d in found.diagnostics] == []
    (pipeline,) = found.pipelines
    return [f"{node.id}: {node.text}" for node in pipeline.nodes]


def _found(found: Checked) -> list[tuple[str, str, str]]:
    return [
        (d.code.id, d.span.source.name if d.span else "", d.span.text if d.span else "")
        for d in found.diagnostics
    ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_stages_append_and_scalars_replace(here: Path) -> None:
    main = "extends: base\nprocess: set c = a * 2 | limit 3\nsink: mine.csv\n"
    found = checked(here, {"base.yaml": BASE, "main.yaml": main})
    assert _nodes(found) == [
        "a: a.jsonl",
        "filter: filter a > 1",
        "pick: select a, b",
        "set: set c = a * 2",
        "limit: limit 3",
        "mine: mine.csv",
    ]
    (pipeline,) = found.pipelines
    assert pipeline.name == "main"
    assert [node.span.source.name for node in pipeline.nodes] == ["base.yaml"] * 3 + [
        "main.yaml"
    ] * 3


@pytest.mark.parametrize(
    ("base", "over", "source"),
    [
        ("source: {file: a.jsonl}", "source: {schema: '{a: int}'}", "file: a.jsonl"),
        ("source: {file: a.jsonl, schema: '{a: int}'}", "source: {file: b.jsonl}", "file: b.jsonl"),
        ("source: {file: a.csv, header: true}", "source: 'b.jsonl as {a: int}'", "b.jsonl"),
        (
            "source: {sqlite: a.db, table: t, schema: '{a: int}'}",
            "source: {sqlite: b.db}",
            "sqlite: b.db table=t",
        ),
        ("source: a.jsonl", "sources: ['b.jsonl as {a: int}']", "b.jsonl"),
        (
            "source: {sqlite: a.db, table: t, schema: '{a: int}'}",
            "source: {file: b.jsonl, schema: '{a: int}'}",
            "file: b.jsonl",
        ),
    ],
)
def test_a_source_is_refined_or_replaced(here: Path, base: str, over: str, source: str) -> None:
    main = f"extends: base\n{over}\nsink: out.jsonl\n"
    found = checked(here, {"base.yaml": base + "\n", "main.yaml": main})
    assert found.pipelines[0].nodes[0].text == source
    if "schema" in base + over or " as " in base + over:
        assert _nodes(found)[0].endswith(source)


def test_a_chain_of_files_is_relative_to_each(here: Path) -> None:
    files = {
        "flowc.toml": "",
        "base/deep/one.yaml": BASE,
        "base/two.yaml": "extends: deep/one.yaml\nabstract: true\nprocess: [limit 9]\n",
        "main.yaml": "extends: base/two\nprocess: [limit 3]\n",
    }
    assert _nodes(checked(here, files))[-3:] == [
        "limit: limit 9",
        "limit-2: limit 3",
        "out: out.jsonl",
    ]


def test_streams_and_blocks_merge(here: Path) -> None:
    files = {
        "base.yaml": "streams: {s: 'a.jsonl as {a: int}'}\ncheckpoint: {interval: 5s}\n",
        "main.yaml": "extends: base\nstreams: {t: s | limit 1}\nsource: t\nsink: out.jsonl\n"
        "checkpoint: {intervall: 5s}\n",
    }
    assert _found(checked(here, files)) == [
        ("FC0161", "main.yaml", "checkpoint"),
        ("FC0160", "main.yaml", "intervall"),
    ]


def test_each_of_several_pipelines_may_build_on_a_file(here: Path) -> None:
    main = (
        "pipelines:\n  one: {extends: base, sink: 1.jsonl}\n"
        "  two: {extends: base, source: 'b.jsonl as {a: int, b: string}', sink: 2.jsonl}\n"
    )
    found = checked(here, {"base.yaml": BASE, "main.yaml": main})
    assert [d.message for d in found.diagnostics] == []
    assert [p.name for p in found.pipelines] == ["one", "two"]


@pytest.mark.parametrize(
    ("overrides", "node"),
    [
        ("filter: {condition: a > 9}", "filter: filter condition=a > 9"),
        ("filter: {config: {condition: a > 9}}", "filter: filter condition=a > 9"),
        ("filter: filter a > 9", "filter: filter a > 9"),
        ("process.0.condition: a > 9", "filter: filter condition=a > 9"),
        ("source: {path: b.jsonl}", "b: b.jsonl"),
        ("source.schema: '{a: int, b: string, c: int}'", "a: a.jsonl"),
        ("filter: {enabled: false}", "pick: select a, b"),
        ("sink: b.csv", "b: b.csv"),
    ],
)
def test_overrides_change_what_is_there(here: Path, overrides: str, node: str) -> None:
    main = f"extends: base\noverrides:\n  {overrides}\n"
    found = checked(here, {"base.yaml": BASE, "main.yaml": main})
    assert [d.message for d in found.diagnostics] == []
    (pipeline,) = found.pipelines
    texts = [f"{one.id}: {one.text}" for one in pipeline.nodes]
    plain = checked(here, {"base.yaml": BASE, "main.yaml": "extends: base\n"})
    assert found.typed != plain.typed
    assert node.partition(":")[0] in " ".join(texts)


def test_overrides_reach_default_names(here: Path) -> None:
    base = BASE.replace("  - filter: a > 1\n", "  - filter: a > 1\n  - where b != 'x'\n")
    main = "extends: base\noverrides: {filter-2: filter b == 'y'}\n"
    found = checked(here, {"base.yaml": base, "main.yaml": main})
    assert _nodes(found)[1:3] == ["filter: filter a > 1", "filter-2: filter b == 'y'"]


def test_overrides_keep_their_place(here: Path) -> None:
    main = "extends: base\noverrides: {filter: {condition: a > }}\n"
    found = checked(here, {"base.yaml": BASE, "main.yaml": main})
    assert [(code, file) for code, file, _ in _found(found)] == [("FC0113", "main.yaml")] or [
        file for _, file, _ in _found(found)
    ] == ["main.yaml"]


@pytest.mark.parametrize(
    ("main", "code", "text"),
    [
        ("extends: bas\n", "FC0706", "bas"),
        ("extends: ../base\n", "FC0707", "../base"),
        ("extends: /etc/passwd\n", "FC0707", "/etc/passwd"),
        ("extends: main\n", "FC0708", "main"),
        ("extends: several\n", "FC0709", "several"),
        ("extends: empty\n", "FC0709", "empty"),
        ("extends: [a]\n", "FC0164", "[a]"),
        ("extends: base\noverrides: {pik: {items: a}}\n", "FC0273", "pik"),
        ("extends: base\noverrides: {pick: }\n", "FC0274", "pick"),
        ("extends: base\noverrides: {pick: {}}\n", "FC0274", "pick"),
        ("extends: base\noverrides: {filter: {enabled: 3}}\n", "FC0282", "3"),
        ("extends: base\noverrides: [a]\n", "FC0164", "[a]"),
        ("extends: base\nabstract: 3\n", "FC0164", "3"),
        ("extends: base\nabstract: true\n", "FC0272", "abstract"),
    ],
)
def test_what_is_wrong_is_one_error(here: Path, main: str, code: str, text: str) -> None:
    files = {
        "base.yaml": BASE,
        "several.yaml": BASE + "---\n" + BASE,
        "empty.yaml": "# nothing\n",
        "main.yaml": main,
    }
    assert _found(checked(here, files)) == [(code, "main.yaml", text)]


def test_an_error_of_the_base_is_shown_there(here: Path) -> None:
    base = BASE.replace("filter: a > 1", "filter: a > 'x'")
    found = checked(here, {"base.yaml": base, "main.yaml": "extends: base\n"})
    assert [file for _, file, _ in _found(found)] == ["base.yaml"]
    found = checked(here, {"base.yaml": BASE + "snk: x\n", "main.yaml": "extends: base\n"})
    assert _found(found) == [("FC0160", "base.yaml", "snk")]


def test_a_circle_names_every_file(here: Path) -> None:
    files = {"main.yaml": "extends: two\n", "two.yaml": "extends: main\n"}
    (found,) = checked(here, files).diagnostics
    assert found.span is not None
    assert found.span.source.name == "two.yaml"
    assert [label.span.source.name for label in found.labels] == ["main.yaml"]


def test_a_link_that_leads_outside_is_refused(
    here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "base.yaml"
    outside.write_text(BASE)
    (here / "base.yaml").symlink_to(outside)
    assert _found(checked(here, {"main.yaml": "extends: base\n"})) == [
        ("FC0707", "main.yaml", "base")
    ]


def test_abstract_pipelines_are_left_out_of_the_project(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _lay(here, {"base.yaml": BASE, "main.yaml": "extends: base\n"})
    assert main(["validate", "--format", "json"]) == 0
    assert [p["name"] for p in json.loads(capsys.readouterr().out)["pipelines"]] == ["main"]
    (here / "a.jsonl").write_text('{"a": 2, "b": "x"}\n')
    assert main(["run", "--quiet"]) == 0
    assert (here / "out.jsonl").read_text() == '{"a":2,"b":"x"}\n'
    assert main(["run", "base.yaml"]) == 1
    assert "FC0272" in capsys.readouterr().err


def test_a_run_sees_a_change_of_the_base(here: Path) -> None:
    """What was compiled is kept, and a base is a part of what it was compiled from."""
    _lay(here, {"base.yaml": BASE, "main.yaml": "extends: base\n"})
    (here / "a.jsonl").write_text('{"a": 2, "b": "x"}\n')
    for text, out in ((BASE, '{"a":2,"b":"x"}\n'), (BASE.replace("a > 1", "a > 2"), "")):
        (here / "base.yaml").write_text(text)
        for _ in range(2):
            assert main(["run", "main.yaml", "--quiet"]) == 0
            assert (here / "out.jsonl").read_text() == out


def test_formatting_keeps_what_a_file_builds_on(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "extends: base\nabstract: true\nprocess:\n  - filter: a>1\noverrides:\n  pick: select a\n"
    )
    _lay(here, {"base.yaml": BASE, "main.yaml": text})
    assert main(["fmt", "main.yaml"]) == 0
    assert (here / "main.yaml").read_text() == text.replace("a>1", "a > 1")
    assert main(["fmt", "main.yaml", "--to", "dsl"]) == 1
    assert "extends" in capsys.readouterr().err


_VISION = sorted((Path(__file__).parents[1] / "vision").rglob("*.yaml"))
_BITS = ("true", "-1", "${X:-1}", "[a, b]", "{a: }", "*", "&a x", "|", "- x", "x: y", "{", "base")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_file_whatever_raises(tmp_path: Path, data: st.DataObject) -> None:
    """Lines dropped, doubled, cut short or filled with what does not belong there."""
    (tmp_path / "base.yaml").write_text(BASE)
    lines = data.draw(st.sampled_from(_VISION)).read_text("utf-8").split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, data.draw(st.sampled_from(lines)))
            case 2:
                lines[at] = f"{lines[at].partition(':')[0]}: {data.draw(st.sampled_from(_BITS))}"
            case _:
                lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
    path = data.draw(st.sampled_from(["source", "process.0", "name", "a.b", "x", "filter"]))
    given_ = {path: data.draw(st.sampled_from(_BITS))}
    source = SourceFile("main.yaml", "\n".join(lines))
    check(Request(source, tmp_path / "main.yaml", tmp_path, given_, environment={}))
