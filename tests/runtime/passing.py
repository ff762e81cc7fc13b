"""A world whose time goes by only when nothing else happens, and sources that give by it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from flowc_runtime.environment import Environment
from flowc_runtime.records import Batch, Position
from tests.runtime.ends import ListSink

_LONG = 20.0
"""Real seconds after which a test hangs."""


class PassingTime(Environment):
    """Its monotonic clock stands still while a source works, and goes on to the next thing that
    somebody waits for."""

    def __init__(self) -> None:
        super().__init__({})
        self.time = 0.0
        self._changed = threading.Condition()
        self._working = 0
        self._sleeping: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def begin(self) -> None:
        """A source works."""
        with self._changed:
            self._working += 1

    def end(self) -> None:
        """A source has ended; `take` sees it soon."""
        with self._changed:
            self._working -= 1
            self._changed.notify_all()

    def until(self, at: float) -> None:
        """Sleep where a source is read."""
        if threading.current_thread() is threading.main_thread():
            self._go_on(at)
            return
        with self._changed:
            self._sleeping.append(at)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.time >= at, _LONG)
            self._sleeping.remove(at)

    def pause(self, seconds: float) -> None:
        self._go_on(self.time + seconds)

    def take(self, waiting: queue.Queue[Any], seconds: float) -> Any:
        deadline = self.time + seconds
        while True:
            with self._changed:
                quiet = self._changed.wait_for(
                    lambda: not waiting.empty() or self._is_quiet(), timeout=0.01
                )
                asleep = [at for at in self._sleeping if at > self.time]
            if not waiting.empty():
                return waiting.get_nowait()
            if not quiet:
                continue
            if not self._working:
                return waiting.get(timeout=_LONG)
            if min(asleep) > deadline:
                self._go_on(deadline)
                raise queue.Empty
            self._go_on(min(asleep))

    def _is_quiet(self) -> bool:
        return len([at for at in self._sleeping if at > self.time]) == self._working

    def _go_on(self, time: float) -> None:
        with self._changed:
            self.time = max(self.time, time)
            self._changed.notify_all()


class ScriptedSource:
    """Gives batches, each at its second."""

    label = "a script"
    resource = ""

    def __init__(
        self, world: PassingTime, script: list[tuple[float, list[Any]]], *, endless: bool = True
    ) -> None:
        self.endless = endless
        self._world = world
        self._script = script

    def open(self, position: Position | None) -> None:
        self._world.begin()

    def batches(self) -> Iterator[Batch]:
        for at, records in self._script:
            self._world.until(at)
            yield Batch(records, {})
        self._world.end()

    def close(self) -> None:
        pass

    def diagnose(self, error: Exception) -> None:
        return None


class TimingSink(ListSink):
    """Keeps what it is given at once, and when."""

    def __init__(self, world: PassingTime) -> None:
        super().__init__()
        self.given: list[tuple[float, list[Any]]] = []
        self._world = world

    def write(self, records: list[Any]) -> None:
        super().write(records)
        self.given.append((round(self._world.monotonic(), 6), list(records)))
