"""Each renderer shows the same diagnostics; `UPDATE_GOLDEN=1` rewrites the expected text."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.render import formats, renderer
from flowc.diagnostics.render._glyphs import width
from flowc.model.diagnostic import Code, Diagnostic, Edit, Fix, Label, Severity
from flowc.model.source import SourceFile
from tests.diagnostics.samples import LONG, PIPELINE, SAMPLES, WIDE, at

GOLDEN = Path(__file__).parent / "golden"
CODE = Code("FC0305", "input-mismatch", "A record does not fit")


def expect_golden(name: str, found: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == found


@pytest.mark.parametrize("format", formats())
def test_every_renderer_shows_the_samples(format: str) -> None:
    expect_golden(f"samples.{format}", renderer(format)(SAMPLES.values()))


def test_ascii_and_colour_goldens() -> None:
    text = renderer("text")
    expect_golden("samples.ascii.text", text(SAMPLES.values(), ascii=True))
    expect_golden("samples.colour.text", text(SAMPLES.values(), colour=True))


def test_unknown_format_is_refused() -> None:
    with pytest.raises(LookupError):
        renderer("_glyphs")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_is_wider_than_asked(name: str, columns: int) -> None:
    text = renderer("text")([SAMPLES[name]], width=columns)
    for line in text.splitlines():
        # A word that does not break, such as a path, may stand out.
        assert width(line) <= columns or " " not in line.strip()[columns // 2 :], line


@pytest.mark.parametrize("name", SAMPLES)
def test_ascii_output_is_ascii_and_nothing_acts(name: str) -> None:
    assert renderer("text")([SAMPLES[name]], ascii=True).isascii()
    plain = renderer("text")([SAMPLES[name]])
    assert "\x1b" not in plain
    assert "\u202e" not in plain


def test_colour_changes_nothing_but_colour() -> None:
    text = renderer("text")
    coloured = text(SAMPLES.values(), colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text(SAMPLES.values())


def test_carets_stand_under_wide_characters() -> None:
    lines = renderer("text")([SAMPLES["wide-and-unsafe"]]).splitlines()
    source = next(line for line in lines if "名前" in line)
    marks = lines[lines.index(source) + 1]
    assert width(source[: source.index(" ok")]) + 1 == marks.index("^^")
    assert width(source[: source.index("名前")]) == marks.index("----")


def test_a_long_line_is_shown_around_the_caret() -> None:
    lines = renderer("text")([SAMPLES["long-line"]]).splitlines()
    source = next(line for line in lines if "filter" in line)
    assert source.index("amout") == lines[lines.index(source) + 1].index("^")
    assert source.count("...") == 2


def test_a_hint_stands_once_for_a_code() -> None:
    text = renderer("text")([SAMPLES["two-files"], SAMPLES["several-lines"]])
    assert text.count("flowc explain FC0305") == 1


def test_json_counts_characters_and_names_the_page() -> None:
    found = json.loads(renderer("json")(SAMPLES.values()))
    first = found["diagnostics"][0]
    assert first["place"]["start"] == {"line": 4, "column": 5, "offset": 64}
    assert PIPELINE.text[64:78] == "process-refund"
    assert first["doc"] == "docs/errors/FC0305.md"
    assert found["counts"] == {"error": 4, "warning": 1, "note": 1}
    assert found["diagnostics"][4]["place"] is None
    assert [label["place"]["file"] for label in first["labels"]] == [
        "orders.yaml",
        "schemas/pay.schema.yaml",
    ]


def test_an_insertion_is_shown_where_it_goes() -> None:
    source = SourceFile("a.flow", "a.jsonl | filter-x > 3 | -\n")
    place = source.span(16, 16)
    fix = Fix("blank after filter", (Edit(source.span(16, 17), " "),))
    text = renderer("text")([Diagnostic(CODE, Severity.ERROR, "m", place, fixes=(fix,))])
    assert "1 - a.jsonl | filter-x > 3 | -\n" in text
    assert "1 + a.jsonl | filter x > 3 | -\n" in text


def test_a_marked_line_is_never_lost() -> None:
    """Marks in any position, and text of any kind, give every label once."""
    for source in (PIPELINE, WIDE, LONG):
        for start in range(0, len(source.text) + 1, 7):
            span = source.span(start, min(len(source.text), start + 3))
            label = Label(at(source, source.text[:1]), "label-text")
            found = renderer("text")(
                [Diagnostic(CODE, Severity.ERROR, "m", span, "at-text", (label,))]
            )
            assert found.count("at-text") == 1
            assert found.count("label-text") == 1
            assert "^" in found


texts = st.text(st.sampled_from("ab |\t\n\r日é\x1b\u202e\u200d😀"), max_size=120)


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(st.tuples(st.integers(0, 130), st.integers(0, 60)), min_size=1, max_size=4))
def test_any_spans_of_any_text_can_be_shown(text: str, places: list[tuple[int, int]]) -> None:
    source = SourceFile("a.flow", text)
    spans = [source.span(min(s, len(text)), min(s + n, len(text))) for s, n in places]
    labels = tuple(Label(span, f"label {i}") for i, span in enumerate(spans[1:]))
    fix = Fix("fix it", (Edit(spans[0], "x\ny"),))
    diagnostic = Diagnostic(CODE, Severity.ERROR, text, spans[0], "here", labels, (text,), (fix,))
    for columns in (40, 80):
        shown = renderer("text")([diagnostic], width=columns)
        assert shown.count("here") >= 1
        assert all(shown.count(label.text) == 1 for label in labels)
        assert not set(shown) & set("\x1b\u202e\r\t")
    assert renderer("text")([diagnostic], ascii=True).isascii()


def test_the_documented_example_is_what_is_printed() -> None:
    """docs/diagnostics.md shows the JSON of this diagnostic, byte for byte."""
    source = SourceFile("<command line>", "orders.jsonl | filter amout > 100 | big.jsonl")
    place = at(source, "amout")
    fix = Fix("write amount", (Edit(place, "amount"),))
    code = Code("FC0210", "unknown-field", "A field does not exist")
    shown = Diagnostic(
        code,
        Severity.ERROR,
        "there is no field 'amout'",
        place,
        "did you mean 'amount'?",
        fixes=(fix,),
    )
    page = (Path(__file__).parents[2] / "docs/diagnostics.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```$", page, re.M | re.S)
    assert renderer("json")([shown]) == block
