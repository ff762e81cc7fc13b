"""`aggregate … over tumbling 1h`: groups of records in windows of time."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec

from ..errors import LateError, OverflowError_
from ..tally import Receipt
from .aggregate import Function, Groups
from .saving import fields_by_name

__all__ = ["TumblingAggregation"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NEVER = -(1 << 62)


class TumblingAggregation:
    """One record for each group and window, which leaves once: when the window closes.

    Windows of `length` microseconds begin at the epoch; the start belongs to a window, the end to
    the next. `time` is the field of the clock. A window closes when a record is seen that is
    `wait` microseconds or more after its end, and all do at the end of the input; None waits
    for the end. A record of a closed window is a LateError.
    """

    def __init__(
        self,
        takes: Any,
        makes: type[msgspec.Struct],
        keys: tuple[str, ...],
        functions: tuple[Function, ...],
        time: str,
        length: int,
        wait: int | None,
    ) -> None:
        self._takes = takes
        self._makes = makes
        self._keys = keys
        self._functions = functions
        self._time = attrgetter(fields_by_name(takes)[time].name)
        self._window = fields_by_name(makes)["window"].type
        self._length = length
        self._wait = wait
        self._open: dict[int, Groups] = {}
        self._closed = _NEVER

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Take records into their windows; the results of those that close come back."""
        length, wait, closed = self._length, self._wait, self._closed
        parts: dict[int, list[Any]] = defaultdict(list)
        for record, moment in zip(records, map(self._time, records)):
            micros = (moment - _EPOCH) // _MICROSECOND
            index = micros // length
            if index < closed:
                receipt.reject(record, LateError(f"{moment.isoformat()} is in a closed window"))
                continue
            parts[index].append(record)
            if wait is not None and (micros - wait) // length > closed:
                closed = (micros - wait) // length
        self._closed = closed
        for index, part in parts.items():
            groups = self._open.get(index)
            if groups is None:
                if self._bounds(index) is None:
                    for record in part:
                        receipt.reject(
                            record, OverflowError_("the window is outside the range of timestamp")
                        )
                    continue
                groups = self._open[index] = self._groups()
            groups.add(part)
            receipt.absorb(len(part))
        over = sorted(index for index in self._open if index < closed)
        return self._leave(over, receipt) if over else []

    def finish(self, receipt: Receipt) -> list[Any]:
        """The results of the windows that are still open, the earliest first."""
        return self._leave(sorted(self._open), receipt)

    def _leave(self, windows: list[int], receipt: Receipt) -> list[Any]:
        made: list[Any] = []
        for index in windows:
            bounds = self._bounds(index)
            for key, values in self._open.pop(index).results():
                if isinstance(values, list):
                    made.append(self._makes(*key, self._window(*(bounds or ())), *values))
                else:
                    receipt.release(1)
                    receipt.reject({**dict(zip(self._keys, key)), "window": bounds}, values)
        receipt.produce(len(made))
        return made

    def _bounds(self, index: int) -> tuple[datetime, datetime] | None:
        """Start and end of a window; None where no timestamp holds them."""
        try:
            start = _EPOCH + timedelta(microseconds=index * self._length)
            return start, start + timedelta(microseconds=self._length)
        except OverflowError:
            return None

    def _groups(self) -> Groups:
        return Groups(self._takes, self._keys, self._functions)

    def save(self) -> Any:
        """How far windows are closed, and the open ones."""
        windows = [[index, groups.save()] for index, groups in self._open.items()]
        return {"closed": self._closed, "open": windows}

    def restore(self, saved: Any) -> None:
        """Go on with saved windows."""
        self._closed = saved["closed"]
        self._open = {}
        for index, groups in saved["open"]:
            self._open[index] = self._groups()
            self._open[index].restore(groups)
