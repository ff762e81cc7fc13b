from __future__ import annotations

import decimal
import math
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from flowc_runtime.errors import ConversionError, OverflowError_, RecordError, ValidationError
from flowc_runtime.values import null, numbers, text, time
from flowc_runtime.values.context import CONTEXT

DECIMAL = st.decimals(-(10**20), 10**20, places=4) | st.decimals(-100, 100, places=2)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)


@given(st.integers())
def test_ranges_pass_what_is_inside_and_nothing_else(value: int) -> None:
    for check, low, high in (
        (numbers.int32, -(2**31), 2**31 - 1),
        (numbers.int64, -(2**63), 2**63 - 1),
        (numbers.uint32, 0, 2**32 - 1),
        (numbers.uint64, 0, 2**64 - 1),
    ):
        for number in (value, low, high, low - 1, high + 1):
            if low <= number <= high:
                assert check(number) == number
            else:
                with pytest.raises(OverflowError_):
                    check(number)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_results_are_finite(value: float) -> None:
    with pytest.raises(OverflowError_):
        numbers.finite(value)
    assert numbers.finite(1.5) == 1.5


@given(DECIMAL, DECIMAL.filter(bool))
def test_decimal_division_is_exact_then_rounded_once(left: Decimal, right: Decimal) -> None:
    exact = Fraction(left) / Fraction(right)
    result = numbers.divide_decimal(left, right)
    assert -int(result.as_tuple().exponent) == 6
    assert Fraction(result) == Fraction(round(exact * 10**6), 10**6)
    assert numbers.floor_divide_decimal(left, right) == math.floor(exact)
    assert Fraction(numbers.modulo_decimal(left, right)) == Fraction(left) % Fraction(right)


def test_division_by_zero_is_an_error_of_the_record() -> None:
    for function in (
        numbers.divide,
        numbers.divide_decimal,
        numbers.floor_divide_decimal,
        numbers.modulo_decimal,
    ):
        with pytest.raises(ZeroDivisionError):
            function(1, 0)


def test_division_keeps_a_larger_scale() -> None:
    assert str(numbers.divide_decimal(Decimal("1.00000000"), 3)) == "0.33333333"
    assert numbers.divide(7, 2) == 3.5
    with pytest.raises(OverflowError_):
        numbers.divide(10**400, 3)


@pytest.mark.parametrize(
    ("value", "digits", "result"),
    [
        (2.5, 0, 2.0),
        (3.5, 0, 4.0),
        (2.675, 2, 2.67),
        (Decimal("2.665"), 2, Decimal("2.66")),
        (Decimal("2.675"), 2, Decimal("2.68")),
        (Decimal("1e3"), 2, Decimal("1000.00")),
        (25, -1, 20),
        (7, 2, 7),
    ],
)
def test_rounding_is_half_even(value: Any, digits: int, result: Any) -> None:
    with decimal.localcontext(CONTEXT):
        found = numbers.round_half_even(value, digits)
    assert (str(found), type(found)) == (str(result), type(value))


def test_whole_numbers() -> None:
    assert [numbers.floor(-1.5), numbers.ceil(-1.5), numbers.round_number(2.5)] == [-2, -1, 2]
    assert numbers.floor(Decimal("-1.5")) == -2
    with pytest.raises(OverflowError_):
        numbers.floor(1e300)
    assert numbers.absolute(Decimal("-1.10")) == Decimal("1.10")


@given(st.lists(st.floats(-1e12, 1e12)), st.randoms())
def test_sums_do_not_depend_on_order(values: list[float], random: Any) -> None:
    before = numbers.sum_exact(values)
    random.shuffle(values)
    assert numbers.sum_exact(values) == before


def test_the_context_traps_what_is_not_exact_in_every_thread() -> None:
    seen: list[type[BaseException]] = []

    def work() -> None:
        with decimal.localcontext(CONTEXT):
            try:
                Decimal(1) / 3
            except decimal.Inexact as error:
                seen.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [decimal.Inexact]


GOOD: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (numbers.to_bool, "TRUE", True),
    (numbers.to_bool, 0, False),
    (numbers.to_int, " 42 ", 42),
    (numbers.to_int, "-7", -7),
    (numbers.to_int, 3.0, 3),
    (numbers.to_int, Decimal("3.00"), 3),
    (numbers.to_int, True, 1),
    (numbers.to_int32, "2147483647", 2147483647),
    (numbers.to_uint32, "4294967295", 4294967295),
    (numbers.to_uint64, "18446744073709551615", 18446744073709551615),
    (numbers.to_bigint, "1" * 60, int("1" * 60)),
    (numbers.to_float, "1e3", 1000.0),
    (numbers.to_float, " .5", 0.5),
    (numbers.to_number, "100", 100),
    (numbers.to_number, "100.0", 100.0),
    (numbers.to_decimal, "1.10", Decimal("1.10")),
    (numbers.to_decimal, 0.1, Decimal("0.1")),
    (text.to_bytes, "YWI=", b"ab"),
    (text.to_uuid, "00000000000000000000000000000001", UUID(int=1)),
    (text.to_json, '{"a":[1]}', {"a": [1]}),
    (time.to_timestamp, "2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
    (time.to_timestamp, "2024-01-31 10:00", datetime(2024, 1, 31, 10, tzinfo=UTC)),
    (time.to_timestamp, "2024-01-31T10:00:00+02:00", datetime(2024, 1, 31, 8, tzinfo=UTC)),
    (
        time.to_timestamp,
        "2024-01-31T10:00:00.1234569Z",
        datetime(2024, 1, 31, 10, 0, 0, 123456, tzinfo=UTC),
    ),
    (time.to_timestamp, 86_400, datetime(1970, 1, 2, tzinfo=UTC)),
    (time.to_timestamp, date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),
    (time.to_date, "2024-02-29", date(2024, 2, 29)),
    (
        time.to_date,
        datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        date(2023, 12, 31),
    ),
    (time.to_duration, "1h30m", timedelta(minutes=90)),
    (time.to_duration, "-250ms", timedelta(milliseconds=-250)),
    (time.to_duration, "P1DT2H", timedelta(days=1, hours=2)),
    (time.to_duration, 90, timedelta(seconds=90)),
]
BAD: list[tuple[Callable[[Any], Any], Any]] = [
    (numbers.to_bool, "yes"),
    (numbers.to_bool, 2),
    (numbers.to_int, ""),
    (numbers.to_int, "1.5"),
    (numbers.to_int, 1.5),
    (numbers.to_int, math.inf),
    (numbers.to_int, "1_000"),
    (numbers.to_int, "١"),
    (numbers.to_int, "9223372036854775808"),
    (numbers.to_int, "9" * 5000),
    (numbers.to_int32, 2**31),
    (numbers.to_uint32, -1),
    (numbers.to_uint64, "-1"),
    (numbers.to_float, "nan"),
    (numbers.to_float, "1e999"),
    (numbers.to_float, "1_0"),
    (numbers.to_float, "٣"),
    (numbers.to_float, None),
    (numbers.to_number, "0x10"),
    (numbers.to_decimal, "NaN"),
    (numbers.to_decimal, "1e99999"),
    (numbers.to_decimal, "1" * 80),
    (numbers.to_decimal, ""),
    (text.to_bytes, "a"),
    (text.to_uuid, "x" * 36),
    (text.to_json, "{"),
    (time.to_timestamp, "2024-02-30"),
    (time.to_timestamp, "31.1.2024"),
    (time.to_timestamp, "2024-01-01T10:00:00+99:00"),
    (time.to_timestamp, 1e300),
    (time.to_timestamp, "0001-01-01T00:00:00+10:00"),
    (time.to_date, "2024-13-01"),
    (time.to_duration, "1 month"),
    (time.to_duration, "P"),
    (time.to_duration, "PT"),
    (time.to_duration, "99999999999d"),
]


@pytest.mark.parametrize(("convert", "value", "result"), GOOD)
def test_conversions(convert: Callable[[Any], Any], value: Any, result: Any) -> None:
    found = convert(value)
    assert (found, type(found)) == (result, type(result))


@pytest.mark.parametrize(("convert", "value"), BAD)
def test_what_does_not_convert_is_named(convert: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(value)
    message = str(caught.value)
    assert len(message) < 250
    assert str(value)[:5] in message


def test_decimals_of_a_given_precision() -> None:
    assert str(numbers.to_decimal("12.345", 5, 2)) == "12.34"
    assert str(numbers.to_decimal("12", 5, 2)) == "12.00"
    with pytest.raises(ConversionError, match="6 digits"):
        numbers.to_decimal("1234.5", 5, 2)


VALUES = (
    st.booleans()
    | st.integers()
    | FLOAT
    | DECIMAL
    | st.text(st.characters(blacklist_categories=["Cs"]))
    | st.binary()
    | st.uuids()
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.timedeltas(timedelta(-9999), timedelta(9999))
)
BACK: dict[type, Callable[[Any], Any]] = {
    bool: numbers.to_bool,
    int: numbers.to_bigint,
    float: numbers.to_float,
    Decimal: numbers.to_decimal,
    str: str,
    bytes: text.to_bytes,
    UUID: text.to_uuid,
    date: time.to_date,
    datetime: time.to_timestamp,
    timedelta: time.to_duration,
}


@given(VALUES)
def test_the_text_of_a_value_reads_back(value: Any) -> None:
    assert BACK[type(value)](text.to_string(value)) == value
    assert text.hash_value(value) == text.hash_value(text.to_string(value))


@given(FLOAT)
def test_one_formatter_of_floats(value: float) -> None:
    assert text.to_string(value) == text.json_text([value])[1:-1]


def test_texts() -> None:
    assert text.to_string({"b": 1, "a": [True, None]}) == '{"b":1,"a":[true,null]}'
    assert text.hash_value("abc").startswith("ba7816bf")
    assert text.hash_value({"a": 1, "b": 2}) == text.hash_value({"b": 2, "a": 1})
    assert text.split("a,b,,c", ",") == ["a", "b", "", "c"]
    with pytest.raises(ConversionError):
        text.split("a", "")
    with pytest.raises(ConversionError):
        text.hash_value("\ud800")
    with pytest.raises(ValidationError):
        text.json_text(["\ud800"])
    assert text.trim("\t a ") == "a"


@given(st.text(max_size=8), st.integers(-12, 12), st.none() | st.integers(-3, 12))
def test_substr_never_fails(value: str, start: int, length: int | None) -> None:
    found = text.substr(value, start, length)
    assert found in value
    assert length is None or len(found) <= max(length, 0)
    if start >= 0 and length is None:
        assert found == value[start:]


FORMS = [
    "%Y-%m-%d %H:%M:%S.%f",
    "%d/%b/%Y:%H:%M:%S.%f %z",
    "%A %B %d %Y %I:%M:%S.%f %p",
    "%Y%j%H%M%S%f",
]


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)), st.sampled_from(FORMS))
def test_a_formatted_time_reads_back(moment: datetime, form: str) -> None:
    assert time.parse_time(time.format_time(moment, form), form) == moment


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)), st.sampled_from(FORMS))
def test_the_codes_mean_what_they_mean_in_python(moment: datetime, form: str) -> None:
    assert time.format_time(moment, form) == moment.strftime(form)


def test_parts_of_a_time() -> None:
    assert time.parse_time("31.01.24", "%d.%m.%y") == datetime(2024, 1, 31, tzinfo=UTC)
    assert time.parse_time("10:00 +0200 100%", "%H:%M %z 100%%").hour == 8
    assert time.parse_time("1700000000", "%s") == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert time.format_time(date(2024, 1, 1), "%s") == "1704067200"
    assert time.parse_time("1.123456999", "%S.%f").microsecond == 123456


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2024-02-30", "%Y-%m-%d"),
        ("366 2023", "%j %Y"),
        ("13 PM", "%I %p"),
        ("Foo", "%b"),
        ("2024", "%Q"),
        ("20242024", "%Y%Y"),
        ("x" * 999, "%Y"),
        ("Mond", "%A"),
    ],
)
def test_times_that_do_not_read(value: str, form: str) -> None:
    with pytest.raises(ConversionError):
        time.parse_time(value, form)


def test_adding_to_a_time() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert time.add_duration(moment, timedelta(days=1)).day == 2
    with pytest.raises(OverflowError_):
        time.add_duration(moment, timedelta(days=4_000_000))


KLEENE = st.none() | st.booleans()


@given(KLEENE, KLEENE)
def test_kleene(a: bool | None, b: bool | None) -> None:
    worlds = [
        (x, y)
        for x in ([a] if a is not None else [True, False])
        for y in ([b] if b is not None else [True, False])
    ]

    def agreed(values: set[bool]) -> bool | None:
        return values.pop() if len(values) == 1 else None

    assert null.and_(a, b) == agreed({x and y for x, y in worlds})
    assert null.or_(a, b) == agreed({x or y for x, y in worlds})
    assert null.not_(a) == agreed({not x for x, _ in worlds})


def test_null() -> None:
    assert null.same(None, UNSET)
    assert not null.same(None, 0)
    assert null.same(1, 1)
    assert null.is_null(UNSET)
    assert null.null_if_absent(UNSET) is None
    assert null.null_if_absent(0) == 0
    assert null.coalesce(None, UNSET, 0, 1) == 0
    assert null.coalesce(None) is None
    assert (null.least(None, 2, 1), null.greatest(None, 2, 1)) == (1, 2)
    assert null.least(None, None) is None
    assert [null.at_index([1, 2], i) for i in (-3, -2, 1, 2)] == [None, 1, 2, None]
    assert null.at_key({"a": 1}, "b") is None
    assert null.at_key("text", "b") is None
    assert null.try_(lambda: numbers.to_int("x")) is None
    assert null.try_(lambda: 1 // 0) is None
    assert null.required("x", "name") == "x"
    with pytest.raises(ValidationError, match="name is null"):
        null.required(None, "name")
    with pytest.raises(NameError):
        null.try_(lambda: missing)  # type: ignore[name-defined]  # noqa: F821


def test_every_error_here_is_an_error_of_a_record() -> None:
    assert issubclass(ConversionError, RecordError)
    assert issubclass(OverflowError_, RecordError)
