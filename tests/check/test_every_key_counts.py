"""No key that is accepted is without effect: changing it changes the plan or what is said.

The models of the keys are walked, so that a new key needs a line here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.compile import Request, check, plans
from flowc.model.source import SourceFile
from flowc.syntax import keys

A = "a.jsonl as {a: int, b: string}"
SOURCE = f"source: '{A}'\n"
SINK = "sink: out.jsonl\n"
FILE = "source: {file: a.jsonl, schema: '{a: int, t: timestamp}', KEY}\nSTAGE" + SINK
NODE = SOURCE + "process:\n  - KEY\n" + SINK
ROUTE = SOURCE + "process:\n  - route: [{when: a > 1, KEY}, {else: rest.jsonl}]\n"
TEE = SOURCE + "process:\n  - tee: [KEY]\n" + SINK

#: For each key: a pipeline, and one where that key alone is another.
CASES: dict[str, tuple[str, str]] = {
    "PipelineFile.name": ("name: x\n" + SOURCE + SINK, "name: y\n" + SOURCE + SINK),
    "PipelineFile.version": ("version: 1.0\n" + SOURCE + SINK, "version: 1.1\n" + SOURCE + SINK),
    "PipelineFile.enabled": ("enabled: true\n" + SOURCE + SINK, "enabled: false\n" + SOURCE + SINK),
    "PipelineFile.source": (SOURCE + SINK, SOURCE.replace("a.jsonl", "b.jsonl") + SINK),
    "PipelineFile.sources": (f"sources: ['{A}']\n" + SINK, f"sources: ['{A}', '{A}']\n" + SINK),
    "PipelineFile.process": (
        SOURCE + "process: limit 1\n" + SINK,
        SOURCE + "process: limit 2\n" + SINK,
    ),
    "PipelineFile.processors": (
        SOURCE + "processors: [limit 1]\n" + SINK,
        SOURCE + "processors: [limit 1, limit 2]\n" + SINK,
    ),
    "PipelineFile.sink": (SOURCE + SINK, SOURCE + "sink: other.csv\n"),
    "PipelineFile.sinks": (SOURCE + "sinks: [a.csv]\n", SOURCE + "sinks: [a.csv, b.csv]\n"),
    "PipelineFile.streams": (
        f"streams: {{s: '{A} | limit 1'}}\nsource: s\n" + SINK,
        f"streams: {{s: '{A} | limit 2'}}\nsource: s\n" + SINK,
    ),
    "PipelineFile.extends": ("extends: one\n" + SINK, "extends: two\n" + SINK),
    "PipelineFile.abstract": (
        "abstract: false\n" + SOURCE + SINK,
        "abstract: true\n" + SOURCE + SINK,
    ),
    "PipelineFile.overrides": (
        "extends: one\noverrides: {limit: {count: 3}}\n" + SINK,
        "extends: one\noverrides: {limit: {count: 4}}\n" + SINK,
    ),
    "PipelineFile.pipelines": (
        f"pipelines: {{x: {{source: '{A}', sink: a.csv}}}}\n",
        f"pipelines: {{y: {{source: '{A}', sink: a.csv}}}}\n",
    ),
    "Source.name": (FILE.replace("KEY", "name: x"), FILE.replace("KEY", "name: y")),
    "Source.type": (
        f"source: {{type: file, config: {{path: a.jsonl}}, schema: '{{a: int}}'}}\n{SINK}",
        f"source: {{type: sqlite, config: {{path: a.jsonl}}, schema: '{{a: int}}'}}\n{SINK}",
    ),
    "Source.config": (
        "source: {type: file, config: {path: a.jsonl}, schema: '{a: int}'}\n" + SINK,
        "source: {type: file, config: {path: b.jsonl}, schema: '{a: int}'}\n" + SINK,
    ),
    "Source.from": (
        NODE.replace("KEY", "{name: x, limit: 1}\n  - {from: x, limit: 2}"),
        NODE.replace("KEY", "{name: x, limit: 1}\n  - {from: a, limit: 2}"),
    ),
    "Source.enabled": (
        NODE.replace("KEY", "{limit: 1, enabled: true}"),
        NODE.replace("KEY", "{limit: 1, enabled: false}"),
    ),
    "Source.schema": (
        FILE.replace("KEY", ""),
        FILE.replace("KEY", "").replace("a: int", "a: float"),
    ),
    "Source.key": (
        FILE.replace("KEY", "key: a").replace("STAGE", "process: dedupe by a\n"),
        FILE.replace("KEY", "key: x").replace("STAGE", "process: dedupe by a\n"),
    ),
    "Source.time": (
        FILE.replace("KEY", "time: t").replace(
            "STAGE", "process: aggregate n = count() over tumbling 1h\n"
        ),
        FILE.replace("KEY", "time: t lag 5m").replace(
            "STAGE", "process: aggregate n = count() over tumbling 1h\n"
        ),
    ),
    "Stream.source": (
        f"streams: {{s: {{source: '{A}'}}}}\nsource: s\n" + SINK,
        f"streams: {{s: {{source: 'x{A}'}}}}\nsource: s\n" + SINK,
    ),
    "Stream.process": (
        f"streams: {{s: {{source: '{A}', process: limit 1}}}}\nsource: s\n" + SINK,
        f"streams: {{s: {{source: '{A}', process: limit 2}}}}\nsource: s\n" + SINK,
    ),
    "Branch.when": (
        ROUTE.replace("KEY", "sink: x.csv"),
        ROUTE.replace("KEY", "sink: x.csv").replace("a > 1", "a > 2"),
    ),
    "Branch.process": (
        TEE.replace("KEY", "{process: limit 1, sink: x.csv}"),
        TEE.replace("KEY", "{process: limit 2, sink: x.csv}"),
    ),
    "Branch.sink": (TEE.replace("KEY", "{sink: x.csv}"), TEE.replace("KEY", "{sink: y.csv}")),
    "Branch.sinks": (
        TEE.replace("KEY", "{sinks: [x.csv]}"),
        TEE.replace("KEY", "{sinks: [x.csv, y.csv]}"),
    ),
    "Branch.else": (
        ROUTE.replace("KEY", "sink: x.csv"),
        ROUTE.replace("KEY", "sink: x.csv").replace("rest.jsonl", "discard"),
    ),
}


def _walked() -> set[str]:
    return {
        f"{model.__name__}.{key}"
        for model in (keys.PipelineFile, keys.Source, keys.Stream, keys.Branch)
        for key in keys.names(model) - keys.refused(model)
    }


def test_every_key_has_its_case() -> None:
    assert set(CASES) == _walked()


def test_every_node_has_the_keys_of_sources() -> None:
    assert keys.names(keys.Node) <= keys.names(keys.Source)


def _means(text: str, folder: Path) -> object:
    """What a pipeline comes to, but for where things stand in it."""
    request = Request(SourceFile("p.yaml", text), folder / "p.yaml", folder, environment={})
    checked = check(request)
    said = [(found.code.id, found.message) for found in checked.diagnostics]
    if not checked.ok:
        return said
    made = plans(request, checked)
    return said, [(p.name, p.version, p.blocks, p.links, p.settings) for p in made]


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_key_that_is_another_is_noticed(name: str, tmp_path: Path) -> None:
    for stem in ("one", "two"):
        (tmp_path / f"{stem}.yaml").write_text(f"source: '{stem}-{A}'\nprocess: limit 1\n")
    before, after = (text.replace(", KEY", "").replace("STAGE", "") for text in CASES[name])
    first = _means(before, tmp_path)
    assert isinstance(first, tuple), first
    assert first[0] == []
    assert first == _means(before, tmp_path)
    assert first != _means(after, tmp_path)


@pytest.mark.parametrize("key", sorted(keys.refused(keys.Pipeline)))
def test_a_block_that_is_not_done_is_refused(key: str, tmp_path: Path) -> None:
    found = _means(SOURCE + SINK + f"{key}: ${{ANY:-x}}\n", tmp_path)
    assert isinstance(found, list)
    assert ("FC0161", f"`{key}` is not supported yet") in found


@pytest.mark.parametrize("key", sorted(keys.refused(keys.Node)))
@pytest.mark.parametrize("kind", ["source", "stage", "sink"])
def test_a_key_of_a_node_that_is_not_done_is_refused(key: str, kind: str, tmp_path: Path) -> None:
    node = f"{key}: '${{ANY:-x}}'"
    text = {
        "source": f"source: {{file: a.jsonl, schema: '{{a: int}}', {node}}}\n" + SINK,
        "stage": NODE.replace("KEY", f"{{limit: 1, {node}}}"),
        "sink": SOURCE + f"sink: {{file: out.jsonl, {node}}}\n",
    }[kind]
    found = _means(text, tmp_path)
    assert isinstance(found, list)
    assert found.count(("FC0161", f"`{key}` is not supported yet")) == 1
