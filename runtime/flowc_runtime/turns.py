"""Which sources are read: none that is ahead of another one with which it is merged by clocks."""

from __future__ import annotations

from .endings import Endings
from .segments import Aligned, Pipeline

__all__ = ["Turns"]


class Turns:
    """The merges by clocks of a pipeline. False where there are none."""

    def __init__(self, pipeline: Pipeline, endings: Endings) -> None:
        self._endings = endings
        self._states = {
            name: segment.state
            for name, segment in pipeline.segments.items()
            if isinstance(segment, Aligned)
        }

    def __bool__(self) -> bool:
        return bool(self._states)

    def of(self, sources: list[str]) -> list[str]:
        """Those of the sources that need not wait for others; all of them where none must."""
        held: set[str] = set()
        awaited: set[str] = set()
        for name, state in self._states.items():
            if state.is_awaited:
                awaited |= self._endings.before(name)
            elif state.waits:
                held |= self._endings.before(name)
        return [name for name in sources if name in awaited or name not in held] or sources
