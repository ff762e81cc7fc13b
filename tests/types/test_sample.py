"""Types from samples of JSON and CSV."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.model.types import (
    JSON,
    DecimalType,
    Kind,
    ListType,
    Nullable,
    Openness,
    Record,
    Scalar,
    Type,
)
from flowc.types.importers.sample import Inference, infer_csv, infer_json
from flowc.types.notation import show


def of(*records: object) -> Inference:
    return infer_json(records, "orders.jsonl", "orders")


def column(*cells: str | None) -> Inference:
    return infer_csv(["c"], [[cell] for cell in cells], "flights.csv", "flights")


def column_type(*cells: str | None) -> str:
    return show(column(*cells).record)[len("{c: ") : -1]


def accepts(type: Type, value: object) -> bool:
    """Whether a decoder of the type would take a JSON value: written apart from inference."""
    match type:
        case Nullable(inner):
            return value is None or accepts(inner, value)
        case Scalar(Kind.JSON):
            return True
        case Scalar(Kind.BOOL):
            return isinstance(value, bool)
        case Scalar(Kind.INT):
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        case Scalar(Kind.BIGINT):
            return isinstance(value, int) and not isinstance(value, bool)
        case Scalar(Kind.FLOAT):
            return isinstance(value, float)
        case Scalar(Kind.NUMBER):
            return isinstance(value, float) or (type_is_int(value))
        case Scalar(Kind.STRING):
            return isinstance(value, str)
        case ListType(item):
            return isinstance(value, list) and all(accepts(item, v) for v in value)
        case Record(fields):
            return isinstance(value, dict) and all(
                accepts(field.type, value[field.name]) if field.name in value else field.optional
                for field in fields
            )
        case _:
            return False


def type_is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.integers(2**63 - 1, 2**64)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "2024-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), json_values), max_size=6))
def test_the_type_accepts_every_record_of_the_sample(records: list[dict[str, object]]) -> None:
    inference = of(*records)
    assert inference.count == len(records)
    for record in records:
        assert accepts(inference.record, record)
        assert set(record) <= set(inference.record.names)


@pytest.mark.parametrize(
    ("records", "type"),
    [
        ([{"a": 1}, {"a": 2}], "{a: int}"),
        ([{"a": 1}, {"a": 2.5}], "{a: number}"),
        ([{"a": 1.0}], "{a: float}"),
        ([{"a": 1}, {"a": "x"}], "{a: json}"),
        ([{"a": True}, {"a": 1}], "{a: json}"),
        ([{"a": 2**63 - 1}, {"a": -(2**63)}], "{a: int}"),
        ([{"a": 2**63}], "{a: bigint}"),
        ([{"a": 2**63}, {"a": 0.5}], "{a: json}"),
        ([{"a": 1}, {}], "{a?: int}"),
        ([{"a": 1}, {"a": None}], "{a: int?}"),
        ([{"a": 1}, {"a": None}, {}], "{a?: int?}"),
        ([{"a": None}], "{a: json}"),
        ([{"a": []}], "{a: list<json>}"),
        ([{"a": []}, {"a": [1, None]}], "{a: list<int?>}"),
        ([{"a": {"b": 1}}, {"a": {"c": "x"}}], "{a: {b?: int, c?: string}}"),
        ([{"a": {"b": 1}}, {"a": [1]}], "{a: json}"),
        ([{"a": [{"b": 1}, {}]}], "{a: list<{b?: int}>}"),
        ([{"a": "2024-01-01T00:00:00Z"}], "{a: string}"),
        ([], "{}"),
    ],
)
def test_json(records: list[object], type: str) -> None:
    assert show(of(*records).record) == type


def test_an_inferred_record_is_open_at_every_level_and_named() -> None:
    record = of({"a": {"b": 1}}).record
    assert record.openness is Openness.UNSEEN
    assert record.name == "orders"
    inner = record.fields[0].type
    assert isinstance(inner, Record)
    assert inner.openness is Openness.UNSEEN


def test_mixed_kinds_are_noted_with_the_record_that_disagrees() -> None:
    inference = of({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": "n/a"}})
    (note,) = inference.notes
    assert '`a.b` is int in 2 and string in 1 (record 3 has "n/a"), so it is json' in note
    assert "declared as int" in note


def test_values_that_are_no_records_are_noted() -> None:
    inference = of({"a": 1}, 7, [1])
    assert show(inference.record) == "{a: int}"
    assert "2 of 3 values are no records (value 2 of orders.jsonl is 7)" in inference.notes[0]


def test_text_that_looks_like_a_time_is_hinted_at_only_where_all_of_it_does() -> None:
    stamp = "2024-01-01T10:00:00+02:00"
    assert of({"a": stamp}, {"a": stamp}).hints
    assert not of({"a": stamp}, {"a": "later"}).hints


def test_evidence() -> None:
    inference = of({"a": 1, "b": None}, {"b": 2})
    assert inference.evidence("orders.jsonl", whole=True) == (
        "typed from 2 of 2 records of orders.jsonl"
    )
    assert inference.evidence("x.jsonl", whole=False) == "typed from the first 2 records of x.jsonl"
    field = inference.field("b")
    assert field is not None
    assert (field.present, field.nulls, field.example, field.record) == (2, 1, "2", 2)
    assert inference.record.fields[1].origin[0].verb == (
        "was read as int? from orders.jsonl, where it is null in 1 of 2"
    )


def test_deep_records_end_in_json() -> None:
    value: object = 1
    for _ in range(300):
        value = {"a": value}
    found: Type = of(value).record
    depth = 0
    while isinstance(found, Record):
        depth += 1
        found = found.fields[0].type
    assert found == JSON
    assert 30 < depth < 60


def test_an_object_of_very_many_keys_is_json() -> None:
    inference = of(*({"by_id": {f"k{i}": 1}} for i in range(1500)))
    assert show(inference.record) == "{by_id: json}"
    assert "map<T>" in inference.notes[0]


def test_an_integer_of_thousands_of_digits_is_no_trouble() -> None:
    assert show(of({"a": 10**5000}, {"a": "x"}).record) == "{a: json}"


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        (["1", "-20", "0"], "int"),
        (["1", None], "int?"),
        (["1", ""], "string"),
        (["01234", "80331"], "string"),
        (["+1"], "string"),
        (["-0"], "string"),
        ([" 1"], "string"),
        (["1_000"], "string"),
        (["٣"], "string"),
        (["9223372036854775807"], "int"),
        (["9223372036854775808", "1"], "bigint"),
        (["1.5", "2e3", ".5", "5."], "float"),
        (["1", "1.5"], "number"),
        (["00.5"], "string"),
        (["1e999"], "string"),
        (["nan", "inf"], "string"),
        (["-73.988128662109375"], "float"),
        (["0.12345678901234567891"], "decimal"),
        (["0.12345678901234567891", "1", "2.5"], "decimal"),
        (["9223372036854775808", "1.5"], "decimal"),
        (["true", "false"], "bool"),
        (["True", "False"], "string"),
        (["true", "1"], "string"),
        (["2024-01-31"], "date"),
        (["2024-02-31"], "string"),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00.123456+00:00"], "timestamp"),
        (["2024-01-31T10:00:00.1234567Z"], "string"),
        (["2024-01-31T10:00:00+02:00"], "string"),
        (["2024-01-31 10:00:00"], "string"),
        (["2024-01-31", "2024-01-31T10:00:00Z"], "string"),
        ([None, None], "string?"),
        ([], "string"),
        (["x" * 200], "string"),
        (["9" * 200], "string"),
    ],
)
def test_csv(cells: list[str | None], type: str) -> None:
    assert column_type(*cells) == type


@given(st.lists(st.none() | st.text("0123456789.-eE+truefalsTZ:", max_size=24), max_size=8))
def test_a_column_type_keeps_every_cell(cells: list[str | None]) -> None:
    type = column(*cells).record.fields[0].type
    bare = type.inner if isinstance(type, Nullable) else type
    for cell in cells:
        if cell is None:
            assert isinstance(type, Nullable)
            continue
        match bare:
            case Scalar(Kind.INT):
                assert str(int(cell)) == cell
                assert -(2**63) <= int(cell) < 2**63
            case Scalar(Kind.BIGINT):
                assert str(int(cell)) == cell
            case Scalar(Kind.FLOAT):
                number = float(cell)
                assert Decimal(cell) in (Decimal(repr(number)), Decimal(number))
            case Scalar(Kind.NUMBER) | DecimalType():
                assert Decimal(cell).is_finite()
            case Scalar(Kind.BOOL):
                assert cell in ("true", "false")
            case _:
                assert bare == Scalar(Kind.STRING)


def test_one_spelling_of_null_is_proposed_for_all_its_columns() -> None:
    rows = [["1", "2.5", "x"], ["NA", "NA", "NA"], ["3", "NA", "y"]]
    inference = infer_csv(["dep", "air", "note"], rows, "flights.csv", "flights")
    assert show(inference.record) == "{dep: string, air: string, note: string}"
    (note,) = inference.notes
    assert '"NA"' in note
    assert "`dep` (int?), `air` (float?)" in note
    assert "`flights.csv?null_text=NA`" in note


def test_two_odd_spellings_are_no_null_but_a_note() -> None:
    inference = column("1", "2", "3", "NA", "oops")
    (note,) = inference.notes
    assert "null_text" not in note
    assert '`c` is int in 3 rows and text in 2 (row 4 has "NA")' in note


def test_a_column_of_text_says_nothing() -> None:
    assert not column(*"abcdefgh", "1").notes


def test_times_without_utc_are_hinted_at() -> None:
    assert column("2024-01-31 10:00:00").hints
    assert not column("2024-01-31T10:00:00Z").hints


def test_ragged_rows_are_noted_and_left_out() -> None:
    inference = infer_csv(["a", "b"], [["1", "2"], ["x"], ["3", "4", "5"]], "f.csv", "f")
    assert show(inference.record) == "{a: int, b: int}"
    assert "2 rows have another number of cells" in inference.notes[0]
    assert "row 2 of f.csv has 1" in inference.notes[0]


def test_a_header_with_one_name_twice_is_a_problem() -> None:
    inference = infer_csv(["a", "b", "a"], [["1", "2", "3"]], "f.csv", "f")
    assert inference.problems == ("the header of f.csv has two columns `a`",)
    assert inference.record.names == ("a", "b")


def test_rows_are_counted_over_all_blocks() -> None:
    rows = [[str(i)] for i in range(10_000)] + [["x"], ["y"]]
    inference = infer_csv(["c"], rows, "f.csv", "f")
    assert 'row 10,001 has "x"' in inference.notes[0]
    field = inference.field("c")
    assert field is not None
    assert field.present == 10_002
