"""Reading several endless sources at once: a thread for each, records in order of arrival.

Only decoding happens in the threads; all else stays in the thread of the run.
"""

from __future__ import annotations

import decimal
import queue
import threading
from collections.abc import Iterator
from time import monotonic

from .environment import Stop
from .flow import explained
from .records import Batch, Source
from .values.context import CONTEXT
from .values.lost import LOST

__all__ = ["Pump"]

_AHEAD = 2
"""Batches that each source may be ahead of the run: what bounds memory."""

_GRACE = 5.0
"""Seconds in which a source must notice a stop; one that does not is left alone."""

_PATIENCE = 0.5
"""Seconds after which a wait looks whether it is still wanted."""

_Item = tuple[str, Batch | Exception | int]


class Pump:
    """Reads all of `sources`, by name, until each has ended, was left, or a stop was asked for."""

    def __init__(self, sources: dict[str, Source], stop: Stop) -> None:
        self._stop = stop
        self._queue: queue.Queue[_Item] = queue.Queue(_AHEAD * len(sources))
        self._left = {name: threading.Event() for name in sources}
        for name, source in sources.items():
            threading.Thread(
                target=self._read, args=(name, source), name=f"source {name}", daemon=True
            ).start()

    def batches(self) -> Iterator[tuple[str, Batch]]:
        """Yield (name, batch) as they come; what was read before a stop still comes.

        Raises the first error of a source, explained.
        """
        until: float | None = None
        while not all(left.is_set() for left in self._left.values()):
            if until is None and self._stop.asked():
                until = monotonic() + _GRACE
            try:
                name, found = self._queue.get(timeout=_PATIENCE)
            except queue.Empty:
                if until is not None and monotonic() > until:
                    return
                continue
            if isinstance(found, int):
                self._left[name].set()
                LOST.set(LOST.get() + found)
            elif isinstance(found, Exception):
                raise found
            elif not self._left[name].is_set():
                yield name, found
            del found

    def leave(self, name: str) -> None:
        """Take nothing more of a source: it stops at its next batch."""
        self._left[name].set()

    def close(self) -> None:
        """Leave all sources."""
        for left in self._left.values():
            left.set()

    def _read(self, name: str, source: Source) -> None:
        """The work of a thread: batches, then how many timestamps were cut, or an error."""
        decimal.setcontext(CONTEXT.copy())
        last: Exception | int
        try:
            for batch in source.batches():
                if not self._put(name, batch):
                    return
                del batch
            last = LOST.get()
        except Exception as error:
            last = explained(error, source)
        self._put(name, last)

    def _put(self, name: str, found: Batch | Exception | int) -> bool:
        """Hand over; false if nobody takes from this source any more."""
        while not self._left[name].is_set():
            try:
                self._queue.put((name, found), timeout=_PATIENCE)
            except queue.Full:
                continue
            return True
        return False
