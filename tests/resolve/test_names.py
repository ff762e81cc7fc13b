"""What names stand for, and what is said where they stand for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from resolving import dump, edges, endpoint, resolved

from flowc.model.diagnostic import Diagnostic
from flowc.model.graph import StageBinding

PROCESSOR = """\
from dataclasses import dataclass
@dataclass
class Order:
    id: int
@dataclass
class WithVat:
    id: int
    vat: float
def process(record: Order) -> WithVat: ...
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors" / "add_vat.py").write_text(PROCESSOR)
    (tmp_path / "flowc.toml").write_text(
        '[sources]\norders = "data/orders.jsonl as {id: int} key id"\n'
        '[sinks]\nstore = "sqlite://shop.db/orders"\n'
        '[stages]\nlarge = "filter id > 100"\ntwo = "filter id > 1 | limit 3"\n'
        'round = "turn"\nturn = "round"\n'
    )
    return tmp_path


def only(text: str, folder: Path) -> Diagnostic:
    (found,) = resolved(text, folder).diagnostics
    return found


def test_names_of_the_project(shop: Path) -> None:
    found = resolved("orders | large | add-vat | store", shop)
    assert found.messages == []
    assert [node.id for node in found.only.nodes] == ["orders", "filter", "add-vat", "store"]
    assert endpoint(found.only, "orders").keys == (("id",),)
    assert endpoint(found.only, "store").options.path == "shop.db"  # type: ignore[attr-defined]
    binding = found.only.node("add-vat").binding
    assert isinstance(binding, StageBinding)
    assert binding.operator == "processor"


def test_a_place_in_flowc_toml_is_shown_there(shop: Path) -> None:
    node = resolved("orders | large | store", shop).only.node("filter")
    assert node.span.source.name.endswith("flowc.toml")
    assert node.span.text == "filter id > 100"


def test_what_stands_behind_a_name_wins(shop: Path) -> None:
    found = resolved("orders as {id: int, x: int} key x | store", shop)
    assert endpoint(found.only, "orders").keys == (("x",),)


def test_a_name_may_stand_for_several_stages(shop: Path) -> None:
    assert edges(resolved("orders | two | store", shop).only) == [
        "orders -> filter",
        "filter -> limit",
        "limit -> store",
    ]


def test_names_that_stand_for_each_other(shop: Path) -> None:
    assert only("orders | round | store", shop).message.endswith("round → turn → round")


def test_arguments_behind_a_name_of_the_project(shop: Path) -> None:
    assert only("orders | large 3 | store", shop).code.id == "FC0221"
    assert only("orders | add-vat id | store", shop).code.id == "FC0221"


def test_a_sink_may_end_a_branch_by_its_name(shop: Path) -> None:
    found = resolved("orders | tee { store; limit 3 | store } | x.jsonl", shop)
    assert found.messages == []
    assert "tee.0 -> store" in edges(found.only)
    assert "limit -> store-2" in edges(found.only)


def test_a_stream_comes_before_a_source_of_the_project(shop: Path) -> None:
    text = "let orders = mine.jsonl as {id: int}\norders | x.jsonl\n"
    found = resolved(text, shop, name="x.flow")
    assert found.codes == []
    assert endpoint(found.only, "mine").options.path == "mine.jsonl"  # type: ignore[attr-defined]


def test_spellings_of_other_languages(tmp_path: Path) -> None:
    found = resolved("a.jsonl | where id > 1 | head 3 | b.jsonl", tmp_path)
    assert dump(found.only).splitlines()[1:3] == [
        "filter stage filter `where id > 1`",
        "limit stage limit `head 3`",
    ]


@pytest.mark.parametrize(
    ("stage", "code", "at"),
    [
        ("fliter id > 1", "FC0201", "did you mean 'filter'?"),
        ("wher id > 1", "FC0201", "did you mean 'where'?"),
        ("FILTER id > 1", "FC0201", "did you mean 'filter'?"),
        ("add-vta", "FC0201", "did you mean 'add_vat'?"),
        ("larg", "FC0201", "did you mean 'large'?"),
        ("qwertz", "FC0201", ""),
    ],
)
def test_unknown_stages(stage: str, code: str, at: str, shop: Path) -> None:
    found = only(f"orders | {stage} | store", shop)
    assert (found.code.id, found.at) == (code, at)
    assert any("processors/" in note for note in found.notes)


def test_an_operator_with_a_dash_behind_it(shop: Path) -> None:
    found = only("orders | filter-large | store", shop)
    assert found.message == "unknown stage 'filter-large'"
    assert [fix.title for fix in found.fixes] == ["write filter large"]


def test_a_word_of_another_language_is_corrected(shop: Path) -> None:
    found = only("orders | having id > 1 | store", shop)
    assert found.code.id == "FC0202"
    assert found.message == "'having' is not a word of flowc; it is `filter` here"


def test_a_source_where_a_stage_stands(shop: Path) -> None:
    found = resolved("x.jsonl | orders id | store", shop).diagnostics[0]
    assert found.notes[0].startswith("'orders' is a source or a sink")


@pytest.mark.parametrize(
    ("text", "at", "note"),
    [
        ("ordrs | x.jsonl", "did you mean 'orders'?", "a file without extension"),
        ("x.jsonl | stores", "did you mean 'store'?", "a file without extension"),
        ("data/orders | x.jsonl", "", "the file is written ./data/orders"),
    ],
)
def test_unknown_ends(text: str, at: str, note: str, shop: Path) -> None:
    found = only(text, shop)
    assert (found.code.id, found.at) == ("FC0203", at)
    assert note in found.notes[0]


def test_standard_streams_have_names(tmp_path: Path) -> None:
    text = "source: stdin\nsink: stdout\n"
    found = resolved(text, tmp_path, name="x.yaml")
    assert found.messages == []
    assert [node.id for node in found.only.nodes] == ["stdin", "stdout"]


def test_a_processor_hides_an_operator_and_says_so(shop: Path) -> None:
    (shop / "processors" / "limit.py").write_text(PROCESSOR)
    found = resolved("orders | limit | store", shop)
    assert found.codes == ["FC0207"]
    assert not found.diagnostics[0].is_error


def schema(folder: Path, text: str) -> None:
    (folder / "schemas").mkdir()
    (folder / "schemas" / "shop.schema.yaml").write_text(text)


def test_a_declared_processor_without_code(shop: Path) -> None:
    schema(
        shop, "types: {Order: {id: int}}\nprocessors:\n  refund: {input: Order, output: Order}\n"
    )
    found = only("orders | refund | store", shop)
    assert found.code.id == "FC0208"
    assert found.labels[0].span.source.name.endswith("shop.schema.yaml")


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("{input: Order, output: WithVat}", None),
        ("{input: WithVat, output: Order}", None),
        ("{input: Narrow, output: WithVat}", "takes"),
        ("{input: Order, output: Other}", "gives"),
    ],
)
def test_code_and_schema_must_agree(declared: str, says: str | None, shop: Path) -> None:
    schema(
        shop,
        "types:\n  Order: {id: int}\n  WithVat: {id: int, vat: float}\n"
        "  Narrow: {name: string}\n  Other: {id: int, vat: string}\n"
        f"processors:\n  add-vat: {declared}\n",
    )
    found = resolved("orders | add-vat | store", shop)
    if says is None:
        assert found.codes == []
        return
    (problem,) = found.diagnostics
    assert problem.code.id == "FC0209"
    assert f"'add-vat' {says}" in problem.message
    assert problem.span is not None
    places = {problem.span.source.name, *(label.span.source.name for label in problem.labels)}
    assert any(place.endswith("add_vat.py") for place in places)
    assert any(place.endswith("shop.schema.yaml") for place in places)
