"""Several streams become one by their clocks: of those that have come, the earliest goes on first.

A record goes on once no other input can give one that stands before it. So the order of what goes
on, and with it which records are late, never depends on which input was read first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

from ..environment import Environment
from ..tally import Receipt
from .clock import NEVER, length_of, micros_of
from .saving import builtins, fields_by_name, from_builtins

__all__ = ["ByClock", "Inlet", "Lane"]


@dataclass(frozen=True, slots=True)
class Lane:
    """How one of the streams is read: its time is the largest seen less `lag`. Once nothing came
    of its sources for `idle`, the others wait for it no longer; None waits as long as it takes."""

    lag: timedelta = timedelta()
    idle: timedelta | None = None


class ByClock:
    """Streams of `takes`, whose clock is the field at the path `clock`, one for each of `lanes`.

    A record stands at the time that its own stream had reached with it, so the order of a stream
    is kept; where two stand at one time, that of the earlier lane goes first.
    """

    def __init__(
        self, takes: Any, clock: tuple[str, ...], lanes: tuple[Lane, ...], environment: Environment
    ) -> None:
        self._takes = takes
        self._clock = clock
        self._times: dict[type, Callable[[Any], datetime]] = {}
        self._inlets = [Inlet(self, n, lane, environment) for n, lane in enumerate(lanes)]

    def inlet(self, number: int) -> Inlet:
        """Where the records of one of the streams come in."""
        return self._inlets[number]

    @property
    def behind(self) -> Inlet | None:
        """The stream whose clock is furthest behind: the others wait for it."""
        waited_for = (inlet for inlet in self._inlets if not (inlet.ended or inlet.silent))
        return min(waited_for, key=lambda inlet: inlet.place, default=None)

    @property
    def holds(self) -> bool:
        """Whether any record waits."""
        return any(inlet.waiting for inlet in self._inlets)

    def time(self, record: Any) -> int:
        """The clock's value of a record, in microseconds since the epoch."""
        kind = type(record)
        read = self._times.get(kind)
        if read is None:
            read = self._times[kind] = attrgetter(".".join(_attributes(kind, self._clock)))
        return micros_of(read(record))

    def ready(self) -> list[Any]:
        """Take out what no other stream can come before any more, in its order."""
        behind = self.behind
        found: list[tuple[int, Any]] = []
        for inlet in self._inlets:
            waiting = inlet.waiting
            if behind is None:
                found += waiting
                waiting.clear()
                continue
            while waiting and (waiting[0][0], inlet.number) <= behind.place:
                found.append(waiting.popleft())
        # The sort is stable: one time has the order of the lanes, and each lane its own.
        found.sort(key=itemgetter(0))
        return [record for _, record in found]

    def save(self) -> Any:
        """How far each stream is, and the records that wait."""
        return [
            [inlet.seen, inlet.ended, [[time, builtins(record)] for time, record in inlet.waiting]]
            for inlet in self._inlets
        ]

    def restore(self, saved: Any) -> None:
        """Go on with saved streams."""
        for inlet, (seen, ended, waiting) in zip(self._inlets, saved, strict=True):
            inlet.seen, inlet.ended = seen, ended
            inlet.waiting = deque(
                (time, from_builtins(record, self._takes)) for time, record in waiting
            )


class Inlet:
    """One of the streams; what it gives are records of all of them.

    `seen` is the largest time seen less the lag, `waiting` the records that have not gone on.
    `silent`: the others go on without it, until something comes of its sources.
    """

    def __init__(self, merged: ByClock, number: int, lane: Lane, environment: Environment) -> None:
        self.number = number
        self.seen = NEVER
        self.ended = False
        self.silent = False
        self.waiting: deque[tuple[int, Any]] = deque()
        self.timed = lane.idle is not None
        self._merged = merged
        self._lag = length_of(lane.lag)
        self._idle = None if lane.idle is None else lane.idle.total_seconds()
        self._environment = environment
        self._heard = environment.monotonic() if self.timed else 0.0

    @property
    def place(self) -> tuple[int, int]:
        """Where the next record stands at the earliest."""
        return self.seen, self.number

    @property
    def waits(self) -> bool:
        """Whether records of it wait for another stream: no more of it need be read."""
        return bool(self.waiting)

    @property
    def is_awaited(self) -> bool:
        """Whether others wait for it."""
        return self._merged.holds and self._merged.behind is self

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Take records of this stream in; what goes on now comes back."""
        time, lag, seen = self._merged.time, self._lag, self.seen
        for record in records:
            seen = max(seen, time(record) - lag)
            self.waiting.append((seen, record))
        self.seen = seen
        return self._merged.ready()

    def finish(self, receipt: Receipt) -> list[Any]:
        """This stream has ended: nobody waits for it any more."""
        self.ended = True
        return self._merged.ready()

    @property
    def due(self) -> float | None:
        """The monotonic second at which the others go on without it."""
        if self._idle is None or not self.is_awaited:
            return None
        return self._heard + self._idle

    def heard(self) -> None:
        """A source of this stream has given something."""
        self.silent = False
        self._heard = self._environment.monotonic()

    def wake(self, receipt: Receipt) -> list[Any]:
        """What goes on because this stream is silent."""
        self.silent = True
        return self._merged.ready()

    def save(self) -> Any:
        """The whole merge: its streams have one state."""
        return self._merged.save()

    def restore(self, saved: Any) -> None:
        """Go on with a saved merge."""
        self._merged.restore(saved)


def _attributes(kind: Any, names: tuple[str, ...]) -> list[str]:
    """The attributes behind the names that a path has in data."""
    found: list[str] = []
    for name in names:
        field = fields_by_name(kind)[name]
        found.append(field.name)
        kind = field.type
    return found
