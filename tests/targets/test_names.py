"""Names for what users named."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.targets.names import (
    MAX_LENGTH,
    Names,
    attribute_names,
    class_name,
    distribution_name,
    identifier,
    package_name,
)

odd = st.one_of(
    st.text(max_size=80),
    st.sampled_from(("from", "class", "a-b", "a b", "", "__init__", "match", "ﬁeld", "1", "l")),
)


@given(odd)
def test_identifier_is_plain(text: str) -> None:
    name = identifier(text, "field")
    assert name.isidentifier()
    assert name.isascii()
    assert not keyword.iskeyword(name)
    assert not keyword.issoftkeyword(name)
    assert not name.startswith("__")
    assert unicodedata.normalize("NFKC", name) == name
    assert len(name) <= MAX_LENGTH + len("field__")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("amount", "amount"),
        ("userId", "userId"),
        ("_id", "_id"),
        ("a-b", "a_b"),
        ("from", "from_"),
        ("match", "match_"),
        ("größe", "gro_e"),
        ("café", "cafe"),
        ("ﬁeld", "field"),
        ("1st", "field_1st"),
        ("__init__", "_init"),
        ("", "field"),
        ("漢字", "field"),
        ("l", "l_"),
        ("x" * 10_000, "x" * MAX_LENGTH),
    ],
)
def test_identifier(text: str, name: str) -> None:
    assert identifier(text, "field") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("orders", "Orders"),
        ("big_orders", "BigOrders"),
        ("RawTransaction", "RawTransaction"),
        ("HTTPRequest", "HTTPRequest"),
        ("add-vat", "AddVat"),
        ("none", "None_"),
        ("o", "ORecord"),
        ("2024", "Record2024"),
        ("", "Record"),
    ],
)
def test_class_name(text: str, name: str) -> None:
    assert class_name(text, "Record") == name


@given(odd)
def test_class_name_is_plain(text: str) -> None:
    name = class_name(text, "Record")
    assert name.isidentifier()
    assert name.isascii()
    assert name[0].isupper()
    assert not keyword.iskeyword(name)


@given(st.lists(odd, unique=True, max_size=30))
def test_attribute_names_are_distinct(fields: list[str]) -> None:
    names = attribute_names(fields, ("str", "dt"))
    assert list(names) == fields
    assert len(set(names.values())) == len(fields)
    assert not {"str", "dt"} & set(names.values())
    # Python sees names through NFKC: what differs only there is one name.
    assert len({unicodedata.normalize("NFKC", name) for name in names.values()}) == len(fields)


def test_what_is_an_identifier_keeps_its_spelling() -> None:
    names = attribute_names(["a-b", "a_b", "Id", "id", "str"], ("str",))
    assert names == {"a-b": "a_b_2", "a_b": "a_b", "Id": "Id", "id": "id", "str": "str_"}


def test_no_name_hides_another() -> None:
    module = Names(("finite",))
    function = module.child()
    assert function.variable("finite", "x") == "finite_2"
    assert function.variable("DATE", "x") == "DATE"
    # The constant comes later, but the function that reads it has a local of that name.
    assert module.take("DATE") == "DATE_2"
    assert module.child().variable("DATE", "x") == "DATE"
    assert module.variable("sum", "x") == "sum_"
    assert module.type("orders", "Record") == "Orders"
    assert module.type("Orders", "Record") == "Orders2"


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("stellar-ttp-extractor", "stellar_ttp_extractor"),
        ("Orders", "orders"),
        ("json", "json_pipeline"),
        ("types", "types_pipeline"),
        ("import", "import_pipeline"),
        ("samples", "samples_pipeline"),
        ("../../etc", "etc"),
        ("", "pipeline"),
    ],
)
def test_package_name(name: str, package: str) -> None:
    assert package_name(name) == package
    assert distribution_name(package).replace("-", "_") == package
