"""When an input has ended that is waited for: as soon as each source before it has."""

from __future__ import annotations

from collections.abc import Iterator

from .segments import Batching, Gather, Pipeline, SourceSegment, Tabulate

__all__ = ["Endings", "reached"]


class Endings:
    """The gathering operators and tables of a pipeline, and the sources that still feed each."""

    def __init__(self, pipeline: Pipeline) -> None:
        behind = {
            name: reached(pipeline, name)
            for name, segment in pipeline.segments.items()
            if isinstance(segment, Gather | Tabulate | Batching | SourceSegment)
        }
        sources = [n for n in behind if isinstance(pipeline.segments[n], SourceSegment)]
        states = [name for name in behind if name not in sources]
        # What stands behind another has less behind itself.
        states.sort(key=lambda name: len(behind[name]), reverse=True)
        self._waits: dict[str, set[str]] = {name: set() for name in states}
        for source in sources:
            for name in behind[source] & self._waits.keys():
                self._waits[name].add(source)

    def before(self, name: str) -> set[str]:
        """The sources that still feed a gathering operator."""
        return self._waits[name]

    def __iter__(self) -> Iterator[str]:
        """The gathering operators, each before the ones that it feeds."""
        return iter(self._waits)

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


def reached(pipeline: Pipeline, start: str) -> set[str]:
    """The segments that records of `start` can reach, or that read tables of them."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in pipeline.behind(waiting.pop()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found
