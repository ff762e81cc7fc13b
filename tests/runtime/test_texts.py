"""Texts inside records: patterns by two engines, and what is no such text."""

from __future__ import annotations

import sys

import msgspec
import pytest

from flowc_runtime.codecs.csvtext import CsvText, csv_text
from flowc_runtime.codecs.kvtext import KvText, kv_text
from flowc_runtime.codecs.re2text import Re2Text
from flowc_runtime.codecs.regextext import RegexText
from flowc_runtime.errors import ConversionError, ResourceError, ValidationError
from flowc_runtime.records import Int64


class Log(msgspec.Struct):
    level: str
    rest: str | None


class Row(msgspec.Struct):
    id: Int64
    name: str


@pytest.mark.parametrize("codec", [RegexText, Re2Text])
def test_named_groups_become_fields(codec: type[RegexText] | type[Re2Text]) -> None:
    reader = codec(Log, r"(?P<level>[A-Z]+)(:)?(?: (?P<rest>.*))?$")
    assert reader.decode("-- WARN: disk full") == Log("WARN", "disk full")
    assert reader.decode("INFO") == Log("INFO", None)
    with pytest.raises(ConversionError, match="'nothing' does not match"):
        reader.decode("nothing")


@pytest.mark.parametrize("codec", [RegexText, Re2Text])
def test_one_group_is_a_record_of_one_field(codec: type[RegexText] | type[Re2Text]) -> None:
    shape = msgspec.defstruct("One", [("level", str)])
    assert codec(shape, "(?P<level>[A-Z]+)").decode("x WARN") == shape("WARN")


def test_a_missing_engine_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(ResourceError) as found:
        Re2Text(Log, ".*(?P<level>a)(?P<rest>b)")
    assert found.value.diagnosis.code == "FC0825"
    assert found.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1", "the row has 1 cell, not 2: id, name"),
        ("1,a,b", "the row has 3 cells, not 2: id, name"),
        ("one,a", "id: 'one' is not an int"),
        ("1,", "name is null"),
        ('1,"a', "is not one row of CSV"),
        ("1,a\n2,b", "is not one row of CSV"),
    ],
)
def test_what_is_no_such_row(text: str, why: str) -> None:
    with pytest.raises(ConversionError, match=why):
        CsvText(Row).decode(text)


def test_an_empty_list_is_no_row() -> None:
    with pytest.raises(ValidationError, match="an empty list is no row"):
        csv_text([])


@pytest.mark.parametrize("text", ["=1", 'a="b', 'a="b"c', 'a=b"c', "a==b="])
def test_what_is_no_names_and_values(text: str) -> None:
    with pytest.raises(ConversionError, match="is not names and values"):
        KvText(dict[str, str]).decode('ok=1 "')
    if text != "a==b=":
        with pytest.raises(ConversionError, match="is not names and values"):
            KvText(dict[str, str]).decode(text)


def test_a_name_with_a_blank_is_not_written() -> None:
    with pytest.raises(ValidationError, match="'a b' cannot be a name"):
        kv_text({"a b": 1})
