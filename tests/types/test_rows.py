"""Fields by path, what is proposed for those that are not there, and narrowing."""

from __future__ import annotations

import pytest

from flowc.model.project import NamedType
from flowc.model.source import SourceFile
from flowc.model.types import Record
from flowc.types.notation import show, show_field, type_of
from flowc.types.rows import find, narrow, not_found, record_name_from

_SPAN = SourceFile("schemas/test.schema.yaml", "").span()
ENV = {"City": NamedType("City", type_of("{name: string, size: int?}?"), _SPAN)}


def row(text: str) -> Record:
    record = type_of(text)
    assert isinstance(record, Record)
    return record


ROW = row(
    "{id: int, customer: {name: string, home?: {city: City, zip: string}?}, tags: map<int>,"
    " any: json, pay: union<kind: card = {no: string, n: int}, cash = {n: float}>, maybe?: int}"
)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("id", "id: int"),
        ("maybe", "maybe?: int"),
        ("customer.name", "name: string"),
        ("customer.home.zip", "zip?: string?"),
        ("customer.home.city.name", "name?: string?"),
        ("tags.x", "x: int?"),
        ("any.a.b", "b: json"),
        ("pay.kind", 'kind: enum("card", "cash")'),
        ("pay.n", "n: number"),
        ("pay.no", "no?: string"),
    ],
)
def test_a_field_has_the_nulls_and_absences_of_its_way(path: str, field: str) -> None:
    found = find(ROW, tuple(path.split(".")), ENV)
    assert found is not None
    assert show_field(found) == field
    assert not_found(ROW, tuple(path.split(".")), ENV) is None


@pytest.mark.parametrize(
    ("path", "at", "proposal"),
    [
        ("idd", 0, "did you mean `id`?"),
        ("custmer.name", 0, "did you mean `customer.name`?"),
        ("customer.nmae", 1, "did you mean `customer.name`?"),
        ("zip", 0, "did you mean `customer.home.zip`?"),
        ("id.x", 1, ""),
        ("pay.nothing", 1, ""),
        ("nothing", 0, ""),
    ],
)
def test_what_may_be_meant_by_a_path_that_is_not_there(path: str, at: int, proposal: str) -> None:
    names = tuple(path.split("."))
    assert find(ROW, names, ENV) is None
    missing = not_found(ROW, names, ENV)
    assert missing is not None
    assert missing.at == at
    assert missing.proposal == proposal


def test_what_is_known_not_to_be_null_is_there_with_all_on_its_way() -> None:
    narrowed = narrow(ROW, ("customer", "home", "city"), ENV)
    assert show(narrowed).startswith(
        "{id: int, customer: {name: string, home: {city: {name: string, size: int?}, zip: string}}"
    )
    assert show_field(narrow(ROW, ("maybe",)).fields[-1]) == "maybe: int"
    origin = row("{a?: int?}").fields[0].origin
    assert narrow(row("{a?: int?}"), ("a",)).fields[0].origin[0].verb == origin[0].verb


def test_narrowing_what_cannot_be_followed_changes_nothing() -> None:
    for names in (("nothing",), ("id", "x"), ("any", "x"), ("customer", "nothing")):
        assert narrow(ROW, names, ENV) is ROW
    assert narrow(ROW, ("id",), ENV) is ROW


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("orders.jsonl", "orders"),
        ("data/orders.jsonl.gz", "orders"),
        ("data/2024-*.csv", "_2024"),
        ("data/*.csv", "data"),
        ("s3://bucket/path/*.json?x=1", "path"),
        ("kafka://orders", "orders"),
        ("sqlite:///tmp/a.db/big_orders", "big_orders"),
        ("C:\\data\\my orders.csv", "my_orders"),
        ("data/{a,b}.csv", "data"),
        ("${DIR}/x.jsonl", "x"),
        (".hidden.jsonl", "hidden"),
        ("größe.csv", "größe"),
        ("-", "records"),
        ("", "records"),
    ],
)
def test_the_name_of_an_inferred_record(text: str, name: str) -> None:
    assert record_name_from(text) == name
