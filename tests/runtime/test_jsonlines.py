from __future__ import annotations

import json
import tracemalloc
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from flowc_runtime.codecs import jsonlines
from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.errors import ValidationError
from flowc_runtime.records import Int64
from flowc_runtime.values.lost import LOST

from .streams import everything, reading


@pytest.fixture(scope="module", params=[1 << 20, 8], autouse=True)
def _long(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything is tried again with what is long being very short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonlines, "_LONG", request.param)
        yield


class Item(Struct, gc=False):
    a: Int64
    b: str | None = None


class Wide(Struct, gc=False):
    flag: bool
    number: int | float
    exact: Decimal
    text: str
    blob: bytes
    moment: datetime
    day: date
    length: timedelta
    key: uuid.UUID
    tags: list[str]
    maybe: int | UnsetType | None = UNSET


class Inner(Struct):
    t: datetime


class Outer(Struct):
    items: list[Inner]
    named: dict[str, datetime]
    one: Inner | None = None


class At(Struct):
    t: datetime
    d: Decimal = Decimal(0)
    s: str = ""


def small(**options: Any) -> JsonLines:
    return JsonLines(Item, **{"block_size": 1024, **options})


GOOD = st.builds(
    lambda a, b, extra: json.dumps({"a": a, "b": b, **extra}, ensure_ascii=False).encode(),
    st.integers(-(2**63), 2**63 - 1),
    st.none() | st.text(st.characters(blacklist_categories=["Cs"]), max_size=5),
    st.dictionaries(st.sampled_from(["x", "y"]), st.lists(st.integers(), max_size=2), max_size=1),
)
PRETTY = GOOD.map(lambda raw: json.dumps(json.loads(raw), indent=1).encode())
BAD = st.sampled_from(
    [
        b'{"a":"x"}',
        b'{"a":9223372036854775808}',
        b"garbage",
        b'{"a":1',
        b'{"a" 1}',
        b'{"a":1,"b":"\xff"}',
        b'{"a":1,"b":"unclosed}',
        b"}",
        b"[1,2]",
        b"12",
        b'{"a":[',
        b'{"a":NaN}',
        b'"text" more',
        b'{"a":{"a":1}',
        b"\\",
        b'"',
    ]
)
SEPARATOR = st.sampled_from([b"\n", b"\r\n", b"\n\n", b" ", b"\n \n", b""])
STREAM = st.lists(st.tuples(GOOD | PRETTY | BAD, SEPARATOR), max_size=12).map(
    lambda parts: b"".join(a + b for a, b in parts)
)


@given(STREAM, st.lists(st.integers(1, 40), max_size=200))
@example(b'{"a":[\n{\n "a": 0,\n "b": null\n}\n', [])
def test_pieces_of_any_size_give_the_same_records_and_rejects(
    data: bytes, sizes: list[int]
) -> None:
    whole = everything(JsonLines(Item, block_size=1 << 20), data)
    assert everything(small(), data, sizes) == whole
    assert everything(small(block_size=1), data) == whole


@given(st.lists(st.tuples(GOOD | PRETTY, st.sampled_from([b"\n", b" ", b"\r\n\n"])), max_size=10))
def test_redo_gives_what_a_block_gives(parts: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(a + b for a, b in parts)
    codec = small()
    expected = msgspec.json.Decoder(Item).decode_lines(data)
    records, rejects, originals = everything(codec, data)
    assert (records, rejects) == (expected, [])
    assert [msgspec.json.decode(raw, type=Item) for raw in originals] == expected
    damaged = everything(codec, data + b"\n}\n")
    assert damaged[0] == expected
    assert [raw for raw, _, _ in damaged[1]] == [b"}"]
    assert [msgspec.json.decode(raw, type=Item) for raw in damaged[2]] == expected


@given(st.lists(GOOD, min_size=1, max_size=12), st.data())
def test_a_bad_line_costs_only_itself(lines: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines)))
    bad = data.draw(BAD.filter(lambda raw: raw != b'{"a":['))
    stream = b"\n".join([*lines[:at], bad, *lines[at:]]) + b"\n"
    records, rejects, _ = everything(small(), stream)
    assert records == [msgspec.json.decode(raw, type=Item) for raw in lines]
    assert b"".join(raw for raw, _, _ in rejects).replace(b" ", b"") == bad.replace(b" ", b"")
    for raw, _, position in rejects:
        offset = int(position["offset"])
        assert stream[offset : offset + len(raw)] == raw


@given(st.lists(GOOD, min_size=2, max_size=30), st.integers(1, 60))
def test_reading_goes_on_from_every_position(lines: list[bytes], block: int) -> None:
    data = b"\n".join(lines)
    codec = small(block_size=block)
    seen: list[Any] = []
    whole = everything(codec, data)[0]
    for batch in codec.decode(reading(data), {}):
        seen += batch.records
        offset = int(batch.position["offset"])
        rest = everything(codec, data[offset:], None, batch.position)[0]
        assert seen + rest == whole


TEXT = st.text(st.characters(blacklist_categories=["Cs"]))
WIDE = st.builds(
    Wide,
    flag=st.booleans(),
    number=st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    exact=st.decimals(allow_nan=False, allow_infinity=False).filter(
        lambda value: abs(int(value.as_tuple().exponent)) < 300
    ),
    text=TEXT,
    blob=st.binary(),
    moment=st.datetimes(timezones=st.just(UTC)),
    day=st.dates(),
    length=st.timedeltas(timedelta(-1000), timedelta(1000)),
    key=st.uuids(),
    tags=st.lists(TEXT, max_size=3),
    maybe=st.just(UNSET) | st.none() | st.integers(0, 5),
)


@given(st.lists(WIDE, max_size=5))
def test_what_is_written_reads_back(records: list[Wide]) -> None:
    codec = JsonLines(Wide)
    data = codec.encode(records)
    again, rejects, _ = everything(codec, data)
    assert rejects == []
    assert again == records
    assert [type(item.number) for item in again] == [type(item.number) for item in records]
    assert codec.count(data, records) == len(records) == len(data.splitlines())


def test_numbers_keep_all_their_digits() -> None:
    class Money(Struct):
        x: Decimal

    codec = JsonLines(Money)
    data = b'{"x":1.10}\n{"x":12345678901234567890123456789.000000000001}\n{"x":"2.50"}\n'
    records = everything(codec, data)[0]
    assert codec.encode(records) == data.replace(b'"2.50"', b"2.50")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "sNaN"])
def test_a_decimal_that_is_no_number_is_rejected(text: str) -> None:
    class Money(Struct):
        x: Decimal | None

    records, rejects, _ = everything(JsonLines(Money), f'{{"x":"{text}"}}\n{{"x":1}}'.encode())
    assert records == [Money(Decimal(1))]
    assert rejects == [(f'{{"x":"{text}"}}'.encode(), "ValidationError", {"offset": 0})]


def test_timestamps_become_utc_at_any_depth() -> None:
    data = (
        b'{"items":[{"t":"2024-01-01T02:00:00+02:00"}],"named":{"a":"2024-01-01T00:00:00"},'
        b'"one":{"t":"2024-01-01T00:00:00Z"}}'
    )
    [record] = everything(JsonLines(Outer), data)[0]
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert record == Outer([Inner(moment)], {"a": moment}, Inner(moment))
    assert record.items[0].t.tzinfo is UTC


@pytest.mark.parametrize("fraction", ["1234567", "123456999", "1234560"])
def test_digits_past_microseconds_are_cut_off(fraction: str) -> None:
    text = f"2024-01-01T00:00:59.{fraction}Z"
    data = f'{{"t":"{text}","d":1.10,"s":"{text}"}}\n'.encode()
    [record] = everything(JsonLines(At), data)[0]
    assert record == everything(JsonLines(At), data + b"}")[0][0]
    assert record.s == text
    assert record.t == datetime(2024, 1, 1, 0, 0, 59, 123456, tzinfo=UTC)
    assert str(record.d) == "1.10"


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"", []),
        (b"\n\r\n \n", []),
        (b"\xef\xbb\xbf", []),
        (b'\xef\xbb\xbf{"a":1}', [1]),
        (b'{"a":1}{"a":2}', [1, 2]),
        (b'{"a":1,"a":2}', [2]),
        (b'{\n"a"\n:\n1\n}\n', [1]),
    ],
)
def test_forms_of_a_stream(data: bytes, values: list[int]) -> None:
    records, rejects, _ = everything(small(), data)
    assert ([record.a for record in records], rejects) == (values, [])
    assert [record.a for record in everything(small(block_size=1), data)[0]] == values


def test_deep_nesting_is_a_rejected_record() -> None:
    deep = b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b',"a":1}'
    records, rejects, _ = everything(small(), deep + b'\n{"a":2}\n')
    assert [record.a for record in records] == [2]
    assert [(raw, name) for raw, name, _ in rejects] == [(deep, "RecursionError")]


@given(st.lists(st.integers(1, 40), max_size=60), st.booleans())
def test_a_record_that_is_too_long_is_cut(sizes: list[int], closed: bool) -> None:
    long = b'{"a":1,"b":"' + b"x" * 500 + (b'"}' if closed else b"")
    data = b'{"a":1}\n' + long + b'\n{"a":2}\n' + b'{"a":3,"b":"' + b"y" * 60 + b'"}'
    codec = small(record_limit=100, block_size=64)
    records, rejects, _ = everything(codec, data, sizes)
    assert [record.a for record in records] == [1, 2, 3]
    assert rejects == [(long[:100], "OverflowError_", {"offset": 8})]


def test_a_line_of_many_megabytes_stays_bounded() -> None:
    size = 24 << 20
    pieces = [b'{"a":1,"b":"'] + [b"x" * (1 << 16)] * (size >> 16) + [b'"}\n{"a":2}\n']
    codec = JsonLines(Item, record_limit=1 << 20)
    batches = list(codec.decode(lambda size: pieces.pop(0) if pieces else b"", {}))
    assert [record.a for batch in batches for record in batch.records] == [2]
    [reject] = [reject for batch in batches for reject in batch.rejects]
    assert len(reject.original) == 4096


def _peak(codec: JsonLines, pieces: list[bytes]) -> int:
    """Bytes that decoding the pieces takes at most."""
    tracemalloc.start()
    try:
        for _ in codec.decode(lambda size: pieces.pop(0) if pieces else b"", {}):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("start", [b'{"a":1,"b":"', b'{"a":', b"", b'{"a" 1', b"["])
def test_a_line_without_end_is_held_once(start: bytes) -> None:
    pieces = [start] + [b"x" * (1 << 16)] * 256
    assert _peak(JsonLines(Item, record_limit=8 << 20), pieces) < 14 << 20


def test_a_long_record_over_many_lines_is_not_read_over_and_over() -> None:
    record = {"a": 1, "x": [{"n": i, "s": "text"} for i in range(60_000)]}
    data = json.dumps(record, indent=1).encode() + b'\n{"a":2}\n'
    reads = 0
    read = reading(data, [4096] * (len(data) // 4096))

    def counted(size: int) -> bytes:
        nonlocal reads
        reads += 1
        return read(size)

    batches = list(JsonLines(Item, block_size=1 << 12).decode(counted, {}))
    assert [record.a for batch in batches for record in batch.records] == [1, 2]
    assert reads > 500


def test_lines_are_delivered_as_they_come() -> None:
    pieces = [b'{"a":1}\n{"a"', b":2}\n", b""]
    batches = small().decode(lambda size: pieces.pop(0), {})
    assert [record.a for record in next(batches).records] == [1]
    assert len(pieces) == 2
    assert [record.a for record in next(batches).records] == [2]


def test_text_that_is_not_unicode_is_the_records_error() -> None:
    with pytest.raises(ValidationError):
        small().encode([Item(1, "\ud800")])


@pytest.mark.parametrize("zone", ["Z", "+02:00", ""])
@given(micros=st.integers(0, 999_999), fine=st.from_regex(r"[0-9]{1,4}", fullmatch=True))
def test_digits_past_microseconds_are_cut_and_counted(zone: str, micros: int, fine: str) -> None:
    whole = f"2024-01-01T00:00:00.{micros:06d}{zone}"
    text = f"2024-01-01T00:00:00.{micros:06d}{fine}{zone}"
    data = f'{{"t":"{text}","s":"{text}"}}\n{{"t":"{whole}"}}\n{{"t":1}}\n'.encode()
    LOST.set(0)
    records, rejects, _ = everything(JsonLines(At), data)
    expected = datetime.fromisoformat(whole)
    assert records[0].t == (expected if expected.tzinfo else expected.replace(tzinfo=UTC))
    assert (records[0].s, records[1].t, len(rejects)) == (text, records[0].t, 1)
    assert LOST.get() == (int(fine) > 0)
