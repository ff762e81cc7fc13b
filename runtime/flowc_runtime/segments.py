"""The parts a pipeline is made of when it runs: fused functions, state, the user's code, joints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, Protocol, runtime_checkable

from msgspec import Struct

from .environment import Environment
from .records import Node, Sink, Source
from .tally import Receipt, Tally

__all__ = [
    "Aligned",
    "Batching",
    "Fork",
    "Fused",
    "Gather",
    "Gathering",
    "Grouping",
    "Hold",
    "Holding",
    "Merge",
    "Mergeable",
    "Paced",
    "Pacing",
    "Piped",
    "Pipeline",
    "Route",
    "Running",
    "Segment",
    "SinkSegment",
    "SourceSegment",
    "State",
    "Stateful",
    "Tabulate",
    "Tabulating",
    "UserCode",
]


class State(Protocol):
    """An operator with memory. It sees each record once, after every step that can fail."""

    reason: str
    """Why records that it does not give back were dropped, for the accounts."""

    @property
    def done(self) -> bool:
        """No further record can come out, so upstream may stop."""

    def apply(self, records: list[Any]) -> list[Any]:
        """Take records in, give back those that go on."""

    def save(self) -> Any:
        """The state as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on from a saved state."""


class Gathering(Protocol):
    """An operator with memory that may keep records until later, or make other ones of them."""

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Take records in, give back those that leave now; the receipt says what became of
        the others."""

    def finish(self, receipt: Receipt) -> list[Any]:
        """The input has ended: give what is left. Called once, after every `apply`."""

    def save(self) -> Any:
        """The state as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on from a saved state."""


@runtime_checkable
class Mergeable(Gathering, Protocol):
    """A gathering operator whose states of two parts of its input make one of both.

    Its result depends on all the records and their order, not on how they were divided.
    """

    is_mergeable: bool

    def merge(self, saved: Any) -> None:
        """Take in the saved state of records that came later, and of none before."""


class Running(Gathering, Protocol):
    """One that runs something beside this process, which must be started and ended."""

    @property
    def done(self) -> bool:
        """It takes no further record."""

    def open(self, environment: Environment) -> None:
        """Start it. Raises RunError."""

    def close(self) -> None:
        """End it, if it still runs; safe to call twice."""


class Grouping(Protocol):
    """An operator that says which records the next sink or remote step is given at once."""

    timed: bool

    @property
    def due(self) -> float | None:
        """The second of the environment's monotonic clock at which to wake it."""

    def heard(self) -> None:
        """A source before it has given something."""

    def apply(self, records: list[Any], receipt: Receipt) -> list[list[Any]]:
        """Take records in, give the groups that are complete."""

    def wake(self, receipt: Receipt) -> list[list[Any]]:
        """Give what has waited long enough."""

    def finish(self, receipt: Receipt) -> list[list[Any]]:
        """The input has ended: give what is left."""

    def save(self) -> Any:
        """The state as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on from a saved state."""


class Pacing(Protocol):
    """An operator that lets records pass when it is time for them."""

    def take(self, count: int) -> int:
        """How many of so many records may pass now."""

    def wait(self, count: int) -> float:
        """Seconds until some of so many may pass."""

    def save(self) -> Any:
        """The state as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on from a saved state."""


class SourceSegment(Struct, frozen=True):
    """Reads `source` for `node`."""

    source: Source
    node: str


class Fused(Struct, frozen=True):
    """A pure function that does the work of `nodes`, in this order, on a list of records.

    It must not change its records. When it raises, its tally is thrown away and it is called
    again with one record at a time.
    """

    function: Callable[[list[Any], Tally], list[Any]]
    nodes: tuple[str, ...]


class Stateful(Struct, frozen=True):
    """An operator with memory."""

    state: State
    node: str


class Gather(Struct, frozen=True):
    """An operator that gathers records.

    `prepared`: a `Fused` before it does a part of the node's work, and has the node in its
    `nodes`. `whole`: it must see every record of its input, whatever is wanted behind it.
    """

    state: Gathering
    node: str
    prepared: bool = False
    whole: bool = False


class Piped(Gather, frozen=True):
    """A program that records stream through: an operator whose memory lies outside."""

    state: Running


class Aligning(Gathering, Protocol):
    """One of several streams that are merged by their clocks; it gives records of them all."""

    @property
    def waits(self) -> bool:
        """Records of it wait for another stream."""

    @property
    def is_awaited(self) -> bool:
        """Records of others wait for it."""


class Aligned(Gather, frozen=True):
    """Where one stream comes into a merge by clocks, before the work of `node`.

    It does no work of a node: records that wait here are booked as held by `node`, until they go on.
    """

    state: Aligning


class Tabulating(Protocol):
    """A table that is filled before records are looked up in it."""

    @property
    def is_whole(self) -> bool:
        """All its records have come."""

    def take(self, records: list[Any], receipt: Receipt) -> None:
        """Keep records; the receipt says what became of them."""

    def complete(self) -> None:
        """No more will come: from now on records can be found."""

    def save(self) -> Any:
        """The state as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on from a saved state."""


class Tabulate(Struct, frozen=True):
    """Fills a table in which the segment `reader`, which works for `node`, finds records.

    The sources of a table are read before those of its reader. `prepared` as in `Gather`.
    """

    table: Tabulating
    node: str
    reader: str
    prepared: bool = False


class Holding(Protocol):
    """Records that wait."""

    def keep(self, records: list[Any]) -> None:
        """Keep records."""

    def release(self) -> list[Any]:
        """Give the records back, in the order in which they came."""

    def save(self) -> Any:
        """The state as a JSON value."""

    def restore(self, saved: Any) -> None:
        """Go on from a saved state."""


class Hold(Struct, frozen=True):
    """Keeps the records of `node` until the table that the segment `table` fills is whole.

    It stands where they come from a source that fills the table, too.
    """

    state: Holding
    node: str
    table: str


class Batching(Struct, frozen=True):
    """An operator that hands records on in groups of its own."""

    state: Grouping
    node: str


class Paced(Struct, frozen=True):
    """An operator that holds records back until it is time for them."""

    state: Pacing
    node: str


class UserCode(Struct, frozen=True):
    """A function of the user, called once a record, never again for the same one.

    `takes` is the type of its parameter and `gives` the record type that goes on; values are
    converted between by name, so a wrong value from the user's code is a ValidationError.
    `kind`: `one` returns a record, `maybe` a record or None, `many` an iterable of records.
    """

    function: Callable[[Any], Any]
    takes: Any
    gives: Any
    kind: Literal["one", "maybe", "many"]
    node: str


class Fork(Struct, frozen=True):
    """Gives every record to each segment it is linked to."""

    node: str


class Route(Struct, frozen=True):
    """A pure function that divides records: one list for each of `branches`, in this order.

    A branch is the name of a segment, or None for `discard`. Records in no list are counted as
    dropped by the function's tally.
    """

    function: Callable[[list[Any], Tally], tuple[list[Any], ...]]
    branches: tuple[str | None, ...]
    node: str


class Merge(Struct, frozen=True):
    """Brings several links together; no node of its own."""


class SinkSegment(Struct, frozen=True):
    """Writes to `sink` for `node`."""

    sink: Sink
    node: str


Segment = (
    SourceSegment
    | Fused
    | Stateful
    | Gather
    | Tabulate
    | Hold
    | Batching
    | Paced
    | UserCode
    | Fork
    | Route
    | Merge
    | SinkSegment
)


class Pipeline(Struct, frozen=True):
    """All that a run needs.

    `segments` by name, `links` between them in declared order (those of a Route are its
    branches and need not be listed), `digest` the hash of the pipeline's text.
    """

    name: str
    nodes: tuple[Node, ...]
    segments: dict[str, Segment]
    links: tuple[tuple[str, str], ...]
    digest: str = ""

    def targets(self, name: str) -> Iterable[str]:
        """The segments that `name` gives records to, in declared order."""
        segment = self.segments[name]
        if isinstance(segment, Route):
            return [branch for branch in segment.branches if branch is not None]
        return [target for origin, target in self.links if origin == name]

    def behind(self, name: str) -> Iterable[str]:
        """The segments that depend on what comes to `name`: its targets, or who reads its table."""
        segment = self.segments[name]
        return [segment.reader] if isinstance(segment, Tabulate) else self.targets(name)
