"""Carets: what a span points to is exactly what stands in the file."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Comparison, Literal, Path, Template
from flowc.model.source import SourceFile
from flowc.model.tree import MapValue, Stage
from flowc.syntax import parse, scalars, yamldoc

STYLES = {
    "plain": "process: filter amount > 100 | set b = x + 1\n",
    "plain lines": "process: filter amount\n  > 100 | set b =\n\n  x + 1\n",
    "plain in a list": "process: [filter amount > 100 | set b = x + 1]\n",
    "single": "process: 'filter amount > 100 | set b = x + 1'\n",
    "single with quotes": "process: 'filter amount > 100 | set c = ''y'', b = x + 1'\n",
    "single lines": "process: 'filter amount\n   > 100   \n  | set b = x + 1'\n",
    "double": 'process: "filter amount > 100 | set b = x + 1"\n',
    "double with escapes": 'process: "filter \\x61mount > 100 | set c = \\"\\u00e9\\", b = x + 1"\n',
    "double lines": 'process: "filter amount > \\\n   100 | set\n\n  b = x + 1"\n',
    "folded": "process: >\n  filter amount > 100\n  | set b = x + 1\n",
    "folded with comments": "process: >-\n  # one\n  filter amount > 100 # two | three\n\n  | set b = x + 1\n",
    "folded deeper": "process: >+\n\n  filter amount > 100\n    | set\n      b = x + 1\n\n",
    "folded in a list": "process:\n- >\n filter amount > 100\n | set b = x + 1\n",
    "literal": "process: |\n  filter amount > 100\n  | set b = x + 1\n",
    "literal indented": "process: |2-\n    filter amount > 100 # x\n   | set b = x + 1\n",
    "literal in a list": "process:\n  - |1\n    filter amount > 100\n    | set b = x + 1\n",
    "carriage returns": "process: >\r\n  filter amount > 100 # x\r\n\r\n  | set b = x + 1\r\n",
    "characters": 'process: "filter /* 🎈 */ amount > 100"\n',
}


@pytest.mark.parametrize("style", [name for name in STYLES if name != "characters"])
def test_spans_point_to_their_characters(style: str) -> None:
    text = f"# 🎈 é\nsource: a.jsonl\n{STYLES[style]}sink: b.jsonl\n"
    reporter = Reporter()
    document = parse(SourceFile("p.yaml", text), reporter)
    assert not list(reporter)
    first, second = document.pipelines[0].chain.stages
    assert isinstance(first, Stage)
    assert isinstance(second, Stage)
    condition = first.items[0].value
    assert isinstance(condition, Comparison)
    assert isinstance(condition.left, Path)
    assert isinstance(condition.right, Literal)
    assert first.name.span.text == "filter"
    assert condition.left.span.text == ("\\x61mount" if "escapes" in style else "amount")
    assert condition.operator_span.text == ">"
    assert condition.right.span.text == "100"
    assert second.name.span.text == "set"
    target = second.items[-1].target
    assert target is not None
    assert target.span.text == "b"
    assert second.items[-1].value.span.text == "x + 1"
    assert first.span.text.startswith("filter")
    assert first.span.text.endswith("100")
    assert second.span.text.startswith("set")
    assert second.span.text.endswith("x + 1")


def test_every_key_and_scalar_knows_its_place() -> None:
    text = 'a: 1\n"b c" : [x, "y"]\n? d\n: {e: &n f, g: *n}\n'
    values = yamldoc.load(SourceFile("p.yaml", text), Reporter())
    (root,) = values
    assert isinstance(root, MapValue)
    assert [entry.key.span.text for entry in root.entries] == ["a", '"b c"', "d"]
    assert [entry.value.span.text for entry in root.entries] == [
        "1",
        '[x, "y"]',
        "{e: &n f, g: *n}",
    ]
    inner = root.entries[2].value
    assert isinstance(inner, MapValue)
    assert [entry.value.span.text for entry in inner.entries] == ["f", "f"]


_lines = st.lists(st.text(st.sampled_from("ab é#:'\"\\|>-{}"), max_size=6), min_size=1, max_size=5)


@st.composite
def _scalars(draw: st.DrawFn) -> str:
    """A map whose one value is written in some style, with lines as they come."""
    lines = draw(_lines)
    breaks = draw(st.sampled_from(["\n", "\r\n"]))
    style = draw(st.sampled_from(["|", ">", "|-", ">+", "'", '"', ""]))
    pad = "  "
    if style[:1] in ("|", ">"):
        return f"k: {style}{breaks}" + "".join(pad + line + breaks for line in lines)
    joined = (breaks + pad).join(lines)
    if style == "'":
        joined = joined.replace("'", "''")
    elif style == '"':
        joined = joined.replace("\\", "\\\\").replace('"', '\\"')
    return f"k: {style}{joined}{style}{breaks}"


@settings(max_examples=200, deadline=None)
@given(_scalars())
def test_scalars_are_read_as_yaml_reads_them(text: str) -> None:
    """Against the parser itself: the same text, and places that grow."""
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    if not isinstance(expected, dict) or not isinstance(expected.get("k"), str):
        return
    values = yamldoc.load(SourceFile("p.yaml", text), Reporter())
    assert isinstance(values[0], MapValue)
    value = values[0].entries[0].value
    assert isinstance(value, Template)
    found = scalars.text_of(value.span)
    assert found.value == expected["k"]
    places = [found.offset(index) for index in range(len(found.value) + 1)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
