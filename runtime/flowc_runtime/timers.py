"""What happens in a flow when time goes by: states that are due, and steps that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .endings import Endings, reached
from .environment import Environment
from .segments import Batching, Gather, Pipeline
from .tally import Receipt

__all__ = ["Timers"]

Give = Callable[[str, list[list[Any]], Receipt], None]


class Timers:
    """The states of a pipeline that act by time. `give` sends on what the segment of a name gives,
    in groups, and books it."""

    def __init__(
        self, pipeline: Pipeline, endings: Endings, environment: Environment, give: Give
    ) -> None:
        self._pipeline = pipeline
        self._endings = endings
        self._environment = environment
        self._give = give
        self._states: dict[str, Any] = {}
        for name in endings:
            segment = pipeline.segments[name]
            if isinstance(segment, Gather | Batching) and getattr(segment.state, "timed", False):
                self._states[name] = segment.state

    def __bool__(self) -> bool:
        return bool(self._states)

    def due(self) -> float | None:
        """The monotonic second at which `tick` has something to do."""
        return self._due(self._states)

    def heard(self, source: str) -> None:
        """Something has come of a source."""
        for name, state in self._states.items():
            if source in self._endings.before(name):
                state.heard()

    def tick(self) -> bool:
        """Let happen what is due; whether anything was."""
        return self._tick(self._states)

    def pause(self, name: str, seconds: float) -> None:
        """Wait within the step of a segment, or until a stop is asked for; what is behind it goes
        on in time. No source is silent for being waited for."""
        now = self._environment.monotonic()
        until = now + seconds
        behind = reached(self._pipeline, name)
        states = {one: state for one, state in self._states.items() if one in behind}
        while now < until and not self._environment.stop.asked():
            due = self._due(states)
            self._environment.pause((until if due is None else min(until, max(due, now))) - now)
            for state in self._states.values():
                state.heard()
            self._tick(states)
            now = self._environment.monotonic()

    def _due(self, states: dict[str, Any]) -> float | None:
        dues = (state.due for state in states.values())
        return min((due for due in dues if due is not None), default=None)

    def _tick(self, states: dict[str, Any]) -> bool:
        woken = False
        for name, state in states.items():
            due = state.due
            if due is None or due > self._environment.monotonic():
                continue
            woken = True
            receipt = Receipt()
            found = state.wake(receipt)
            batching = isinstance(self._pipeline.segments[name], Batching)
            self._give(name, found if batching else [found], receipt)
        return woken
