"""Durations and sizes as they are written everywhere: ``1h30m``, ``64MiB``, ``4Gi``."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

_UNITS = {
    "us": timedelta(microseconds=1),
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(?:([KMGTP])(i?)B?|B)", re.ASCII)


def duration_of(written: str) -> timedelta | None:
    """The length of a duration literal such as ``1h30m``; None where it is no duration, or
    not a whole number of microseconds."""
    parts = _DURATION.findall(written)
    if not parts or "".join(count + unit for count, unit in parts) != written:
        return None
    total = Decimal(0)
    for count, unit in parts:
        total += Decimal(count) * (_UNITS[unit] // timedelta(microseconds=1))
    try:
        return timedelta(microseconds=int(total)) if total == int(total) else None
    except OverflowError:
        return None


def bytes_of(written: str) -> int | None:
    """The bytes of a size such as ``64MiB`` or ``4Gi``; None where it is no size, or not a
    whole number of bytes."""
    found = _SIZE.fullmatch(written)
    if found is None:
        return None
    count, unit, binary = found.groups()
    base = 1024 if binary else 1000
    power = "KMGTP".index(unit) + 1 if unit else 0
    size = Decimal(count) * base**power
    return int(size) if size == int(size) else None
