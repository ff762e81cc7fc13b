"""`dedupe by id`: one record of each key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

import msgspec

from ..environment import Environment
from ..errors import LateError
from ..tally import Receipt
from .clock import NEVER, StreamClock, length_of, micros_of
from .saving import builtins, fields_by_name, from_builtins

__all__ = ["FirstOfEach", "FirstWithin", "LastOfEach", "LastWithin"]


class _Keys:
    """How the key of a record is read, saved and restored.

    Without `keys` it is the whole record, as JSON with the keys of objects in order.
    """

    def __init__(self, takes: Any, keys: tuple[str, ...]) -> None:
        fields = fields_by_name(takes)
        names = [fields[key].name for key in keys]
        self.of: Callable[[Any], Any] = (
            attrgetter(*names) if keys else msgspec.json.Encoder(order="deterministic").encode
        )
        types = tuple(fields[key].type for key in keys)
        self._type: Any = bytes
        if keys:
            self._type = types[0] if len(keys) == 1 else tuple.__class_getitem__(types)

    def restored(self, saved: Any) -> Any:
        """A key that was saved."""
        return from_builtins(saved, self._type)


class FirstOfEach:
    """Lets the first record of each key pass. Its memory grows with the keys."""

    def __init__(self, takes: Any, keys: tuple[str, ...]) -> None:
        self._keys = _Keys(takes, keys)
        self._seen: dict[Any, None] = {}

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """The records whose key was not seen before."""
        seen = self._seen
        kept: list[Any] = []
        for key, record in zip(map(self._keys.of, records), records):
            if key not in seen:
                seen[key] = None
                kept.append(record)
        receipt.drop(len(records) - len(kept), "duplicate")
        return kept

    def finish(self, receipt: Receipt) -> list[Any]:
        """Nothing was held back."""
        return []

    def save(self) -> Any:
        """The keys."""
        return [builtins(key) for key in self._seen]

    def restore(self, saved: Any) -> None:
        """Go on with saved keys."""
        self._seen = dict.fromkeys(map(self._keys.restored, saved))


class LastOfEach:
    """The last record of each key, at the end of the input, in the order in which they came."""

    def __init__(self, takes: Any, keys: tuple[str, ...]) -> None:
        self._takes = takes
        self._keys = _Keys(takes, keys)
        self._last: dict[Any, Any] = {}

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Keep the records in place of those with their keys."""
        last = self._last
        before = len(last)
        for key, record in zip(map(self._keys.of, records), records):
            last.pop(key, None)
            last[key] = record
        added = len(last) - before
        receipt.absorb(added)
        receipt.drop(len(records) - added, "duplicate")
        return []

    def finish(self, receipt: Receipt) -> list[Any]:
        """The records that were kept."""
        receipt.release(len(self._last))
        return list(self._last.values())

    def save(self) -> Any:
        """The records."""
        return [builtins(record) for record in self._last.values()]

    def restore(self, saved: Any) -> None:
        """Go on with saved records."""
        records = [from_builtins(record, self._takes) for record in saved]
        self._last = {self._keys.of(record): record for record in records}


@dataclass(slots=True, eq=False)
class _Group:
    """Records of one key; `start` is the time of the first of them, `number` counts groups."""

    start: int
    number: int
    key: Any
    record: Any = None


class _Within:
    """Groups of records with one key: the first opens it, those whose times are less than
    `within` from that of the first belong to it.

    `time` is the field of the clock. A group is over when the stream's time is `within` and `lag`
    past its first record; None keeps all to the end. A record that no open group has and whose own
    group would be over is a LateError. `idle`: see `StreamClock`.
    """

    def __init__(
        self,
        takes: Any,
        keys: tuple[str, ...],
        time: str,
        within: timedelta,
        lag: timedelta | None,
        idle: timedelta | None = None,
        environment: Environment | None = None,
    ) -> None:
        self._takes = takes
        self._keys = _Keys(takes, keys)
        self._time = attrgetter(fields_by_name(takes)[time].name)
        self._within = length_of(within)
        self._lag = None if lag is None else length_of(lag)
        self._clock = StreamClock(idle, environment)
        self._now = NEVER
        """The time at which groups were let go last."""
        self._of_key: dict[Any, list[_Group]] = {}
        self._ends: list[tuple[int, int, _Group]] = []
        self._count = 0

    def _is_over(self, start: int, now: int) -> bool:
        return self._lag is not None and now != NEVER and start + self._within + self._lag <= now

    def _placed(self, record: Any, receipt: Receipt) -> tuple[_Group, bool] | None:
        """The group of a record and whether it is new; None where it is late."""
        moment = self._time(record)
        start = micros_of(moment)
        now = max(self._now, self._clock.seen)
        key = self._keys.of(record)
        for group in self._of_key.get(key, ()):
            if abs(group.start - start) < self._within and not self._is_over(group.start, now):
                self._clock.seen = max(self._clock.seen, start)
                return group, False
        if self._is_over(start, now):
            receipt.reject(record, LateError(f"{moment.isoformat()} is too far behind the clock"))
            return None
        self._clock.seen = max(self._clock.seen, start)
        group = _Group(start, self._count, key)
        self._count += 1
        self._add(group)
        return group, True

    def _add(self, group: _Group) -> None:
        self._of_key.setdefault(group.key, []).append(group)
        heappush(self._ends, (group.start, group.number, group))

    def _let_go(self, now: int) -> list[_Group]:
        """Take out the groups that are over at a time, in the order of their ends."""
        self._now = max(self._now, now)
        found: list[_Group] = []
        while self._ends and self._is_over(self._ends[0][0], self._now):
            group = heappop(self._ends)[2]
            found.append(group)
            groups = self._of_key[group.key]
            groups.remove(group)
            if not groups:
                del self._of_key[group.key]
        return found

    def save(self) -> Any:
        """How far the time is, and the groups."""
        return {
            "seen": self._clock.seen,
            "now": self._now,
            "count": self._count,
            "groups": [
                [one.start, one.number, builtins(one.key), builtins(one.record)]
                for _, _, one in sorted(self._ends, key=lambda end: end[1])
            ],
        }

    def restore(self, saved: Any) -> None:
        """Go on with saved groups."""
        self._clock.seen, self._now = saved["seen"], saved["now"]
        self._count = saved["count"]
        self._of_key, self._ends = {}, []
        for start, number, key, record in saved["groups"]:
            held = None if record is None else from_builtins(record, self._takes)
            self._add(_Group(start, number, self._keys.restored(key), held))


class FirstWithin(_Within):
    """Lets the first record of each group pass, at once."""

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """The records that open a group."""
        kept: list[Any] = []
        rejected = len(receipt.rejects)
        for record in records:
            placed = self._placed(record, receipt)
            if placed is not None and placed[1]:
                kept.append(record)
        rejected = len(receipt.rejects) - rejected
        receipt.drop(len(records) - len(kept) - rejected, "duplicate")
        self._let_go(self._clock.seen)
        return kept

    def finish(self, receipt: Receipt) -> list[Any]:
        """Nothing was held back."""
        return []


class LastWithin(_Within):
    """The last record of each group, when that is over; those still open leave at the end."""

    @property
    def timed(self) -> bool:
        """Whether silence counts."""
        return self._clock.idle is not None and self._lag is not None

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Keep the records in place of those of their groups; the last of what is over."""
        for record in records:
            placed = self._placed(record, receipt)
            if placed is not None:
                group, new = placed
                group.record = record
                receipt.absorb(new)
                receipt.drop(not new, "duplicate")
        return self._given(self._let_go(self._clock.seen), receipt)

    def finish(self, receipt: Receipt) -> list[Any]:
        """The records of the groups that are open."""
        groups = [group for _, _, group in sorted(self._ends, key=lambda end: end[:2])]
        self._of_key, self._ends = {}, []
        return self._given(groups, receipt)

    @property
    def due(self) -> float | None:
        """The monotonic second at which silence ends a group."""
        if not self._ends or self._lag is None:
            return None
        return self._clock.due(self._ends[0][0] + self._within + self._lag)

    def heard(self) -> None:
        """A source has given something, so it is not silent."""
        self._clock.heard()

    def wake(self, receipt: Receipt) -> list[Any]:
        """The last of the groups that silence has ended."""
        return self._given(self._let_go(self._clock.now), receipt)

    def _given(self, groups: list[_Group], receipt: Receipt) -> list[Any]:
        receipt.release(len(groups))
        return [group.record for group in groups]
