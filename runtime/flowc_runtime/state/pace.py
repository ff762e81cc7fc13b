"""`throttle 100/s`: no more records in a time than may be."""

from __future__ import annotations

from datetime import timedelta

from ..environment import Environment

__all__ = ["Throttle"]

_BURST = 0.1
"""Seconds worth of records that may pass together after a pause: a bucket of tokens."""


class Throttle:
    """Lets `count` records pass in each `per`, evenly: one by one, or what a tenth of a second
    is worth together."""

    def __init__(self, count: int, per: timedelta, environment: Environment) -> None:
        self._environment = environment
        self._rate = count / per.total_seconds()
        self._size = max(1.0, self._rate * _BURST)
        self._tokens = self._size
        self._filled = environment.monotonic()

    def take(self, count: int) -> int:
        """How many of so many records may pass now."""
        now = self._environment.monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        # A token that lacks no more than arithmetic loses is one.
        passed = min(count, int(self._tokens + 1e-6))
        self._tokens -= passed
        return passed

    def wait(self, count: int) -> float:
        """Seconds until as many of them may pass as ever do together."""
        return max(0.0, (min(count, int(self._size)) - self._tokens) / self._rate)

    def save(self) -> float:
        """How much may pass at once."""
        return self._tokens

    def restore(self, saved: float) -> None:
        """Go on where `save` was called; time begins anew."""
        self._tokens = saved
        self._filled = self._environment.monotonic()
