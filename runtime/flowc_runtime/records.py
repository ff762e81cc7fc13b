"""The nouns that cross every boundary: batches, positions, nodes, sources and sinks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Protocol, runtime_checkable

from msgspec import Meta, Struct

from .errors import Diagnosis

__all__ = [
    "Batch",
    "BigInt",
    "ByteSink",
    "Capabilities",
    "HoldingSink",
    "Int32",
    "Int64",
    "ManySource",
    "Node",
    "Option",
    "Position",
    "Range",
    "RangeEndError",
    "RangedSource",
    "Reject",
    "Sink",
    "Source",
    "UInt32",
    "UInt64",
]

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
UInt32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
# msgspec keeps bounds in 64 signed bits; the codec checks the upper one.
UInt64 = Annotated[int, Meta(ge=0, extra={"maximum": 2**64 - 1})]
BigInt = int

Position = dict[str, int | str]
"""A small JSON value from which a source can read on; empty for a source that cannot."""


class Option(Struct, frozen=True):
    """What an option of a connector means, in one sentence; stands in `Annotated`."""

    doc: str


class Capabilities(Struct, frozen=True):
    """What a connector's source and sink can promise; the delivery verdict is derived from it."""

    replayable: bool
    ordered: bool
    idempotent: bool
    transactional: bool


class Node(Struct, frozen=True):
    """A node of the pipeline as its author wrote it. `kind` is source, stage or sink."""

    name: str
    kind: str
    place: str
    text: str


class Reject(Struct, frozen=True):
    """A record that could not be decoded: its bytes (cut if huge), why, and where it stood.

    `index` is the number of good records before it in its batch.
    """

    index: int
    original: bytes
    error: Exception
    position: Position


class Batch(Struct, frozen=True):
    """Records read together.

    `position` is where to read on after this batch. `original(i)` gives the bytes that
    `records[i]` was decoded from, where the source still has them.
    """

    records: list[Any]
    position: Position
    rejects: Sequence[Reject] = ()
    original: Callable[[int], bytes] | None = None


class Range(Struct, frozen=True):
    """A part of an input: from one position up to another; to the end where that is empty.

    `stop` may turn out to lie inside of a record; then the batches before it end short of it.
    `fresh`: what a position counts begins anew at `start`.
    """

    start: Position
    stop: Position
    fresh: bool = False


class RangeEndError(Exception):
    """The batches of a range have come to where it stops."""


class Source(Protocol):
    """Where records come from.

    `endless` sources have no end of their own; `label` is what messages call it; `resource` names
    the thing that is read, the same for a sink that writes it (empty if it cannot be both).
    """

    endless: bool
    label: str
    resource: str

    def open(self, position: Position | None) -> None:
        """Make ready to read, from the beginning or after `position`."""

    def batches(self) -> Iterator[Batch]:
        """Yield batches until the end; must be closed by `close` when left early."""

    def close(self) -> None:
        """Release what `open` took; safe to call twice."""

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of this source means to its user, or nothing."""


class Sink(Protocol):
    """Where records go. `write` keeps all records of a call or, raising RecordError, none."""

    label: str
    resource: str
    confirmed: int

    def open(self) -> None:
        """Make ready to write; checks what exists against what will be written."""

    def write(self, records: list[Any]) -> None:
        """Store the records; they count in `confirmed` no later than after `close`."""

    def flush(self) -> None:
        """Make durable all that was written."""

    def close(self, complete: bool) -> None:
        """Finish. `complete` says that the run reached its end: publish under the final name."""

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of this sink means to its user, or nothing."""


@runtime_checkable
class RangedSource(Source, Protocol):
    """A source whose input can be cut into ranges that are read apart."""

    counted: tuple[str, ...]
    """Parts of a position that count from the beginning of its range."""

    @property
    def input_bytes(self) -> int:
        """How much there is to read, once it is open; 0 where it cannot be cut."""

    def ranges(self, position: Position, size: int) -> list[Range]:
        """What comes after `position`, in ranges of about `size` bytes; none if it cannot be cut.

        The first one begins at `position`, and each of the others where the one before stops."""

    def open_range(self, range: Range) -> None:
        """Make ready to read a range: its batches end in a RangeEndError, or at the input's end."""


@runtime_checkable
class ManySource(Source, Protocol):
    """A source that may read several things."""

    def reads(self, resource: str) -> bool:
        """Whether what a sink calls its resource is, or would be, one of them."""


@runtime_checkable
class ByteSink(Sink, Protocol):
    """A sink of bytes: records can be encoded elsewhere."""

    def encode(self, records: list[Any]) -> tuple[bytes, int]:
        """The bytes of all records and how many they hold, or RecordError."""

    def append(self, data: bytes, count: int) -> None:
        """Store what was encoded."""


@runtime_checkable
class HoldingSink(Protocol):
    """A sink that would publish records before `close`, and can leave that."""

    def hold(self) -> None:
        """Called before `open`: publish all or nothing, at `close`."""
