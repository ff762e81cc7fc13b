"""When an input has ended that is waited for: as soon as each source before it has."""

from __future__ import annotations

from .segments import Gather, Pipeline, SourceSegment, Tabulate

__all__ = ["Endings"]


class Endings:
    """The gathering operators and tables of a pipeline, and the sources that still feed each."""

    def __init__(self, pipeline: Pipeline) -> None:
        behind = _Behind(pipeline)
        states = [
            name
            for name, segment in pipeline.segments.items()
            if isinstance(segment, Gather | Tabulate)
        ]
        # What stands behind another has less behind itself.
        states.sort(key=lambda name: len(behind.of(name)), reverse=True)
        self._waits: dict[str, set[str]] = {name: set() for name in states}
        for source, segment in pipeline.segments.items():
            if isinstance(segment, SourceSegment):
                for name in behind.of(source):
                    if name in self._waits:
                        self._waits[name].add(source)

    def left(self) -> list[str]:
        """Those that some source still feeds, each before the ones that it feeds."""
        return [name for name, waits in self._waits.items() if waits]

    def after(self, source: str) -> list[str]:
        """Those whose last source this was, each before the ones that it feeds."""
        over = []
        for name, waits in self._waits.items():
            if source in waits:
                waits.remove(source)
                if not waits:
                    over.append(name)
        return over


class _Behind:
    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def of(self, start: str) -> set[str]:
        """The segments that records of `start` can reach, or that read tables of them."""
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for target in self._pipeline.behind(waiting.pop()):
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found
