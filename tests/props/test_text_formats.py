"""What a text format writes, it reads back as the same value."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc_runtime.codecs.csvtext import CsvText, csv_text
from flowc_runtime.codecs.kvtext import KvText, kv_text
from flowc_runtime.codecs.querytext import QueryText, query_text
from flowc_runtime.errors import ConversionError, RecordError
from flowc_runtime.records import BigInt, Int32, Int64, UInt32, UInt64


class Plain(msgspec.Struct, kw_only=True):
    text: str
    whole: Int64
    small: Int32
    natural: UInt32
    large: UInt64
    any_size: BigInt
    real: float
    number: Int64 | float
    exact: Annotated[Decimal, msgspec.Meta(extra={"precision": 12, "scale": 3})]
    yes: bool
    at: datetime
    day: date
    span: timedelta
    id: UUID
    raw: bytes
    kind: Literal["a", "b c"]
    perhaps: str | None
    odd_name: Int64 | None = msgspec.field(name="odd-name")
    absent: Int64 | msgspec.UnsetType = msgspec.UNSET


class Listed(msgspec.Struct):
    tags: list[str]
    ids: list[Int64]
    name: str


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
INT64 = st.integers(-(2**63), 2**63 - 1)
RECORDS = st.builds(
    Plain,
    text=TEXTS,
    whole=INT64,
    small=st.integers(-(2**31), 2**31 - 1),
    natural=st.integers(0, 2**32 - 1),
    large=st.integers(0, 2**64 - 1),
    any_size=st.integers(),
    real=FLOATS,
    number=INT64 | FLOATS,
    exact=st.decimals(-999_999, 999_999, places=3),
    yes=st.booleans(),
    at=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda t: t.replace(tzinfo=UTC)),
    day=st.dates(),
    span=st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    id=st.uuids(),
    raw=st.binary(),
    kind=st.sampled_from(["a", "b c"]),
    perhaps=st.none() | TEXTS,
    odd_name=st.none() | INT64,
    absent=st.just(msgspec.UNSET) | INT64,
)


def kinds(value: Any) -> list[type]:
    return [type(getattr(value, name)) for name in value.__struct_fields__]


@given(RECORDS)
def test_a_record_as_a_row(record: Plain) -> None:
    back = CsvText(Plain).decode(csv_text(record))
    assert back == record
    assert kinds(back) == kinds(record)
    assert CsvText(Plain, "\t").decode(csv_text(record, "\t")) == record


@given(RECORDS)
def test_a_record_as_names_and_values(record: Plain) -> None:
    back = KvText(Plain).decode(kv_text(record))
    assert back == record
    assert kinds(back) == kinds(record)
    back = QueryText(Plain).decode(query_text(record))
    assert back == record
    assert kinds(back) == kinds(record)


@given(st.lists(st.none() | TEXTS, min_size=1))
def test_a_list_as_a_row(values: list[str | None]) -> None:
    assert CsvText(list[str | None]).decode(csv_text(values)) == values


@given(st.dictionaries(TEXTS, st.none() | TEXTS))
def test_a_map_as_names_and_values(values: dict[str, str | None]) -> None:
    shape = dict[str, str | None]
    for write, codec in ((kv_text, KvText(shape)), (query_text, QueryText(shape))):
        try:
            text = write(values)
        except RecordError:
            # A name that the format cannot say makes the record an error; it is never changed.
            assert any(
                not name or set(name) & set(' ="') or name.split() != [name] for name in values
            )
            continue
        assert codec.decode(text) == values


@given(st.builds(Listed, tags=st.lists(TEXTS), ids=st.lists(INT64), name=TEXTS))
def test_lists_in_a_query(record: Listed) -> None:
    assert QueryText(Listed).decode(query_text(record)) == record


@given(TEXTS)
@pytest.mark.parametrize(
    "codec",
    [
        CsvText(list[str | None]),
        CsvText(Plain),
        KvText(dict[str, str | None]),
        KvText(Plain),
        QueryText(Listed),
        QueryText(dict[str, Int64]),
    ],
)
def test_any_text_is_read_or_is_an_error_of_the_record(codec: Any, text: str) -> None:
    with suppress(ConversionError):
        codec.decode(text)
