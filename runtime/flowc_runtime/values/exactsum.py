"""Sums of floats without rounding on the way: the same however the values are divided.

A sum is kept as parts: floats whose sum is the exact one, each the nearest float to what those
before it leave. There are few, and they depend on the exact sum alone. (Shewchuk, "Adaptive
Precision Floating-Point Arithmetic", 1997; `math.fsum` gives the first of the parts.)
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Sequence

from ..errors import OverflowError_

__all__ = ["added", "total"]

_LARGEST = 1.7976931348623157e308
#: Every finite float is a whole number of units of 2**-1074.
_UNIT = 1 << 1074


def added(parts: list[float], values: list[float]) -> list[float]:
    """The parts of the sum of all."""
    waiting = [*parts, *values]
    found: list[float] = []
    try:
        while part := math.fsum(waiting):
            found.append(part)
            waiting.append(-part)
    except OverflowError:
        return _divided(_exact([*parts, *values]))
    return found


def total(parts: Sequence[float], whole: int = 0) -> float:
    """The nearest float to the sum of parts and a whole number. Raises OverflowError_."""
    if -(2**53) <= whole <= 2**53:
        with contextlib.suppress(OverflowError):
            return math.fsum([*parts, whole])
    try:
        return _nearest(_exact(parts) + whole * _UNIT)
    except OverflowError:
        raise OverflowError_("the sum is too large for a float") from None


def _exact(values: Iterable[float]) -> int:
    """The sum in units."""
    ratios = (value.as_integer_ratio() for value in values)
    return sum(above * (_UNIT // below) for above, below in ratios)


def _nearest(units: int) -> float:
    return units / _UNIT


def _divided(units: int) -> list[float]:
    """The parts of a sum, the first ones of which may be as large as a float can be."""
    found: list[float] = []
    while units:
        try:
            part = _nearest(units)
        except OverflowError:
            part = _LARGEST if units > 0 else -_LARGEST
        found.append(part)
        units -= _exact([part])
    return found
