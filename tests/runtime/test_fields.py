"""Reading one field of a row: the short way and the long way agree."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowc_runtime.codecs import fields
from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.codecs.settle import fit_decimal
from flowc_runtime.errors import ConversionError, ValidationError
from flowc_runtime.records import UInt64
from flowc_runtime.values import numbers

from .streams import everything

numeric = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.text("0123456789+-._eE naif\u0661", max_size=8),
)


def outcome(read: Callable[[], Any]) -> Any:
    try:
        return repr(read())
    except ConversionError:
        return ConversionError


@given(numeric)
@example("1_0")
@example("١")
@example(" 7 ")
@example(str(2**63))
@example("-9223372036854775808")
@example("9" * 5000)
@example("1e400")
@example("nan")
def test_numbers_are_read_as_they_are_converted(text: str) -> None:
    assert outcome(lambda: fields.read_int(text, "a")) == outcome(lambda: numbers.to_int(text))
    assert outcome(lambda: fields.read_float(text, "a")) == outcome(lambda: numbers.to_float(text))


@pytest.mark.parametrize(
    "read", [fields.read_int, fields.read_float, fields.read_bool, fields.read_timestamp]
)
def test_errors_name_the_field(read: Callable[[str | None, str], Any]) -> None:
    with pytest.raises(ValidationError, match="amount is null"):
        read(None, "amount")
    with pytest.raises(ConversionError, match="amount: 'x' is not"):
        read("x", "amount")


def test_other_types() -> None:
    assert fields.read_enum("a", "kind", frozenset("ab")) == "a"
    with pytest.raises(ValidationError, match="kind: 'c' is none of a, b"):
        fields.read_enum("c", "kind", frozenset("ab"))
    assert fields.read_json("[1]", "list", list[int]) == [1]
    with pytest.raises(ValidationError, match="list: "):
        fields.read_json("[1.5]", "list", list[int])


@pytest.mark.parametrize(
    ("text", "fits"),
    [("0", True), ("1.5", True), ("-9999.99", True), ("10000", False), ("1.555", False)],
)
def test_decimals_are_refused_rather_than_rounded(text: str, fits: bool) -> None:
    if fits:
        assert fields.read_decimal(text, "a", 6, 2) == fit_decimal(Decimal(text), 6, 2)
    else:
        with pytest.raises(ValidationError, match=r"a: .* does not fit decimal\(6, 2\)"):
            fields.read_decimal(text, "a", 6, 2)
    assert fields.read_decimal(text, "a") == Decimal(text)


def test_json_lines_hold_the_upper_bound_of_uint64() -> None:
    class Wide(msgspec.Struct):
        a: UInt64 | None

    data = b'{"a":18446744073709551615}\n{"a":null}\n{"a":18446744073709551616}\n{"a":-1}\n'
    records, rejects, _ = everything(JsonLines(Wide), data)
    assert [record.a for record in records] == [2**64 - 1, None]
    assert len(rejects) == 2
