"""The clock of a stream: how far its time is, told by its records and by their absence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..environment import Environment

__all__ = ["NEVER", "StreamClock", "micros_of", "moment_of"]

NEVER = -(1 << 62)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros_of(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime | None:
    """So many microseconds after the epoch; None where no timestamp holds that."""
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def length_of(length: timedelta) -> int:
    """A length of time in microseconds."""
    return length // _MICROSECOND


class StreamClock:
    """The largest time seen, in microseconds since the epoch.

    Where an `idle` is given, silence counts: once nothing was heard of the sources for so long by
    the environment's clock, the stream's time is taken to go on with it.
    """

    def __init__(self, idle: timedelta | None, environment: Environment | None) -> None:
        self.seen = NEVER
        self.idle = None if idle is None else idle.total_seconds()
        self._environment = environment
        self._heard = 0.0
        self.heard()

    def heard(self) -> None:
        """A source has given something."""
        if self._environment is not None:
            self._heard = self._environment.monotonic()

    @property
    def now(self) -> int:
        """How far the stream's time is."""
        if self.idle is None or self._environment is None or self.seen == NEVER:
            return self.seen
        silence = self._environment.monotonic() - self._heard
        return self.seen + round(silence * 1_000_000) if silence >= self.idle else self.seen

    def due(self, micros: int) -> float | None:
        """The monotonic second at which silence alone brings the stream's time to `micros`."""
        if self.idle is None or self.seen == NEVER:
            return None
        return self._heard + max(self.idle, (micros - self.seen) / 1_000_000)
