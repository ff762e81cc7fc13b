"""`limit N`: the first N records, then no more."""

from __future__ import annotations

from typing import Any

__all__ = ["Limit"]


class Limit:
    """Lets `count` records pass."""

    reason = "beyond the limit"

    def __init__(self, count: int) -> None:
        self._left = count

    @property
    def done(self) -> bool:
        """True when no further record can pass."""
        return self._left <= 0

    def apply(self, records: list[Any]) -> list[Any]:
        """The records that still pass."""
        passed = records[: self._left]
        self._left -= len(passed)
        return passed

    def save(self) -> int:
        """How many may still pass."""
        return self._left

    def restore(self, saved: int) -> None:
        """Go on where `save` was called."""
        self._left = saved
