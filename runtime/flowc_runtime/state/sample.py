"""`sample 1%`: a share of the records, told by their positions."""

from __future__ import annotations

from typing import Any

from ..environment import Environment

__all__ = ["Sample"]

_BITS = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15


def _mixed(value: int) -> int:
    """64 bits in which every bit of `value` has its part: the finaliser of SplitMix64."""
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _BITS
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _BITS
    return value ^ value >> 31


class Sample:
    """Lets about `share` of the records pass, 0 to 1.

    Which ones is told by the environment's seed and by the number of the record among those that came, whatever
    the batches they come in.
    """

    reason = "not sampled"
    done = False

    def __init__(self, share: float, environment: Environment) -> None:
        self._below = round(share * (1 << 64))
        self._start = _mixed(environment.seed & _BITS)
        self._seen = 0

    def apply(self, records: list[Any]) -> list[Any]:
        """The records that pass."""
        below, place = self._below, self._start + self._seen * _STEP
        passed: list[Any] = []
        for record in records:
            place = place + _STEP & _BITS
            if _mixed(place) < below:
                passed.append(record)
        self._seen += len(records)
        return passed

    def save(self) -> int:
        """How many records came."""
        return self._seen

    def restore(self, saved: int) -> None:
        """Go on where `save` was called."""
        self._seen = saved
