"""One range of an input, worked on by itself: what a worker process does, and what it hands over.

Whatever stands between a source and the next sinks and gathering operators must see records one
by one or batch by batch, with no memory of those before; sinks then give bytes, and gathering
operators a state that is merged with those of the ranges before.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from .deadletter import DeadLetters, Envelope, GatheredLetters
from .environment import Environment
from .errors import Diagnosis
from .flow import Flow
from .records import ByteSink, Position, Range, RangedSource, RangeEndError
from .segments import (
    Fork,
    Fused,
    Gather,
    Merge,
    Mergeable,
    Pipeline,
    Route,
    SinkSegment,
    SourceSegment,
)
from .tally import Account, Accounts
from .values.lost import LOST, ZONELESS, note_zoneless

__all__ = ["Failure", "RangeResult", "RangeWork", "obstacle"]


def obstacle(pipeline: Pipeline, name: str) -> str:
    """Why the input of a source segment cannot be worked on in ranges; empty if it can."""
    segment = pipeline.segments[name]
    if not isinstance(segment, SourceSegment) or not isinstance(segment.source, RangedSource):
        label = segment.source.label if isinstance(segment, SourceSegment) else name
        return f"{label} cannot be read in parts"
    waiting, seen = list(pipeline.targets(name)), set[str]()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        match pipeline.segments[at]:
            case Fused() | Route() | Fork() | Merge():
                waiting.extend(pipeline.targets(at))
            case Gather(state=state, node=node):
                if not isinstance(state, Mergeable) or not state.is_mergeable:
                    return f"{node} needs the records one after another"
            case SinkSegment(sink=sink):
                if not isinstance(sink, ByteSink):
                    return f"{sink.label} takes the records one after another"
            case other:
                return f"{other.node} needs the records one after another"
    return ""


class Failure(Struct, frozen=True):
    """Why a range failed: something to tell the user, or a bug of ours with its traceback."""

    diagnosis: Diagnosis | None
    exit_code: int
    details: str = ""


class RangeResult(Struct, frozen=True):
    """What became of a range.

    `whole` is false where it stops inside of a record: all else then counts for nothing. `accounts` has (received, passed, dropped, dead, absorbed,
    produced) by node; `outputs` bytes and how many records they hold, by sink; `states` by
    gathering operator. `counted` is how far the range took those parts of a position that are
    counted from its beginning.
    """

    number: int
    whole: bool = True
    accounts: dict[str, tuple[int, int, dict[str, int], int, int, int]] = {}
    letters: list[Envelope] = []
    outputs: dict[str, tuple[bytes, int]] = {}
    states: dict[str, Any] = {}
    counted: dict[str, int] = {}
    cut_timestamps: int = 0
    zoneless_timestamps: bool = False
    failure: Failure | None = None

    def recount(self, counted: dict[str, int]) -> None:
        """Count positions from the beginning of the input, given what was counted before this
        range; then `counted` has it in."""
        for envelope in self.letters:
            place = envelope.position
            if place is not None:
                envelope.position = {
                    part: int(at) + counted[part] if part in counted else at
                    for part, at in place.items()
                }
        for part, count in self.counted.items():
            counted[part] += count

    def add_to(self, accounts: Accounts, letters: DeadLetters) -> None:
        """Take books and dead letters over."""
        for node, (received, passed, dropped, dead, absorbed, produced) in self.accounts.items():
            account = accounts[node]
            account.received += received
            account.passed += passed
            account.dropped.update(dropped)
            account.dead += dead
            account.absorbed += absorbed
            account.produced += produced
        for envelope in self.letters:
            letters.take(envelope)
        LOST.set(LOST.get() + self.cut_timestamps)
        if self.zoneless_timestamps:
            note_zoneless()


class _Bytes:
    """Stands for a sink: encodes, and keeps the bytes."""

    def __init__(self, sink: ByteSink) -> None:
        self.label = sink.label
        self.resource = sink.resource
        self.confirmed = 0
        self._sink = sink
        self._parts: list[bytes] = []

    def open(self) -> None:
        """Nothing to do: the sink itself is open elsewhere."""

    def write(self, records: list[Any]) -> None:
        """Encode all of the records, or raise RecordError."""
        data, count = self._sink.encode(records)
        self._parts.append(data)
        self.confirmed += count

    def taken(self) -> tuple[bytes, int]:
        """What was kept, and how many records it holds; begins anew."""
        found = b"".join(self._parts), self.confirmed
        self._parts.clear()
        self.confirmed = 0
        return found

    def flush(self) -> None:
        """Nothing to do."""

    def close(self, complete: bool) -> None:
        """Nothing to do."""

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """What the sink says of it."""
        return self._sink.diagnose(error)


class RangeWork:
    """Works on ranges of the source segment `name`, one after another.

    `empty` holds the state of each gathering operator before any record, by segment.
    """

    def __init__(
        self, pipeline: Pipeline, name: str, empty: dict[str, Any], environment: Environment
    ) -> None:
        source = pipeline.segments[name]
        assert isinstance(source, SourceSegment)
        assert isinstance(source.source, RangedSource)
        self._name = name
        self._node = source.node
        self._source = source.source
        self._environment = environment
        self._sinks = {
            at: _Bytes(segment.sink)
            for at, segment in pipeline.segments.items()
            if isinstance(segment, SinkSegment) and isinstance(segment.sink, ByteSink)
        }
        self._pipeline = msgspec.structs.replace(
            pipeline,
            segments={
                **pipeline.segments,
                **{
                    at: SinkSegment(sink, pipeline.segments[at].node)  # type: ignore[union-attr]
                    for at, sink in self._sinks.items()
                },
            },
        )
        self._states = {
            at: segment.state
            for at, segment in pipeline.segments.items()
            if isinstance(segment, Gather) and at in empty
        }
        self._empty = empty

    def __call__(self, number: int, range: Range) -> RangeResult:
        """Work on one range. What fails beyond single records is raised."""
        for at, state in self._states.items():
            state.restore(self._empty[at])
        LOST.set(0)
        ZONELESS.set(False)
        accounts = Accounts(self._pipeline.nodes)
        letters = GatheredLetters(self._pipeline.name, self._pipeline.digest, self._environment)
        flow = Flow(self._pipeline, accounts, letters, self._environment, dry_run=False)
        ended = self._read(range, flow)
        outputs = {at: sink.taken() for at, sink in self._sinks.items()}
        if range.stop and self._place(ended) != self._place(range.stop):
            return RangeResult(number, whole=False)
        return RangeResult(
            number,
            accounts={name: _row(account) for name, account in accounts.nodes.items()},
            letters=letters.envelopes,
            outputs={at: output for at, output in outputs.items() if output[1]},
            states={at: state.save() for at, state in self._states.items()},
            counted={part: int(ended[part]) for part in self._source.counted if part in ended},
            cut_timestamps=LOST.get(),
            zoneless_timestamps=ZONELESS.get(),
        )

    def _place(self, position: Position) -> Position:
        """A position without what is only counted."""
        counted = self._source.counted
        return {part: value for part, value in position.items() if part not in counted}

    def _read(self, range: Range, flow: Flow) -> Position:
        """Take the batches of a range through the pipeline; gives the position at their end."""
        ended = range.start
        self._source.open_range(range)
        try:
            for batch in self._source.batches():
                flow.push(self._name, self._node, batch)
                ended = batch.position
        except RangeEndError:
            pass
        finally:
            self._source.close()
        return ended


def _row(account: Account) -> tuple[int, int, dict[str, int], int, int, int]:
    return (
        account.received,
        account.passed,
        dict(Counter(account.dropped)),
        account.dead,
        account.absorbed,
        account.produced,
    )
