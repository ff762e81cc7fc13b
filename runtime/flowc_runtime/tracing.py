"""Which record of a batch another one was made of, found out only where one of them is dead.

Dead letters stand in the order of the input, then of the nodes, however the input was cut into
batches. A pure step does not say what it made of which record; it is asked again, record by record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Trace"]

Counts = Callable[[list[Any]], list[int]]
"""How many records a step made of each one given."""


class Trace:
    """The way of a list of records through the graph.

    Those of a batch have no `parent`. Others were made, by the step that `counts` knows, of the
    list that `parent` is the trace of.
    """

    __slots__ = ("_counts", "_known", "_parent", "records")

    def __init__(
        self, records: list[Any], parent: Trace | None = None, counts: Counts | None = None
    ) -> None:
        self.records = records
        self._parent = parent
        self._counts = counts
        self._known: dict[int, int] | None = None

    def place(self, record: Any) -> int:
        """The place in the batch of what the record was made of; behind all where unknown."""
        if self._known is None:
            self._known = dict(
                zip(map(id, reversed(self.records)), reversed(self._places()), strict=True)
            )
        return self._known.get(id(record), self._end)

    @property
    def _end(self) -> int:
        return len(self.records) if self._parent is None else self._parent._end

    def _places(self) -> Sequence[int]:
        if self._parent is None:
            return range(len(self.records))
        given = self._parent.records
        if self._counts is None:
            # What a step with memory gives back is of what it took in, or new.
            places = dict(zip(map(id, given), self._parent._places(), strict=True))
            return [places.get(id(record), self._end) for record in self.records]
        found = [
            place
            for place, count in zip(self._parent._places(), self._counts(given), strict=True)
            for _ in range(count)
        ]
        # Only a step that gives something else the second time could make another number.
        return found if len(found) == len(self.records) else [self._end] * len(self.records)
