"""Runs a pipeline: pulls batches from the sources and pushes each through to the sinks.

One thread, one batch under way, so memory is bounded and a slow sink slows its source.
"""

from __future__ import annotations

import contextlib
import decimal
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

from .deadletter import DeadLetters
from .environment import Environment
from .errors import (
    Diagnosis,
    ImbalanceError,
    InternalError,
    OutputClosedError,
    RecordError,
    ResourceError,
    RunError,
)
from .places import failing_node, raised_in
from .records import Batch, Sink, Source
from .segments import (
    Fork,
    Fused,
    Merge,
    Pipeline,
    Route,
    Segment,
    SinkSegment,
    SourceSegment,
    Stateful,
    UserCode,
)
from .tally import Accounts, Tally
from .usercode import caller
from .values.context import CONTEXT

__all__ = ["Observer", "Result", "RunOptions", "our_bug", "run"]

_HOPELESS = 1_000
"""A run whose first so many records all fail is stopped: it is a mistake, not bad data."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run: `limit` records read from each source, without opening sinks, and so on.

    `dead_letter` is the path of the dead letter file, by default `<pipeline>.dead.jsonl`.
    """

    limit: int | None = None
    dry_run: bool = False
    dead_letter: str | None = None
    fail_on_dead_letter: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a run. `details` is a traceback, only for a bug of ours."""

    accounts: Accounts
    exit_code: int
    seconds: float
    dead_letters: int
    dead_letter_path: str
    diagnosis: Diagnosis | None = None
    signal: int | None = None
    details: str = ""


class Observer(Protocol):
    """Is told of progress, once a batch; must be quick."""

    def progress(self, source: str, accounts: Accounts) -> None:
        """A batch of the source node `source` has gone through; the accounts are current."""


class _Silent:
    def progress(self, source: str, accounts: Accounts) -> None:
        pass


def run(
    pipeline: Pipeline,
    options: RunOptions,
    environment: Environment,
    observer: Observer | None = None,
) -> Result:
    """Run the pipeline to its end, a stop request or a failure. Raises nothing but what is ours."""
    with decimal.localcontext(CONTEXT):
        return _Run(pipeline, options, environment, observer or _Silent()).execute()


_NOTHING = Batch([], {})
_Outputs = list[tuple[str, list[Any]]]


class _Run:
    def __init__(
        self, pipeline: Pipeline, options: RunOptions, environment: Environment, observer: Observer
    ) -> None:
        self.pipeline = pipeline
        self.options = options
        self.environment = environment
        self.observer = observer
        self.accounts = Accounts(pipeline.nodes)
        self.nodes = {node.name: node for node in pipeline.nodes}
        self.letters = DeadLetters(
            options.dead_letter or f"{pipeline.name}.dead.jsonl",
            pipeline.name,
            pipeline.digest,
            environment,
        )
        self.targets = {name: list(pipeline.targets(name)) for name in pipeline.segments}
        self.steps: dict[str, Callable[[list[Any]], _Outputs]] = {
            name: self._step(name, segment)
            for name, segment in pipeline.segments.items()
            if not isinstance(segment, SourceSegment)
        }
        self.sources = {
            name: segment
            for name, segment in pipeline.segments.items()
            if isinstance(segment, SourceSegment)
        }
        self.sinks = {
            name: segment
            for name, segment in pipeline.segments.items()
            if isinstance(segment, SinkSegment)
        }
        self.open_sinks: dict[str, Sink] = {}
        self.closed_outputs: set[str] = set()
        self.has_ends = any(isinstance(s, Stateful) for s in pipeline.segments.values())
        self.batch = _NOTHING
        self.index: dict[int, int] | None = None
        self.read = 0
        self.hopeful = False

    # From start to end

    def execute(self) -> Result:
        started = self.environment.monotonic()
        code, diagnosis, details = 0, None, ""
        cut_short = False
        try:
            self._check_shape()
            self._check_resources()
            self._open_sources()
            self._open_sinks()
            cut_short = self._read_all()
            self._finish(complete=not cut_short)
        except RunError as error:
            code, diagnosis = error.exit_code, error.diagnosis
        except Exception as error:
            code, diagnosis = 4, our_bug(error)
            details = "".join(traceback.format_exception(error))
        finally:
            self._abandon()
        signal = self.environment.stop.signal
        if code == 0 and cut_short and signal is not None:
            code = 128 + signal
        if code == 0 and self.letters.count and self.options.fail_on_dead_letter:
            code = 1
        return Result(
            accounts=self.accounts,
            exit_code=code,
            seconds=self.environment.monotonic() - started,
            dead_letters=self.letters.count,
            dead_letter_path=self.letters.path,
            diagnosis=diagnosis,
            signal=signal,
            details=details,
        )

    def _check_shape(self) -> None:
        for name, segment in self.pipeline.segments.items():
            if not isinstance(segment, SinkSegment | Route) and not self.targets[name]:
                raise InternalError(f"the segment {name} leads nowhere")

    def _check_resources(self) -> None:
        read = {segment.source.resource for segment in self.sources.values()}
        written: set[str] = set()
        if os.path.realpath(self.letters.path) in read:
            raise ResourceError(
                Diagnosis(
                    "FC0806",
                    f"{self.letters.path} is both read and the dead letter file",
                    "the run would read what it rejects, over and over",
                    ("Choose another dead letter file: --dead-letter PATH",),
                )
            )
        for segment in self.sinks.values():
            resource = segment.sink.resource
            if resource and (resource in read or resource in written):
                raise ResourceError(
                    Diagnosis(
                        "FC0806",
                        f"{segment.sink.label} is both read and written"
                        if resource in read
                        else f"{segment.sink.label} is written twice",
                        "the run would destroy what it reads or what it wrote",
                        ("Write to another place", "Rename the result after the run"),
                    )
                )
            written.add(resource)

    def _open_sources(self) -> None:
        """Before the sinks, so that a missing input leaves no trace."""
        for segment in self.sources.values():
            try:
                segment.source.open(None)
            except Exception as error:
                raise _explained(error, segment.source) from error

    def _open_sinks(self) -> None:
        if self.options.dry_run:
            return
        for name, segment in self.sinks.items():
            try:
                segment.sink.open()
            except OutputClosedError:
                self.closed_outputs.add(name)
            except Exception as error:
                raise _explained(error, segment.sink) from error
            self.open_sinks[name] = segment.sink

    def _read_all(self) -> bool:
        """Read every source, bounded ones first; true if a bounded one was cut short."""
        cut_short = False
        for name in sorted(self.sources, key=lambda name: self.sources[name].source.endless):
            if self._over(name):
                continue
            segment = self.sources[name]
            try:
                ended = self._read_source(name, segment)
            finally:
                segment.source.close()
            cut_short = cut_short or (not ended and not segment.source.endless)
        return cut_short

    def _read_source(self, name: str, segment: SourceSegment) -> bool:
        """Read one source; false if a stop request came before its end."""
        source = segment.source
        account = self.accounts[segment.node]
        node = self.nodes[segment.node]
        targets = self.targets[name]
        left = self.options.limit
        stop = self.environment.stop
        batches = source.batches()
        while True:
            if stop.asked():
                return False
            if left == 0:
                return True
            try:
                batch = next(batches, None)
            except Exception as error:
                raise _explained(error, source) from error
            if batch is None:
                # A source that waits for input ends early when a stop is asked for.
                return not stop.asked() or source.resource != ""
            if left is not None:
                batch = _first(batch, left)
                left -= len(batch.records) + len(batch.rejects)
            self.batch = batch
            received = len(batch.records) + len(batch.rejects)
            account.received += received
            account.passed += len(batch.records)
            account.dead += len(batch.rejects)
            for reject in batch.rejects:
                self.letters.add(
                    node, reject.error, original=reject.original, position=reject.position
                )
            if batch.records:
                self._push(targets, batch.records)
            # Let go of the batch before the next is decoded: two would not stay in the cache.
            del batch
            self.batch = _NOTHING
            self.index = None
            self.letters.flush()
            self.observer.progress(segment.node, self.accounts)
            if not self.hopeful:
                self._hope(received)
            if source.endless:
                self._flush()
            if (self.has_ends or self.closed_outputs) and self._over(name):
                return True

    def _push(self, targets: list[str], records: list[Any]) -> None:
        """Take records through the graph, depth first, so that each sink sees them in order."""
        steps = self.steps
        waiting: _Outputs = [(target, records) for target in reversed(targets)]
        while waiting:
            name, found = waiting.pop()
            if found:
                waiting.extend(reversed(steps[name](found)))

    def _over(self, name: str) -> bool:
        """Whether nothing downstream of `name` wants another record."""
        segment = self.pipeline.segments[name]
        if isinstance(segment, SinkSegment):
            return name in self.closed_outputs
        if isinstance(segment, Stateful) and segment.state.done:
            return True
        return all(map(self._over, self.targets[name]))

    def _hope(self, received: int) -> None:
        """Stop a run in which the first records all failed."""
        self.read += received
        dead = self.accounts.dead
        if dead < self.read:
            self.hopeful = True
        elif self.read >= _HOPELESS:
            worst = max(self.accounts.nodes.values(), key=lambda account: account.dead).node
            raise RunError(
                Diagnosis(
                    "FC0813",
                    f"every one of the first {self.read:,} records failed",
                    f"most of them at {worst.place}: {worst.text}; the reasons are in "
                    f"{self.letters.path}",
                    (
                        f"See the first reason: head -1 {self.letters.path}",
                        "Compare the declared type or the condition with the data",
                    ),
                ),
                exit_code=1,
            )

    def _flush(self) -> None:
        for sink in self.open_sinks.values():
            try:
                sink.flush()
            except Exception as error:
                raise _explained(error, sink) from error

    def _finish(self, complete: bool) -> None:
        """Make everything durable, check the books, and only then publish."""
        self._flush()
        self.letters.close()
        broken = self.accounts_with_confirmations().imbalances()
        if broken:
            raise ImbalanceError("; ".join(broken))
        for name in list(self.open_sinks):
            sink = self.open_sinks.pop(name)
            try:
                sink.close(complete)
            except Exception as error:
                raise _explained(error, sink) from error

    def accounts_with_confirmations(self) -> Accounts:
        """The books with what each sink says it stored."""
        for name, sink in self.open_sinks.items():
            self.accounts[self.sinks[name].node].confirmed = sink.confirmed
        return self.accounts

    def _abandon(self) -> None:
        """After a failure: let go of everything, leaving partial results as such."""
        self.accounts_with_confirmations()
        for segment in self.sources.values():
            with contextlib.suppress(Exception):
                segment.source.close()
        for sink in self.open_sinks.values():
            with contextlib.suppress(Exception):
                sink.close(complete=False)
        with contextlib.suppress(RunError):
            self.letters.close()
        self.environment.stop.close()

    # One step for each segment

    def _step(self, name: str, segment: Segment) -> Callable[[list[Any]], _Outputs]:
        match segment:
            case Fused():
                return self._fused(name, segment)
            case Route():
                return self._route(segment)
            case Stateful():
                return self._stateful(name, segment)
            case UserCode():
                return self._user_code(name, segment)
            case SinkSegment():
                return self._sink(name, segment)
            case Fork():
                return self._fork(name, segment)
            case Merge():
                targets = self.targets[name]
                return lambda records: [(target, records) for target in targets]
            case SourceSegment():
                raise InternalError(f"records were sent to the source {name}")
            case _:
                assert_never(segment)

    def _fused(self, name: str, segment: Fused) -> Callable[[list[Any]], _Outputs]:
        function, chain, targets = segment.function, segment.nodes, self.targets[name]

        def step(records: list[Any]) -> _Outputs:
            tally = Tally()
            try:
                kept = function(records, tally)
            except Exception:
                tally = Tally()
                kept = []
                for part in self._one_by_one(function, records, tally, chain):
                    kept.extend(part)
            self._book(chain, len(records), len(kept), tally)
            return [(target, kept) for target in targets]

        return step

    def _route(self, segment: Route) -> Callable[[list[Any]], _Outputs]:
        function, branches, chain = segment.function, segment.branches, (segment.node,)

        def step(records: list[Any]) -> _Outputs:
            tally = Tally()
            try:
                parts = function(records, tally)
            except Exception:
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
                    node = failing_node(error, code, (self.nodes[name] for name in chain))
                tally.reject(chain[0] if node is None else node.name, record, error)
            else:
                tally.add(own)
                yield result

    def _stateful(self, name: str, segment: Stateful) -> Callable[[list[Any]], _Outputs]:
        state, chain, targets = segment.state, (segment.node,), self.targets[name]

        def step(records: list[Any]) -> _Outputs:
            passed = state.apply(records)
            tally = Tally()
            tally.drop(segment.node, len(records) - len(passed), state.reason)
            self._book(chain, len(records), len(passed), tally)
            return [(target, passed) for target in targets]

        return step

    def _user_code(self, name: str, segment: UserCode) -> Callable[[list[Any]], _Outputs]:
        call, node, targets = caller(segment), segment.node, self.targets[name]

        def step(records: list[Any]) -> _Outputs:
            tally = Tally()
            kept: list[Any] = []
            for record in records:
                try:
                    made = call(record)
                # An exit asked for by a processor must not end the run unaccounted.
                except (Exception, SystemExit) as error:
                    tally.reject(node, record, _as_exception(error))
                    continue
                if made:
                    tally.produce(node, len(made) - 1)
                    kept.extend(made)
                else:
                    tally.drop(node, 1, "not returned")
            self._book((node,), len(records), len(kept), tally)
            return [(target, kept) for target in targets]

        return step

    def _fork(self, name: str, segment: Fork) -> Callable[[list[Any]], _Outputs]:
        account, targets = self.accounts[segment.node], self.targets[name]

        def step(records: list[Any]) -> _Outputs:
            account.received += len(records)
            account.passed += len(records)
            return [(target, records) for target in targets]

        return step

    def _sink(self, name: str, segment: SinkSegment) -> Callable[[list[Any]], _Outputs]:
        sink, node, account = segment.sink, segment.node, self.accounts[segment.node]

        def write(records: list[Any]) -> None:
            try:
                sink.write(records)
            except OutputClosedError:
                self.closed_outputs.add(name)
                account.dropped["after the output was closed"] += len(records)
            except RecordError as error:
                if len(records) == 1:
                    account.dead += 1
                    self._dead(node, records[0], error)
                else:
                    for record in records:
                        write([record])
            except Exception as error:
                raise _explained(error, sink) from error

        def step(records: list[Any]) -> _Outputs:
            account.received += len(records)
            if self.options.dry_run:
                account.dropped["not written: dry run"] += len(records)
            elif name in self.closed_outputs:
                account.dropped["after the output was closed"] += len(records)
            else:
                write(records)
            return []

        return step

    def _book(self, chain: tuple[str, ...], received: int, left: int, tally: Tally) -> None:
        self.accounts.settle(chain, received, left, tally)
        for node, record, error in tally.rejects:
            self._dead(node, record, error)

    def _dead(self, node: str, record: object, error: Exception) -> None:
        """Send a record to the dead letter, by its original bytes if it is still as decoded."""
        original = None
        if self.batch.original is not None:
            if self.index is None:
                self.index = {id(known): i for i, known in enumerate(self.batch.records)}
            at = self.index.get(id(record))
            if at is not None:
                original = self.batch.original(at)
        self.letters.add(self.nodes[node], error, original=original, record=record, position=None)


def _first(batch: Batch, count: int) -> Batch:
    """The first `count` records of a batch, good and bad in the order they were read."""
    if len(batch.records) + len(batch.rejects) <= count:
        return batch
    rejects = [reject for i, reject in enumerate(batch.rejects) if reject.index + i < count]
    return Batch(batch.records[: count - len(rejects)], {}, rejects, batch.original)


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RecordError(f"the processor exited: {error}")


def _explained(error: Exception, end: Source | Sink) -> Exception:
    """An error of a source or a sink as what the user is told; one of ours as it is."""
    if isinstance(error, RunError | InternalError):
        return error
    diagnosis = end.diagnose(error)
    return error if diagnosis is None else ResourceError(diagnosis)


def our_bug(error: Exception) -> Diagnosis:
    """What to tell the user of an error that is not theirs."""
    if isinstance(error, ImbalanceError):
        return Diagnosis(
            "FC0900",
            "the accounts of this run do not balance",
            f"{error}; this is a bug in flowc, not in your pipeline or data",
            ("Do not rely on the output of this run", "Report it with the pipeline and this text"),
        )
    return Diagnosis(
        "FC0901",
        f"internal error: {type(error).__name__}: {error}",
        "this is a bug in flowc, not in your pipeline or data",
        ("Report it with the pipeline and the lines below",),
    )
