"""Windows of time: what is gathered of records whose times are near each other leaves once.

A window closes when the stream's time is far enough past its end, and all do at the end of the
input. Which records a window has, and which are too late, is told record by record, so it never
depends on how these came in batches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any, Protocol

from ..environment import Environment
from ..errors import LateError, OverflowError_
from ..tally import Receipt
from .aggregate import WAITING
from .clock import NEVER, StreamClock, length_of, micros_of, moment_of
from .saving import Keys, builtins

__all__ = ["Content", "Fixed", "Session", "Windowed"]

_FIRST = micros_of(datetime.min.replace(tzinfo=UTC))
_LAST = micros_of(datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Fixed:
    """Windows of one `length` that begin at the epoch and `every` so often after and before it.

    A window closes when the stream's time is `wait` past its end; None waits for the end of the
    input. `idle`: see `StreamClock`.
    """

    length: timedelta
    every: timedelta
    wait: timedelta | None
    idle: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Windows of one key that hold records less than `gap` apart, each until `gap` after its last."""

    gap: timedelta
    wait: timedelta | None
    idle: timedelta | None = None


class Content(Protocol):
    """What is gathered of the records of one window."""

    def add(self, records: list[Any]) -> object:
        """Take records in; they may wait for `settle`."""

    def merge(self, later: Any) -> None:
        """Take in what was gathered of records that come later than these."""

    def settle(self) -> None:
        """Let go of the records that wait."""

    def results(self, start: datetime, end: datetime, receipt: Receipt) -> list[Any]:
        """The records that the window gives."""

    def save(self) -> Any:
        """The content as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on with a saved content."""


class Windowed:
    """An operator over windows of time.

    `time` reads the time of a record, `keys` what sessions are of; `make` makes the content of
    an empty window.
    """

    def __init__(
        self,
        over: Fixed | Session,
        time: Callable[[Any], datetime],
        keys: Keys,
        make: Callable[[], Content],
        environment: Environment | None = None,
    ) -> None:
        self._clock = StreamClock(over.idle, environment)
        self._time = time
        wait = None if over.wait is None else length_of(over.wait)
        self._windows: _Fixed | _Sessions = (
            _Fixed(length_of(over.length), length_of(over.every), wait, make)
            if isinstance(over, Fixed)
            else _Sessions(length_of(over.gap), wait, keys, make)
        )
        self._waiting = 0
        self.timed = over.idle is not None and over.wait is not None

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Take records into their windows; the results of those that close come back."""
        taken, held = self._windows.take(records, map(self._time, records), self._clock, receipt)
        receipt.absorb(taken)
        self._waiting += held
        if self._waiting >= WAITING:
            self._waiting = 0
            for content in self._windows.contents():
                content.settle()
        return self._leave(self._windows.closed(self._clock.seen), receipt)

    def finish(self, receipt: Receipt) -> list[Any]:
        """The results of the windows that are still open, in the order of their ends."""
        return self._leave(self._windows.all(), receipt)

    @property
    def due(self) -> float | None:
        """The monotonic second at which silence closes a window."""
        closing = self._windows.next_closing() if self.timed else None
        return None if closing is None else self._clock.due(closing)

    def heard(self) -> None:
        """A source has given something, so it is not silent."""
        self._clock.heard()

    def wake(self, receipt: Receipt) -> list[Any]:
        """The results of the windows that silence has closed."""
        return self._leave(self._windows.closed(self._clock.now), receipt)

    def _leave(self, windows: Iterable[tuple[int, int, Content]], receipt: Receipt) -> list[Any]:
        made: list[Any] = []
        for start, end, content in windows:
            begins, ends = moment_of(start), moment_of(end)
            assert begins is not None
            assert ends is not None
            made += content.results(begins, ends, receipt)
        receipt.produce(len(made))
        return made

    def save(self) -> Any:
        """How far the time is, and the open windows."""
        return {"seen": self._clock.seen, **self._windows.save()}

    def restore(self, saved: Any) -> None:
        """Go on with saved windows."""
        self._clock.seen = saved["seen"]
        self._windows.restore(saved)
        self._waiting = 0

    @property
    def is_mergeable(self) -> bool:
        """Windows by the clock alone, all of which wait for the end."""
        return isinstance(self._windows, _Fixed) and self._windows.wait_for_end

    def merge(self, saved: Any) -> None:
        """Take in the saved windows of records that came later."""
        assert isinstance(self._windows, _Fixed)
        self._clock.seen = max(self._clock.seen, saved["seen"])
        self._windows.merge(saved)


def _late(moment: datetime) -> LateError:
    return LateError(f"{moment.isoformat()} is in a closed window")


def _outside() -> OverflowError_:
    return OverflowError_("the window is outside the range of timestamp")


class _Windows(ABC):
    """The open windows of an operator. Those that left are closed for ever."""

    @abstractmethod
    def take(
        self, records: list[Any], moments: Iterable[datetime], clock: StreamClock, receipt: Receipt
    ) -> tuple[int, int]:
        """Take records into their windows, or reject them.

        Gives how many were taken, and how many that is over all the windows that have them.
        """

    @abstractmethod
    def contents(self) -> Iterable[Content]:
        """What the open windows hold."""

    @abstractmethod
    def next_closing(self) -> int | None:
        """The time at which the next window closes."""

    @abstractmethod
    def closed(self, now: int) -> list[tuple[int, int, Content]]:
        """Take out those that close at a time, in the order of their ends: start, end, content."""

    @abstractmethod
    def all(self) -> list[tuple[int, int, Content]]:
        """Take out all of them."""

    @abstractmethod
    def save(self) -> dict[str, Any]:
        """The windows as a JSON value."""

    @abstractmethod
    def restore(self, saved: dict[str, Any]) -> None:
        """Go on with saved windows."""


class _Fixed(_Windows):
    """Windows by their numbers: the start of each is that many times `every`."""

    def __init__(
        self, length: int, every: int, wait: int | None, make: Callable[[], Content]
    ) -> None:
        self._length = length
        self._every = every
        self._wait = wait
        self._make = make
        self._first = -(-_FIRST // every)
        self._last = (_LAST - length) // every
        self._open: dict[int, Content] = {}
        self._numbers: list[int] = []
        """The numbers of the open windows: a heap."""
        self._closed = NEVER
        """The number of the first window that is not closed."""

    def _closed_at(self, now: int) -> int:
        if self._wait is None or now == NEVER:
            return NEVER
        return (now - self._wait - self._length) // self._every + 1

    def take(
        self, records: list[Any], moments: Iterable[datetime], clock: StreamClock, receipt: Receipt
    ) -> tuple[int, int]:
        length, every, seen, closed = self._length, self._every, clock.seen, self._closed
        parts: dict[int, list[Any]] = {}
        rejected = before = len(receipt.rejects)
        taken = 0
        for record, moment in zip(records, moments):
            micros = micros_of(moment)
            first, last = (micros - length) // every + 1, micros // every
            if last < closed:
                receipt.reject(record, _late(moment))
                continue
            if first < self._first or last > self._last:
                receipt.reject(record, _outside())
                continue
            if micros > seen:
                seen = micros
                closed = max(closed, self._closed_at(seen))
            for number in range(max(first, closed), last + 1):
                part = parts.get(number)
                if part is None:
                    part = parts[number] = []
                part.append(record)
                taken += 1
        clock.seen, self._closed = seen, closed
        for number, part in parts.items():
            content = self._open.get(number)
            if content is None:
                content = self._open[number] = self._make()
                heappush(self._numbers, number)
            content.add(part)
        rejected = len(receipt.rejects) - before
        return len(records) - rejected, taken

    def contents(self) -> Iterable[Content]:
        return self._open.values()

    def next_closing(self) -> int | None:
        if self._wait is None or not self._numbers:
            return None
        return self._numbers[0] * self._every + self._length + self._wait

    def closed(self, now: int) -> list[tuple[int, int, Content]]:
        self._closed = max(self._closed, self._closed_at(now))
        left: list[int] = []
        while self._numbers and self._numbers[0] < self._closed:
            left.append(heappop(self._numbers))
        return self._left(left)

    def all(self) -> list[tuple[int, int, Content]]:
        left = sorted(self._numbers)
        self._numbers.clear()
        return self._left(left)

    def _left(self, numbers: list[int]) -> list[tuple[int, int, Content]]:
        starts = [(number, number * self._every) for number in numbers]
        return [(start, start + self._length, self._open.pop(number)) for number, start in starts]

    def save(self) -> dict[str, Any]:
        windows = [[number, content.save()] for number, content in self._open.items()]
        return {"closed": self._closed, "open": windows}

    def restore(self, saved: dict[str, Any]) -> None:
        self._closed = saved["closed"]
        self._open = dict(self._loaded(saved))
        self._numbers = sorted(self._open)

    def merge(self, saved: dict[str, Any]) -> None:
        """Take in windows of which none was closed before the end."""
        for number, later in self._loaded(saved):
            content = self._open.setdefault(number, later)
            if content is later:
                heappush(self._numbers, number)
            else:
                content.merge(later)

    def _loaded(self, saved: dict[str, Any]) -> Iterator[tuple[int, Content]]:
        for number, content in saved["open"]:
            made = self._make()
            made.restore(content)
            yield number, made

    @property
    def wait_for_end(self) -> bool:
        """Whether no window closes before the end of the input."""
        return self._wait is None


@dataclass(slots=True, eq=False)
class _OneSession:
    """An open session; `end` is the gap past its last record. `number` is that of its record
    that came first. `waiting` are records that its content does not have yet."""

    start: int
    end: int
    number: int
    key: Any
    content: Content
    waiting: list[Any] = field(default_factory=list)

    def settle(self) -> None:
        if self.waiting:
            self.content.add(self.waiting)
            self.waiting = []


class _Sessions(_Windows):
    """Windows of each key, as long as records come."""

    def __init__(self, gap: int, wait: int | None, keys: Keys, make: Callable[[], Content]) -> None:
        self._gap = gap
        self._wait = wait
        self._keys = keys
        self._make = make
        self._of_key: dict[Any, list[_OneSession]] = {}
        self._open: dict[int, _OneSession] = {}
        self._ends: list[tuple[int, int]] = []
        """An end that each open session had, and its number: a heap."""
        self._count = 0
        self._told = NEVER
        """The time at which sessions were closed last."""

    def _is_open(self, end: int, now: int) -> bool:
        return self._wait is None or now == NEVER or end + self._wait > now

    def take(
        self, records: list[Any], moments: Iterable[datetime], clock: StreamClock, receipt: Receipt
    ) -> tuple[int, int]:
        gap, now = self._gap, max(clock.seen, self._told)
        touched: dict[int, _OneSession] = {}
        before = len(receipt.rejects)
        for record, moment, key in zip(records, moments, map(self._keys.of, records)):
            start = micros_of(moment)
            end = start + gap
            near = [
                session
                for session in self._of_key.get(key, ())
                if session.start < end and start < session.end and self._is_open(session.end, now)
            ]
            if not near and not self._is_open(end, now):
                receipt.reject(record, _late(moment))
                continue
            if end > _LAST:
                receipt.reject(record, _outside())
                continue
            session = self._joined(near) if near else self._begun(start, end, key)
            session.start = min(session.start, start)
            session.end = max(session.end, end)
            session.waiting.append(record)
            touched[session.number] = session
            clock.seen = max(clock.seen, start)
            now = max(now, start)
        for session in touched.values():
            session.settle()
        taken = len(records) - (len(receipt.rejects) - before)
        return taken, taken

    def _begun(self, start: int, end: int, key: Any) -> _OneSession:
        session = _OneSession(start, end, self._count, key, self._make())
        self._count += 1
        self._add(session)
        return session

    def _add(self, session: _OneSession) -> None:
        self._open[session.number] = session
        self._of_key.setdefault(session.key, []).append(session)
        heappush(self._ends, (session.end, session.number))

    def _joined(self, sessions: list[_OneSession]) -> _OneSession:
        """One session of several that a record bridges: the values of the earlier come first."""
        first, *others = sorted(sessions, key=lambda session: session.start)
        if others:
            first.settle()
        for other in others:
            other.settle()
            first.content.merge(other.content)
            first.end = max(first.end, other.end)
            self._gone(other)
        return first

    def _gone(self, session: _OneSession) -> None:
        del self._open[session.number]
        sessions = self._of_key[session.key]
        sessions.remove(session)
        if not sessions:
            del self._of_key[session.key]

    def contents(self) -> Iterable[Content]:
        return [session.content for session in self._open.values()]

    def next_closing(self) -> int | None:
        if self._wait is None:
            return None
        self._prune()
        return self._ends[0][0] + self._wait if self._ends else None

    def _prune(self) -> None:
        """Make the first of the ends that of an open session as it now is."""
        while self._ends:
            end, number = self._ends[0]
            session = self._open.get(number)
            if session is not None and session.end == end:
                return
            heappop(self._ends)
            if session is not None:
                heappush(self._ends, (session.end, number))

    def closed(self, now: int) -> list[tuple[int, int, Content]]:
        found: list[_OneSession] = []
        self._told = max(self._told, now)
        self._prune()
        while self._ends and not self._is_open(self._ends[0][0], now):
            session = self._open[heappop(self._ends)[1]]
            self._gone(session)
            found.append(session)
            self._prune()
        return _in_order(found)

    def all(self) -> list[tuple[int, int, Content]]:
        found = _in_order(self._open.values())
        self._of_key, self._open, self._ends = {}, {}, []
        return found

    def save(self) -> dict[str, Any]:
        return {
            "count": self._count,
            "told": self._told,
            "open": [
                [one.start, one.end, one.number, builtins(one.key), one.content.save()]
                for one in self._open.values()
            ],
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self._of_key, self._open, self._ends = {}, {}, []
        self._count, self._told = saved["count"], saved["told"]
        for start, end, number, key, content in saved["open"]:
            session = _OneSession(start, end, number, self._keys.restored(key), self._make())
            session.content.restore(content)
            self._add(session)


def _in_order(sessions: Iterable[_OneSession]) -> list[tuple[int, int, Content]]:
    ordered = sorted(sessions, key=lambda session: (session.end, session.start, session.number))
    return [(session.start, session.end, session.content) for session in ordered]
