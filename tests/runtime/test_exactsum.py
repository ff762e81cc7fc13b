"""Sums of floats: exact until the end, so that it does not matter how they are divided."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc_runtime.errors import OverflowError_
from flowc_runtime.values.exactsum import added, total

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def exact(values: list[float]) -> Fraction:
    return sum(map(Fraction, values), Fraction())


@given(st.lists(FLOATS, max_size=30))
def test_parts_have_the_exact_sum(values: list[float]) -> None:
    assert exact(added([], values)) == exact(values)


@given(st.lists(FLOATS, max_size=30), st.integers(0, 30), st.randoms())
def test_parts_do_not_depend_on_order_and_division(
    values: list[float], at: int, random: object
) -> None:
    other = list(values)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert added([], values) == added(added([], other[:at]), other[at:])


@given(st.lists(FLOATS, max_size=30), st.integers(-(2**200), 2**200))
def test_the_total_is_rounded_once(values: list[float], whole: int) -> None:
    try:
        expected = float(exact(values) + whole)
    except OverflowError:
        with pytest.raises(OverflowError_):
            total(added([], values), whole)
    else:
        assert total(added([], values), whole) == expected
