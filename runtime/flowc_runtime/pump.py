"""Reading sources by threads: several endless ones at once, or while time is looked after.

Only decoding happens in the threads; all else stays in the thread of the run.
"""

from __future__ import annotations

import contextlib
import decimal
import queue
import threading
from collections import deque
from collections.abc import Iterable, Mapping

from .environment import Environment
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


class Pump:
    """Reads all of `sources`, by name, until each has ended, was left, or a stop was asked for."""

    def __init__(self, sources: Mapping[str, Source], environment: Environment) -> None:
        self._environment = environment
        self._sources = sources
        self._read: dict[str, deque[Batch | Exception | int]] = {name: deque() for name in sources}
        self._room = {name: threading.Semaphore(_AHEAD) for name in sources}
        self._left = {name: threading.Event() for name in sources}
        self._ready: queue.Queue[str] = queue.Queue()
        """A word for each batch that was read: what a wait wakes up by."""
        self._grace: float | None = None
        for name, source in sources.items():
            threading.Thread(
                target=self._work, args=(name, source), name=f"source {name}", daemon=True
            ).start()

    def next(self, names: Iterable[str], until: float | None) -> tuple[str, Batch | None] | None:
        """A batch of the first of these sources that has one; (name, None) if it has ended.

        None when it is `until` by the environment's monotonic clock, or when a stop was asked for
        and nothing more came of any source. Raises the first error of a source, explained.
        """
        while True:
            if self._environment.stop.asked():
                names = self._sources
            for name in names:
                if self._read[name] and not self._left[name].is_set():
                    return name, self._taken(name)
            now = self._environment.monotonic()
            if self._environment.stop.asked():
                self._grace = now + _GRACE if self._grace is None else self._grace
                if now >= self._grace or all(left.is_set() for left in self._left.values()):
                    return None
            if until is not None and now >= until:
                return None
            wait = _PATIENCE if until is None else min(_PATIENCE, until - now)
            try:
                self._environment.take(self._ready, wait)
            except queue.Empty:
                continue

    def waiting(self) -> list[str]:
        """The sources of which something was read that is not taken yet."""
        return [name for name, found in self._read.items() if found]

    def leave(self, name: str) -> None:
        """Take nothing more of a source: it stops at its next batch."""
        self._left[name].set()
        self._room[name].release()

    def close(self) -> None:
        """Leave all sources."""
        for name in self._sources:
            self.leave(name)

    def _taken(self, name: str) -> Batch | None:
        found = self._read[name].popleft()
        self._room[name].release()
        with contextlib.suppress(queue.Empty):
            self._ready.get_nowait()
        if isinstance(found, Batch):
            return found
        self._left[name].set()
        if isinstance(found, Exception):
            raise found
        LOST.set(LOST.get() + found)
        return None

    def _work(self, name: str, source: Source) -> None:
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
        self._room[name].acquire()
        if self._left[name].is_set():
            return False
        self._read[name].append(found)
        self._ready.put(name)
        return True
