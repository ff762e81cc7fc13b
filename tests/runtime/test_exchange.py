"""Records to the user's classes and back: each kind of class, in each place, with each type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NotRequired, TypedDict
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType, field

from flowc_runtime.errors import OverflowError_, ValidationError
from flowc_runtime.exchange import from_user, to_user
from flowc_runtime.records import Int64

BAD = (msgspec.ValidationError, ValidationError, OverflowError_)


# What flowc generates: attributes are identifiers, fields are called as in the data.


class Part(Struct, gc=False):
    odd: Int64 = field(name="a-b")
    exact: Decimal
    moment: datetime | None


class Whole(Struct, gc=False):
    class_: str = field(name="class")
    my_part: Part = field(name="myPart")
    parts: list[Part]
    by_name: dict[str, Part] = field(name="byName")
    ratio: float
    day: date | None = None
    maybe: Int64 | UnsetType | None = UNSET
    inner: Part | UnsetType = UNSET


# The same in the user's words, in each kind of class.

DataPart = TypedDict("DataPart", {"a-b": int, "exact": Decimal, "moment": datetime | None})


class DictWhole(TypedDict("_Named", {"class": str})):  # type: ignore[misc]
    myPart: DataPart
    parts: list[DataPart]
    byName: dict[str, DataPart]
    ratio: float
    day: date | None
    maybe: NotRequired[int | None]
    inner: NotRequired[DataPart]


class StructPart(Struct):
    other: int = field(name="a-b")
    exact: Decimal
    moment: datetime | None


class StructWhole(Struct, rename="camel"):
    kind: str = field(name="class")
    my_part: StructPart
    parts: list[StructPart]
    by_name: dict[str, StructPart]
    ratio: float
    day: date | None = None
    maybe: int | UnsetType | None = UNSET
    inner: StructPart | UnsetType = UNSET


class MixedWhole(Struct, rename={"kind": "class"}):
    kind: str
    myPart: DataPart
    parts: list[StructPart]
    byName: dict[str, DataPart]
    ratio: float
    day: date | None = None
    maybe: int | UnsetType | None = UNSET
    inner: DataPart | UnsetType = UNSET


KINDS = [DictWhole, StructWhole, MixedWhole]
UTC_TIMES = st.datetimes(timezones=st.just(UTC))
EXACT = st.decimals(allow_nan=False, allow_infinity=False)
PARTS = st.builds(
    Part, odd=st.integers(-(2**63), 2**63 - 1), exact=EXACT, moment=st.none() | UTC_TIMES
)
WHOLES = st.builds(
    Whole,
    class_=st.text(),
    my_part=PARTS,
    parts=st.lists(PARTS, max_size=2),
    by_name=st.dictionaries(st.text(max_size=2), PARTS, max_size=2),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    day=st.none() | st.dates(),
    maybe=st.just(UNSET) | st.none() | st.integers(0, 9),
    inner=st.just(UNSET) | PARTS,
)


@pytest.mark.parametrize("kind", KINDS)
@given(whole=WHOLES)
@settings(max_examples=60, deadline=None)
def test_what_goes_through_the_users_code_unchanged_is_the_same(kind: Any, whole: Whole) -> None:
    theirs = to_user(kind)(whole)
    assert isinstance(theirs, dict if kind is DictWhole else kind)
    assert from_user(Whole)(theirs) == whole


def test_nested_parts_are_of_the_users_classes() -> None:
    part = Part(1, Decimal("1.50"), None)
    whole = Whole("k", part, [part], {"x": part}, 0.5)
    theirs = to_user(StructWhole)(whole)
    assert theirs.kind == "k"
    assert theirs.my_part == theirs.parts[0] == theirs.by_name["x"]
    assert theirs.my_part == StructPart(1, Decimal("1.50"), None)
    assert theirs.maybe is UNSET
    assert to_user(DictWhole)(whole)["myPart"] == {
        "a-b": 1,
        "exact": Decimal("1.50"),
        "moment": None,
    }


# One field, in every kind of class, with what it takes and what it refuses.


@dataclass
class Data:
    x: Any


class Plain(Struct):
    x: Any


class Renamed(Struct, rename={"y": "x"}):
    y: Any


class Colour(Enum):
    RED = "red"


NAIVE = datetime(2024, 1, 2, 3, 4, 5, 6)
MAKERS = [Data, Plain, Renamed, lambda x: {"x": x}]


def taking(type: Any) -> tuple[Any, Any, Any]:
    """A record type with the field `x`, one that has it in a record, and one in a list."""
    flat = msgspec.defstruct("Flat", [("x", type)])
    deep = msgspec.defstruct("Deep", [("x", flat)])
    many = msgspec.defstruct("Many", [("x", list[flat])])
    return flat, deep, many


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        (Int64, [(1, 1), (2**63 - 1, 2**63 - 1)], [2**63, 1.0, True, "1", None, Decimal(1)]),
        (bool, [(True, True)], [1, "true"]),
        (str, [("a", "a"), (Colour.RED, "red")], [1, b"a", None]),
        (
            float,
            [(1.5, 1.5), (1, 1.0)],
            ["1.5", Decimal("1.5"), float("nan"), float("inf"), True],
        ),
        (int | float, [(1, 1), (1.5, 1.5)], [float("nan"), Decimal(1), "1"]),
        (
            Decimal,
            [(Decimal("1.50"), Decimal("1.50")), (3, Decimal(3))],
            [1.5, "1.5", Decimal("NaN"), Decimal("Infinity"), True],
        ),
        (Decimal | None, [(None, None), (Decimal(1), Decimal(1))], ["1", Decimal("sNaN")]),
        (
            datetime,
            [
                (NAIVE, NAIVE.replace(tzinfo=UTC)),
                (
                    NAIVE.replace(tzinfo=timezone(timedelta(hours=2))),
                    NAIVE.replace(tzinfo=UTC, hour=1),
                ),
            ],
            [
                "2024-01-02T03:04:05Z",
                1,
                date(2024, 1, 2),
                datetime.max.replace(tzinfo=timezone(-timedelta(hours=2))),
            ],
        ),
        (date, [(date(2024, 1, 2), date(2024, 1, 2))], ["2024-01-02", NAIVE]),
        (timedelta, [(timedelta(1), timedelta(1))], ["P1D", 1]),
        (UUID, [(UUID(int=1), UUID(int=1))], [str(UUID(int=1))]),
        (bytes, [(b"a", b"a")], ["YQ=="]),
        (Literal["red", "blue"], [("red", "red"), (Colour.RED, "red")], ["green", None]),
        (list[float], [([1], [1.0]), ((1.5,), [1.5])], [[float("nan")], 1.5, ["a"]]),
        (dict[str, Decimal], [({"a": Decimal(1)}, {"a": Decimal(1)})], [{"a": "1"}, {1: 1}]),
        (
            Any,
            [({"a": [1, Decimal(2)]}, {"a": [1, Decimal(2)]}), (date(2024, 1, 2), "2024-01-02")],
            [[float("nan")], {1: 2}, object()],
        ),
    ],
)
def test_types_hold_behind_the_users_code(make: Any, type: Any, good: Any, bad: Any) -> None:
    flat, deep, many = taking(type)
    for given_value, expected in good:
        [record] = [from_user(flat)(make(given_value))]
        assert repr(record.x) == repr(expected)
        assert from_user(deep)(make(make(given_value))).x == record
        assert from_user(many)(make([make(given_value)])).x == [record]
    for value in bad:
        for accept, result in (
            (from_user(flat), make(value)),
            (from_user(deep), make(make(value))),
            (from_user(many), make([make(value)])),
        ):
            with pytest.raises(BAD):
                accept(result)


@pytest.mark.parametrize("make", MAKERS)
def test_optional_fields_may_be_left_out(make: Any) -> None:
    optional = msgspec.defstruct("Optional", [("x", Int64 | UnsetType | None, UNSET)])
    assert from_user(optional)(make(UNSET)).x is UNSET
    assert from_user(optional)(make(None)).x is None
    assert from_user(optional)(make(1)).x == 1
    required = msgspec.defstruct("Required", [("x", Int64)])
    with pytest.raises(msgspec.ValidationError, match="missing required field `x`"):
        from_user(required)(make(UNSET))


def test_an_absent_field_is_the_users_default() -> None:
    @dataclass
    class Defaulted:
        x: int | None = 7

    source = msgspec.defstruct("Source", [("x", Int64 | UnsetType | None, UNSET)])
    assert to_user(Defaulted)(source()) == Defaulted(7)
    assert to_user(Defaulted)(source(x=None)) == Defaulted(None)
    assert to_user(Defaulted)(source(x=1)) == Defaulted(1)


def test_something_that_is_no_record_is_refused() -> None:
    flat, _, _ = taking(Int64)
    for value in (1, "x", [1], object(), flat):
        with pytest.raises(BAD):
            from_user(flat)(value)


def test_the_users_code_gets_a_record_of_its_own() -> None:
    class Row(Struct):
        x: int

    row = Row(1)
    assert to_user(Row)(row) == row
    assert to_user(Row)(row) is not row
