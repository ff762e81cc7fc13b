"""Reads a large input by several processes: decides whether, and takes their results in order."""

from __future__ import annotations

from collections.abc import Callable

from .environment import Environment
from .ranges import RangeResult, RangeWork, obstacle
from .records import Position, RangedSource
from .segments import Gather, Mergeable, Pipeline, SourceSegment
from .workers import Workers, can_fork

__all__ = ["Parallel"]


class Parallel:
    """What a run needs to know to work on inputs in ranges.

    Made before the first record is read, since workers begin with empty states. `count` is the
    number of processes; an input that has less than `least` bytes left is read by one.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        count: int,
        least: int,
        range_bytes: int,
        environment: Environment,
    ) -> None:
        self.count = count
        self._least = least
        self._pipeline = pipeline
        self._range_bytes = range_bytes
        self._environment = environment
        sources = [n for n, s in pipeline.segments.items() if isinstance(s, SourceSegment)]
        self._obstacles = {name: obstacle(pipeline, name) for name in sources}
        self._able = self.count > 1 and can_fork() and not all(self._obstacles.values())
        self._empty = {
            at: segment.state.save()
            for at, segment in pipeline.segments.items()
            if self._able and isinstance(segment, Gather) and isinstance(segment.state, Mergeable)
        }

    @property
    def reasons(self) -> list[str]:
        """Why no input can be worked on in ranges; none if one can."""
        if self.count < 1:
            return ["one process is the least"]
        if not can_fork():
            return ["this system, or a program that has other threads, cannot copy its process"]
        found = list(dict.fromkeys(self._obstacles.values()))
        return [] if "" in found else found

    def can_cut(self, name: str) -> bool:
        """Whether the input of a source segment could be worked on in ranges."""
        return self._able and not self._obstacles[name]

    def read(
        self,
        name: str,
        position: Position,
        take: Callable[[RangeResult], bool],
    ) -> Position | None:
        """Work on what comes after a position, if it is much.

        Args:
            take: is given what became of each range, in order; false says that it is enough.

        Returns:
            Where to read on record by record; None if nothing is left to read.
        """
        segment = self._pipeline.segments[name]
        assert isinstance(segment, SourceSegment)
        assert isinstance(segment.source, RangedSource)
        ranges = segment.source.ranges(position, self._range_bytes)
        if len(ranges) < 2 or (len(ranges) - 1) * self._range_bytes < self._least:
            return position
        work = RangeWork(self._pipeline, name, self._empty, self._environment)
        counted = {p: int(position.get(p, 0)) for p in segment.source.counted}
        asked = self._environment.stop.asked
        with Workers(lambda n: work(n, ranges[n]), len(ranges), self.count) as workers:
            for result in workers.results(asked):
                if ranges[result.number].fresh:
                    counted = dict.fromkeys(counted, 0)
                if not result.whole:
                    return {**ranges[result.number].start, **counted}
                result.recount(counted)
                if not take(result):
                    return None
        return None
