"""What `--set` reaches in a file: nodes by name or place, their keys and their options."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.resolve.changes import named_stages
from tests.resolving import Resolved, dump, resolved

TEXT = """\
name: shop
version: 1.0
source: {file: a.jsonl, schema: "{a: int, b?: string}"}
process:
  - filter: a > ${least:-0}
  - where b != 'x'
  - name: pick
    select: a, b
  - tee:
      - {process: [filter a > 2], sink: {name: big, file: big.jsonl}}
sinks:
  - {name: main, file: out.jsonl}
  - other.csv
"""


def of(folder: Path, path: str, value: str) -> Resolved:
    return resolved(TEXT, folder, name="shop.yaml", settings={path: value})


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("filter", "filter a > 9", "a > 9"),
        ("filter.condition", "a > 9", "'9'"),
        ("filter.filter", "a > 9", "'9'"),
        ("filter-2", "filter b == 'only'", "'only'"),
        ("filter-3", "limit 7", "'7'"),
        ("process.0", "limit 7", "'7'"),
        ("process.filter-2", "limit 7", "'7'"),
        ("source", "new.jsonl as {a: int, b?: string}", "new.jsonl"),
        ("source.path", "new.jsonl", "new.jsonl"),
        ("source.file", "new.jsonl", "new.jsonl"),
        ("source.sqlite", "new.db", "new.db"),
        ("sinks.main", "new.csv", "new.csv"),
        ("main.path", "new.jsonl", "new.jsonl"),
        ("sinks.1", "new.jsonl", "new.jsonl"),
        ("big", "new.csv", "new.csv"),
        ("a.path", "new.jsonl", "new.jsonl"),
        ("other.path", "new.jsonl", "new.jsonl"),
        ("big.path", "new.jsonl", "new.jsonl"),
        ("shop.big.path", "new.jsonl", "new.jsonl"),
    ],
)
def test_a_value_is_put_in_its_place(path: str, value: str, shown: str, tmp_path: Path) -> None:
    before = dump(resolved(TEXT, tmp_path, name="shop.yaml").only)
    found = of(tmp_path, path, value)
    assert found.messages == []
    after = dump(found.only)
    assert after != before
    assert shown in after or shown.strip("'") in after


@pytest.mark.parametrize("node", ["pick", "filter", "filter-2", "main", "big", "sinks.1", "tee"])
def test_any_node_can_be_left_out(node: str, tmp_path: Path) -> None:
    found = of(tmp_path, f"{node}.enabled", "false")
    assert found.messages == []
    assert len(found.only.nodes) < len(resolved(TEXT, tmp_path, name="shop.yaml").only.nodes)


@pytest.mark.parametrize(
    ("path", "value", "code", "shown"),
    [
        ("pick.timeout", "5s", "FC0161", "timeout"),
        ("main.resource", "x", "FC0240", "resource"),
        ("a", "new.jsonl", "FC0280", "a"),
        ("pik.columns", "a", "FC0280", "pik.columns"),
        ("filter-4", "limit 1", "FC0280", "filter-4"),
        ("version", "latest", "FC0276", "latest"),
        ("enabled", "no", "FC0282", "no"),
        ("sink", "x.jsonl", "FC0280", "sink"),
    ],
)
def test_what_does_not_fit_is_one_error(
    path: str, value: str, code: str, shown: str, tmp_path: Path
) -> None:
    (found,) = of(tmp_path, path, value).diagnostics
    assert found.span is not None
    assert (found.span.source.name, found.span.text) == ("--set", shown)
    assert found.code.id == code


def test_a_pipeline_is_renamed_or_left_out(tmp_path: Path) -> None:
    assert of(tmp_path, "name", "store").only.name == "store"
    assert of(tmp_path, "version", "2.0").only.version == "2.0"
    assert of(tmp_path, "enabled", "false").pipelines == ()


def test_a_stream_is_changed(tmp_path: Path) -> None:
    text = "streams: {s: 'a.jsonl as {a: int} | limit 3'}\nsource: s\nsink: b.jsonl\n"
    for path, value in (
        ("streams.s", "c.jsonl as {a: int}"),
        ("s", "c.jsonl as {a: int}"),
        ("s.limit.count", "4"),
        ("s.process.0", "limit 4"),
        ("s.source", "c.jsonl"),
        ("limit.count", "4"),
    ):
        found = resolved(text, tmp_path, name="x.yaml", settings={path: value})
        assert found.messages == []
        assert dump(found.only) != dump(resolved(text, tmp_path, name="x.yaml").only)


def test_stages_are_named_in_the_order_they_stand(tmp_path: Path) -> None:
    tree = resolved(TEXT, tmp_path, name="shop.yaml").only.tree
    names = [name for name, _ in named_stages(tree.chain.stages)]
    assert names == ["filter", "filter-2", "pick", "tee", "filter-3"]


def test_components_are_called_by_their_last_part(tmp_path: Path) -> None:
    text = "source: a.jsonl\nprocess: [x/net, {name: net-2, limit: 1}, y/net]\nsink: b.jsonl\n"
    tree = resolved(text, tmp_path, name="x.yaml").only.tree
    assert [n for n, _ in named_stages(tree.chain.stages)] == ["net", "net-2", "net-3"]
