"""The graph of a run: takes batches through the segments to the sinks and keeps the books."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple, assert_never

from .deadletter import DeadLetters
from .endings import Endings
from .environment import Environment
from .errors import InternalError, OutputClosedError, RecordError, ResourceError, RunError
from .places import failing_node, raised_in
from .records import Batch, ByteSink, Position, Sink, Source
from .segments import (
    Aligned,
    Batching,
    Fork,
    Fused,
    Gather,
    Hold,
    Merge,
    Paced,
    Piped,
    Pipeline,
    Route,
    Segment,
    SinkSegment,
    SourceSegment,
    Stateful,
    Tabulate,
    UserCode,
)
from .tally import Accounts, Receipt, Tally
from .timers import Timers
from .tracing import Counts, Trace
from .turns import Turns
from .usercode import as_record_error, caller
from .values.lost import LOST

__all__ = ["Flow", "explained"]

_NOTHING = Batch([], {})
_NOWHERE = Trace([])
_PART = 2_048
"""What was gathered until the end of the input goes on in parts of so many records."""

_CLOSED = "after the output was closed"

_Outputs = list[tuple[str, list[Any]]]
_Step = Callable[[list[Any]], _Outputs]


class Flow:
    """What happens to records between sources and sinks, one batch at a time.

    `bounded` says whether the source that is read ends by itself: then a stop need not wait for
    the user's code to see all that was read. `closed_outputs` are sinks that nobody reads any
    more, `failures` what was found wrong with the whole of a stream.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        accounts: Accounts,
        letters: DeadLetters,
        environment: Environment,
        *,
        dry_run: bool,
    ) -> None:
        self.bounded = True
        self.closed_outputs: set[str] = set()
        self.failures: list[str] = []
        self._pipeline = pipeline
        self._accounts = accounts
        self._letters = letters
        self._stop = environment.stop
        self._dry_run = dry_run
        self._nodes = {node.name: node for node in pipeline.nodes}
        self._targets = {name: list(pipeline.targets(name)) for name in pipeline.segments}
        for name, segment in pipeline.segments.items():
            ends = isinstance(segment, SinkSegment | Route | Tabulate)
            if not ends and not self._targets[name]:
                raise InternalError(f"the segment {name} leads nowhere")
        self._steps: dict[str, _Step] = {
            name: self._step(name, segment)
            for name, segment in pipeline.segments.items()
            if not isinstance(segment, SourceSegment)
        }
        self._endings = Endings(pipeline)
        self.turns = Turns(pipeline, self._endings)
        self.timers = Timers(pipeline, self._endings, environment, self._give)
        self._held: dict[str, list[str]] = {}
        for name, segment in pipeline.segments.items():
            if isinstance(segment, Hold):
                self._held.setdefault(segment.table, []).append(name)
        self._has_ends = any(isinstance(s, Stateful | Piped) for s in pipeline.segments.values())
        self._batch = _NOTHING
        self._index: dict[int, int] | None = None
        self._order = {node.name: number for number, node in enumerate(pipeline.nodes)}
        self._trace = _NOWHERE
        # How many records the user's code made of each of the last ones that it saw.
        self._made: list[int] = []
        # Of the batch: place in it, order of the node, node, and what became of the record.
        self._dead_ones: list[tuple[int, int, str, _Letter]] = []

    def push(self, name: str, node: str, batch: Batch) -> None:
        """Take a batch of the source segment `name`, which reads for `node`, to its ends."""
        account = self._accounts[node]
        account.received += len(batch.records) + len(batch.rejects)
        account.passed += len(batch.records)
        account.dead += len(batch.rejects)
        for reject in batch.rejects:
            letter = _Letter(reject.error, reject.original, None, reject.position)
            self._dead_ones.append((reject.index, -1, node, letter))
        self.timers.heard(name)
        self._batch = batch
        try:
            self._send(name, batch.records)
        finally:
            # Let go of the batch before the next is decoded: two would not stay in the cache.
            self._batch = _NOTHING
            self._index = None
            self._trace = _NOWHERE
            self._put_letters()

    def _send(self, name: str, records: list[Any]) -> None:
        """Take what leaves a segment to its ends, depth first: each sink sees records in order."""
        steps = self._steps
        trace = Trace(records)
        waiting = [(target, trace) for target in reversed(self._targets[name])]
        while waiting:
            target, trace = waiting.pop()
            if trace.records:
                self._trace = trace
                outputs = steps[target](trace.records)
                waiting.extend(
                    (after, Trace(found, trace, self._counts(target, after)))
                    for after, found in reversed(outputs)
                )

    def _counts(self, name: str, after: str) -> Counts | None:
        """How many records the segment `name` makes of each one that it gives to `after`."""
        match self._pipeline.segments[name]:
            case Fused(function=make):
                return _asked_again(lambda records: make(records, Tally()))
            case Route(function=divide, branches=branches):
                at = branches.index(after)
                return _asked_again(lambda records: divide(records, Tally())[at])
            case UserCode():
                made = self._made
                return lambda _: made
            case Fork() | Merge():
                return lambda records: [1] * len(records)
            case _:
                return None

    def end(self, source: str) -> None:
        """The source segment has ended: what was gathered of it goes on."""
        for name in self._endings.after(source):
            segment = self._pipeline.segments[name]
            if isinstance(segment, Tabulate):
                segment.table.complete()
                for held in self._held.get(name, ()):
                    self._release(held)
            else:
                self._finish(name)

    def drain(self) -> None:
        """The run was stopped: batches go on as they are, no stream waits for
        another, and programs give what they still make of
        what they were given."""
        for name in self._endings.left():
            if isinstance(self._pipeline.segments[name], Piped | Batching | Aligned):
                self._finish(name)

    def _finish(self, name: str) -> None:
        segment = self._pipeline.segments[name]
        receipt = Receipt()
        if isinstance(segment, Batching):
            self._give(name, segment.state.finish(receipt), receipt)
        else:
            assert isinstance(segment, Gather)
            self._give(name, [segment.state.finish(receipt)], receipt)

    def _give(self, name: str, groups: list[list[Any]], receipt: Receipt) -> None:
        """Send on what a gathering operator held."""
        segment = self._pipeline.segments[name]
        assert isinstance(segment, Gather | Batching)
        left = sum(map(len, groups))
        if isinstance(segment, Aligned):
            self._accounts.wait(segment.node, -left)
        else:
            self._book_gathered(segment, 0, left, receipt)
        self._put_letters()
        for group in groups:
            self._send_parts(name, group, len(group) if isinstance(segment, Batching) else _PART)

    def _send_parts(self, name: str, records: list[Any], size: int = _PART) -> None:
        for at in range(0, len(records), max(size, 1)):
            try:
                self._send(name, records[at : at + size])
            finally:
                self._trace = _NOWHERE
                self._put_letters()

    def _release(self, name: str) -> None:
        """What waited for a table goes on."""
        segment = self._pipeline.segments[name]
        assert isinstance(segment, Hold)
        records = segment.state.release()
        self._accounts.wait(segment.node, -len(records))
        self._send_parts(name, records)

    def append(self, name: str, data: bytes, count: int) -> None:
        """Give the sink segment `name` what was encoded elsewhere, and booked there as received."""
        segment = self._pipeline.segments[name]
        assert isinstance(segment, SinkSegment)
        assert isinstance(segment.sink, ByteSink)
        if name not in self.closed_outputs:
            try:
                segment.sink.append(data, count)
                return
            except OutputClosedError:
                self.closed_outputs.add(name)
            except Exception as error:
                raise explained(error, segment.sink) from error
        self._accounts[segment.node].dropped[_CLOSED] += count

    def over(self, name: str) -> bool:
        """Whether nothing downstream of the segment `name` wants another record."""
        return (self._has_ends or bool(self.closed_outputs)) and self._over(name)

    def _over(self, name: str) -> bool:
        segment = self._pipeline.segments[name]
        if isinstance(segment, SinkSegment):
            return name in self.closed_outputs
        if isinstance(segment, Stateful) and segment.state.done:
            return True
        if isinstance(segment, Piped) and segment.state.done:
            return True
        if isinstance(segment, Gather) and segment.whole:
            return False
        return all(map(self._over, self._pipeline.behind(name)))

    # One step for each segment

    def _step(self, name: str, segment: Segment) -> _Step:
        match segment:
            case Fused():
                return self._fused(name, segment)
            case Route():
                return self._route(segment)
            case Stateful():
                return self._stateful(name, segment)
            case Aligned():
                return self._align(name, segment)
            case Gather():
                return self._gather(name, segment)
            case Tabulate():
                return self._tabulate(segment)
            case Hold():
                return self._hold(name, segment)
            case Batching():
                return self._batching(name, segment)
            case Paced():
                return self._paced(name, segment)
            case UserCode():
                return self._user_code(name, segment)
            case SinkSegment():
                return self._sink(name, segment)
            case Fork():
                return self._fork(name, segment)
            case Merge():
                targets = self._targets[name]
                return lambda records: [(target, records) for target in targets]
            case SourceSegment():
                raise InternalError(f"records were sent to the source {name}")
            case _:
                assert_never(segment)

    def _fused(self, name: str, segment: Fused) -> _Step:
        function, chain, targets = segment.function, segment.nodes, self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            tally = Tally()
            lost = LOST.get()
            try:
                kept = function(records, tally)
            except Exception:
                LOST.set(lost)
                tally = Tally()
                kept = []
                for part in self._one_by_one(function, records, tally, chain):
                    kept.extend(part)
            self._book(chain, len(records), len(kept), tally)
            return [(target, kept) for target in targets]

        return step

    def _route(self, segment: Route) -> _Step:
        function, branches, chain = segment.function, segment.branches, (segment.node,)

        def step(records: list[Any]) -> _Outputs:
            tally = Tally()
            lost = LOST.get()
            try:
                parts = function(records, tally)
            except Exception:
                LOST.set(lost)
                tally = Tally()
                parts = tuple([] for _ in branches)
                for divided in self._one_by_one(function, records, tally, chain):
                    for part, found in zip(parts, divided, strict=True):
                        part.extend(found)
            outputs = []
            left = 0
            for branch, part in zip(branches, parts, strict=True):
                if branch is None:
                    tally.drop(segment.node, len(part), "discarded")
                else:
                    left += len(part)
                    outputs.append((branch, part))
            self._book(chain, len(records), left, tally)
            return outputs

        return step

    def _one_by_one(
        self,
        function: Callable[[list[Any], Tally], Any],
        records: list[Any],
        tally: Tally,
        chain: tuple[str, ...],
    ) -> Any:
        """Call a pure function for each record alone; those that raise become rejects."""
        # A function that reads settings comes as a partial of the one that was generated.
        code = getattr(getattr(function, "func", function), "__code__", None)
        for record in records:
            own = Tally()
            try:
                result = function([record], own)
            except Exception as error:
                if code is None:
                    node = None
                else:
                    if isinstance(error, NameError | AttributeError) and raised_in(error, code):
                        raise
                    node = failing_node(error, code, (self._nodes[name] for name in chain))
                tally.reject(chain[0] if node is None else node.name, record, error)
            else:
                tally.add(own)
                yield result

    def _stateful(self, name: str, segment: Stateful) -> _Step:
        state, chain, targets = segment.state, (segment.node,), self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            passed = state.apply(records)
            tally = Tally()
            tally.drop(segment.node, len(records) - len(passed), state.reason)
            self._book(chain, len(records), len(passed), tally)
            return [(target, passed) for target in targets]

        return step

    def _gather(self, name: str, segment: Gather) -> _Step:
        state, targets = segment.state, self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            receipt = Receipt()
            left = state.apply(records, receipt)
            self._book_gathered(segment, len(records), len(left), receipt)
            return [(target, left) for target in targets]

        return step

    def _align(self, name: str, segment: Aligned) -> _Step:
        state, targets = segment.state, self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            left = state.apply(records, Receipt())
            self._accounts.wait(segment.node, len(records) - len(left))
            return [(target, left) for target in targets]

        return step

    def _tabulate(self, segment: Tabulate) -> _Step:
        def step(records: list[Any]) -> _Outputs:
            receipt = Receipt()
            segment.table.take(records, receipt)
            self._book_gathered(segment, len(records), 0, receipt)
            return []

        return step

    def _hold(self, name: str, segment: Hold) -> _Step:
        filling = self._pipeline.segments[segment.table]
        assert isinstance(filling, Tabulate)
        table, state, targets = filling.table, segment.state, self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            if table.is_whole:
                return [(target, records) for target in targets]
            state.keep(records)
            self._accounts.wait(segment.node, len(records))
            return []

        return step

    def _batching(self, name: str, segment: Batching) -> _Step:
        state, targets = segment.state, self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            receipt = Receipt()
            groups = state.apply(records, receipt)
            self._book_gathered(segment, len(records), sum(map(len, groups)), receipt)
            return [(target, group) for group in groups for target in targets]

        return step

    def _paced(self, name: str, segment: Paced) -> _Step:
        state, node, targets = segment.state, segment.node, self._targets[name]
        asked = self._stop.asked

        def step(records: list[Any]) -> _Outputs:
            trace = self._trace
            count = state.take(len(records))
            while not count and not asked():
                self.timers.pause(name, state.wait(len(records)))
                count = state.take(len(records))
            self._trace = trace
            tally = Tally()
            passed, rest = records[:count], records[count:]
            if rest and asked():
                if self.bounded:
                    # What is cut short is not published; waiting for its time would be in vain.
                    tally.drop(node, len(rest), "not reached before the stop")
                else:
                    passed = records
                rest = []
            self._book((node,), len(records) - len(rest), len(passed), tally)
            # What is left comes to this step again once these have reached their ends.
            return [*((target, passed) for target in targets), (name, rest)]

        return step

    def _book_gathered(
        self, segment: Gather | Tabulate | Batching, received: int, left: int, receipt: Receipt
    ) -> None:
        prepared = not isinstance(segment, Batching) and segment.prepared
        self._accounts.settle_gathered(segment.node, received, left, receipt, prepared=prepared)
        for record, error in receipt.rejects:
            self._dead(segment.node, record, error)
        for made, spoiled in receipt.spoiled:
            known = {"original": made} if isinstance(made, bytes) else {"record": made}
            self._letters.add(self._nodes[segment.node], spoiled, **known)
        place = self._nodes[segment.node].place
        self.failures += [f"{failure} ({place})" for failure in receipt.failures]

    def _user_code(self, name: str, segment: UserCode) -> _Step:
        call, node, targets = caller(segment), segment.node, self._targets[name]
        asked = self._stop.asked

        def step(records: list[Any]) -> _Outputs:
            tally = Tally()
            kept: list[Any] = []
            counts = self._made = [0] * len(records)
            for at, record in enumerate(records):
                if asked() and self.bounded:
                    # What is cut short is not published; waiting for slow code would be in vain.
                    tally.drop(node, len(records) - at, "not reached before the stop")
                    break
                try:
                    made = call(record)
                # An exit asked for by a processor must not end the run unaccounted.
                except (Exception, SystemExit) as error:
                    tally.reject(node, record, as_record_error(error, segment.function))
                    continue
                if made:
                    counts[at] = len(made)
                    tally.produce(node, len(made) - 1)
                    kept.extend(made)
                else:
                    tally.drop(node, 1, "not returned")
            self._book((node,), len(records), len(kept), tally)
            return [(target, kept) for target in targets]

        return step

    def _fork(self, name: str, segment: Fork) -> _Step:
        account, targets = self._accounts[segment.node], self._targets[name]

        def step(records: list[Any]) -> _Outputs:
            account.received += len(records)
            account.passed += len(records)
            return [(target, records) for target in targets]

        return step

    def _sink(self, name: str, segment: SinkSegment) -> _Step:
        sink, node, account = segment.sink, segment.node, self._accounts[segment.node]

        def write(records: list[Any]) -> None:
            try:
                sink.write(records)
            except OutputClosedError:
                self.closed_outputs.add(name)
                account.dropped[_CLOSED] += len(records)
            except RecordError as error:
                if len(records) == 1:
                    account.dead += 1
                    self._dead(node, records[0], error)
                else:
                    for record in records:
                        write([record])
            except Exception as error:
                raise explained(error, sink) from error

        def step(records: list[Any]) -> _Outputs:
            account.received += len(records)
            if self._dry_run:
                account.dropped["not written: dry run"] += len(records)
            elif name in self.closed_outputs:
                account.dropped[_CLOSED] += len(records)
            else:
                write(records)
            return []

        return step

    def _book(self, chain: tuple[str, ...], received: int, left: int, tally: Tally) -> None:
        self._accounts.settle(chain, received, left, tally)
        for node, record, error in tally.rejects:
            self._dead(node, record, error)

    def _dead(self, node: str, record: object, error: Exception) -> None:
        """Send a record to the dead letter, by its original bytes if it is still as decoded."""
        original = None
        if self._batch.original is not None:
            if self._index is None:
                self._index = {id(known): i for i, known in enumerate(self._batch.records)}
            at = self._index.get(id(record))
            if at is not None:
                original = self._batch.original(at)
        letter = _Letter(error, original, record, None)
        self._dead_ones.append((self._trace.place(record), self._order[node], node, letter))

    def _put_letters(self) -> None:
        """Write the dead letters of a batch: in the order of its records, then of the nodes."""
        self._dead_ones.sort(key=itemgetter(0, 1))
        for _, _, node, letter in self._dead_ones:
            self._letters.add(
                self._nodes[node],
                letter.error,
                original=letter.original,
                record=letter.record,
                position=letter.position,
            )
        self._dead_ones.clear()


class _Letter(NamedTuple):
    """A dead record: its original bytes, or as it is now."""

    error: Exception
    original: bytes | None
    record: object
    position: Position | None


def _asked_again(step: Callable[[list[Any]], list[Any]]) -> Counts:
    def count(record: Any) -> int:
        try:
            return len(step([record]))
        except Exception:
            return 0

    def counts(records: list[Any]) -> list[int]:
        lost = LOST.get()
        found = list(map(count, records))
        LOST.set(lost)
        return found

    return counts


def explained(error: Exception, end: Source | Sink) -> Exception:
    """An error of a source or a sink as what the user is told; one of ours as it is."""
    if isinstance(error, RunError | InternalError):
        return error
    diagnosis = end.diagnose(error)
    return error if diagnosis is None else ResourceError(diagnosis)
