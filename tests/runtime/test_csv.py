from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc_runtime.codecs.csv import Csv
from flowc_runtime.errors import ConversionError, ResourceError, ValidationError
from flowc_runtime.values.numbers import to_float

from .streams import everything, reading


def small(*columns: str, **options: Any) -> Csv:
    return Csv(columns or ("a", "b"), **{"block_size": 16, **options})


CELL = st.none() | st.text(
    st.sampled_from(list('ab,"\n\r;é€ ')) | st.characters(blacklist_categories=["Cs"]), max_size=6
)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=8)


@given(ROWS, st.lists(st.integers(1, 20), max_size=60), st.sampled_from([",", ";", "\t"]))
def test_what_is_written_reads_back(
    rows: list[tuple[str | None, ...]], sizes: list[int], delimiter: str
) -> None:
    codec = small("x", "y", "z", row=lambda row: row, delimiter=delimiter)
    data = codec.header() + codec.encode(rows)
    assert everything(codec, data, sizes)[:2] == (rows, [])
    large = Csv(("x", "y", "z"), delimiter=delimiter)
    records, rejects, originals = everything(large, data)
    assert (records, rejects) == (rows, [])
    assert len(originals) == len(rows)
    assert codec.count(data, rows) == len(rows)


@given(ROWS, st.integers(0, 2))
def test_the_csv_module_agrees_on_what_it_can_tell(
    rows: list[tuple[str | None, ...]], at: int
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow("xyz")
    writer.writerows([cell or "" for cell in row] for row in rows)
    column = "xyz"[at]
    records, rejects, _ = everything(small(column), out.getvalue().encode())
    assert (records, rejects) == ([(row[at] or "",) for row in rows], [])


PIECE = st.sampled_from(
    [b"a", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\xff", "é".encode(), b"1,2\n", b'"q,q",x\n']
)


@given(st.lists(PIECE, max_size=25).map(b"".join), st.lists(st.integers(1, 9), max_size=80))
def test_pieces_of_any_size_give_the_same_records_and_rejects(
    body: bytes, sizes: list[int]
) -> None:
    data = b"a,b\n" + body
    whole = everything(Csv(("b", "a")), data)
    assert everything(small("b", "a"), data, sizes) == whole
    assert everything(small("b", "a", block_size=1), data) == whole
    for original, _, position in whole[1]:
        offset = int(position["offset"])
        assert data[offset : offset + len(original)] == original
        assert int(position["line"]) == data[:offset].count(b"\n") + 1


@given(st.lists(PIECE, max_size=25).map(b"".join))
def test_a_block_gives_what_records_one_by_one_give(body: bytes) -> None:
    block = everything(Csv(("a", "b")), b"a,b\n" + body)
    # A bad row in front makes the whole block fail.
    redone = everything(Csv(("a", "b")), b"a,b\n1,2,3\n" + body)
    assert redone[0] == block[0]
    assert redone[2] == block[2]
    assert [row[:2] for row in redone[1]] == [
        (b"1,2,3", "ValidationError"),
        *(row[:2] for row in block[1]),
    ]


@given(st.lists(st.sampled_from([b'1,"x\ny"\n', b"2,z\n", b'"",\n']), max_size=12))
def test_reading_goes_on_from_every_position(lines: list[bytes]) -> None:
    data = b"b,a\n" + b"".join(lines)
    codec = small("a", "b", block_size=5)
    whole = everything(codec, data)[0]
    seen: list[Any] = []
    for batch in codec.decode(reading(data), {}):
        seen += batch.records
        rest = everything(codec, data[int(batch.position["offset"]) :], None, batch.position)[0]
        assert seen + rest == whole


@dataclass
class Flight:
    carrier: str | None
    delay: float | None


def make(row: tuple[str | None, ...]) -> Flight:
    carrier, delay = row
    return Flight(carrier, None if delay is None else to_float(delay))


def flights(data: bytes) -> Any:
    return everything(Csv(("carrier", "dep_delay"), make=make, null_text="NA"), data)


def test_bad_rows_cost_only_themselves() -> None:
    data = (
        b"year,dep_delay,carrier\n2013,2,UA\n2013,NA,\n2013,1\n2013,x,UA\n2013,4,\xff\xfe\n"
        b'2013,5,"NA"\n2013,6,a,b\n2013,7,""\n2013,8,"open\n2013,9,B6\n'
    )
    records, rejects, _ = flights(data)
    assert records == [
        Flight("UA", 2.0),
        Flight(None, None),
        Flight("NA", 5.0),
        Flight("", 7.0),
        Flight("B6", 9.0),
    ]
    assert [(raw, name, where["line"]) for raw, name, where in rejects] == [
        (b"2013,1", "ValidationError", 4),
        (b"2013,x,UA", "ConversionError", 5),
        (b"2013,4,\xff\xfe", "ValidationError", 6),
        (b"2013,6,a,b", "ValidationError", 8),
        (b'2013,8,"open', "ValidationError", 10),
    ]


def test_the_reason_says_how_many_fields() -> None:
    batches = list(small().decode(reading(b"a,b\n1\n"), {}))
    [message] = [str(reject.error) for batch in batches for reject in batch.rejects]
    assert message == "the row has 1 field, the header 2"


@pytest.mark.parametrize("header", [b"\xef\xbb\xbfa,b\n", b"\n\na,b\r\n", b'"a","b"\n'])
def test_forms_of_a_header(header: bytes) -> None:
    assert everything(small("b"), header + b"1,2\n3,4")[0] == [("2",), ("4",)]


def test_a_header_without_a_wanted_column_is_explained() -> None:
    with pytest.raises(ResourceError) as caught:
        everything(small("c"), b"a,b\n1,2\n")
    assert caught.value.diagnosis.code == "FC0807"
    assert "a, b" in caught.value.diagnosis.why
    with pytest.raises(ResourceError, match="2 columns a"):
        everything(small("a"), b"a,a\n1,2\n")


def test_a_file_without_header_has_given_names() -> None:
    codec = small("y", names=("x", "y"))
    assert everything(codec, b"1,2\n3,4\n")[0] == [("2",), ("4",)]


def test_one_column_keeps_null_apart_from_empty() -> None:
    codec = small("a", row=lambda row: row)
    rows = [(None,), ("",), ("x",)]
    data = codec.header() + codec.encode(rows)
    assert data == b'a\n\n""\nx\n'
    assert everything(codec, data)[0] == rows


def test_null_text_is_quoted_when_it_is_text() -> None:
    codec = small(null_text="NA", row=lambda row: row)
    data = codec.header() + codec.encode([("NA", None)])
    assert data == b'a,b\n"NA",\n'
    assert everything(codec, data)[0] == [("NA", None)]


@given(st.lists(st.integers(1, 64), max_size=40))
def test_a_record_that_is_too_long_costs_its_first_line(sizes: list[int]) -> None:
    data = b'a,b\n1,"' + b"x" * 300 + b'"\n2,3\n4,"' + b"y\n" * 99 + b'z"\n5,6\n'
    codec = small(record_limit=100)
    records, rejects, _ = everything(codec, data, sizes)
    assert [row for row in records if row[0] in "25"] == [("2", "3"), ("5", "6")]
    assert rejects[0][1] == "OverflowError_"
    assert rejects == everything(Csv(("a", "b"), record_limit=100), data)[1]


def test_values_are_spelled_the_one_way() -> None:
    codec = small("a", "b", row=lambda row: row)
    data = codec.encode([(True, 1e22), (0.1, [1, "x"]), (None, -5)])
    assert data == b'true,1e22\n0.1,"[1,""x""]"\n,-5\n'


def test_text_that_is_not_unicode_is_the_records_error() -> None:
    with pytest.raises(ValidationError):
        small("a", row=lambda row: row).encode([("\ud800",)])


def test_conversion_errors_are_named() -> None:
    with pytest.raises(ConversionError, match="'x' is not a float"):
        make(("UA", "x"))
