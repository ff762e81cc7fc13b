"""Runs a pipeline: opens its ends, pulls batches from the sources, publishes what is complete.

One thread, one batch under way, so memory is bounded and a slow sink slows its source. Several
endless sources, and those of a pipeline in which time must not wait for input or streams are merged
by their clocks, are read by threads of their own, into bounded queues.
"""

from __future__ import annotations

import contextlib
import decimal
import os
import sys
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .deadletter import DeadLetters
from .environment import Environment
from .errors import (
    Diagnosis,
    ImbalanceError,
    OutputClosedError,
    ResourceError,
    RunError,
)
from .flow import Flow, explained
from .reading import fills_tables, table_of
from .records import Batch, HoldingSink, ManySource, Sink
from .segments import Gather, Mergeable, Piped, Pipeline, SinkSegment, SourceSegment, UserCode
from .tally import Accounts
from .values.context import CONTEXT
from .values.lost import LOST, ZONELESS

if TYPE_CHECKING:
    from .parallel import Parallel
    from .ranges import RangeResult

__all__ = ["Observer", "Result", "RunOptions", "our_bug", "run"]

_LARGE = 32 << 20
"""An input of so many bytes is worth the start of processes."""

_HOPELESS = 1_000
"""A run whose first so many records all fail is stopped: it is a mistake, not bad data."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run: `limit` records read from each source, without opening sinks, and so on.

    `dead_letter` is the path of the dead letter file, by default `<pipeline>.dead.jsonl`, or
    `<pipeline>.2.dead.jsonl` for a run that reads that file. `workers`
    is the number of processes that read an input, by default one for each core if it is large; each
    takes a range of `range_bytes` at a time.
    """

    limit: int | None = None
    dry_run: bool = False
    dead_letter: str | None = None
    fail_on_dead_letter: bool = False
    workers: int | None = None
    range_bytes: int = 4 << 20


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
    """Run the pipeline to its end, a stop request or a failure. Raises nothing but what is ours.

    What the user's code prints goes to standard error: standard output is for records.
    """
    # glibc gives blocks of this size back to the system one by one, and page faults cost a tenth
    # of a run; once a larger one was freed it keeps them (mallopt(3), M_MMAP_THRESHOLD).
    bytes(1 << 21)
    with contextlib.ExitStack() as stack:
        stack.enter_context(decimal.localcontext(CONTEXT))
        if any(isinstance(segment, UserCode) for segment in pipeline.segments.values()):
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        return _Run(pipeline, options, environment, observer or _Silent()).execute()


def _dead_letter_file(pipeline: str, read: Collection[str]) -> str:
    """The default dead letter file: the first of its names that the run does not read."""
    path, number = f"{pipeline}.dead.jsonl", 1
    while os.path.realpath(path) in read:
        number += 1
        path = f"{pipeline}.{number}.dead.jsonl"
    return path


class _Run:
    def __init__(
        self, pipeline: Pipeline, options: RunOptions, environment: Environment, observer: Observer
    ) -> None:
        self.pipeline = pipeline
        self.options = options
        self.environment = environment
        self.observer = observer
        self.accounts = Accounts(pipeline.nodes)
        self.sources = {
            name: segment
            for name, segment in pipeline.segments.items()
            if isinstance(segment, SourceSegment)
        }
        read = {segment.source.resource for segment in self.sources.values()}
        self.letters = DeadLetters(
            options.dead_letter or _dead_letter_file(pipeline.name, read),
            pipeline.name,
            pipeline.digest,
            environment,
        )
        self.sinks = {
            name: segment
            for name, segment in pipeline.segments.items()
            if isinstance(segment, SinkSegment)
        }
        self.programs = [s for s in pipeline.segments.values() if isinstance(s, Piped)]
        self.judges = any(isinstance(s, Gather) and s.whole for s in pipeline.segments.values())
        self.open_sinks: dict[str, Sink] = {}
        self.read = 0
        self.hopeful = False

    # From start to end

    def execute(self) -> Result:
        started = self.environment.monotonic()
        code, diagnosis, details = 0, None, ""
        cut_short = False
        LOST.set(0)
        ZONELESS.set(False)
        try:
            self.flow = Flow(
                self.pipeline,
                self.accounts,
                self.letters,
                self.environment,
                dry_run=self.options.dry_run,
            )
            self._check_resources()
            self._check_tables()
            self._open_sources()
            self._open_programs()
            self._open_sinks()
            cut_short = self._read_all()
            self._finish(complete=not cut_short)
        except RunError as error:
            code, diagnosis = error.exit_code, error.diagnosis
        except Exception as error:
            import traceback

            code, diagnosis = 4, our_bug(error)
            details = "".join(traceback.format_exception(error))
        finally:
            self._abandon()
        signal = self.environment.stop.signal
        if code == 0 and cut_short and signal is not None:
            code = 128 + signal
        if code == 0 and self.letters.count and self.options.fail_on_dead_letter:
            code = 1
        self.accounts.cut_timestamps = LOST.get()
        self.accounts.zoneless_timestamps = ZONELESS.get()
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

    def _check_resources(self) -> None:
        read = {segment.source.resource for segment in self.sources.values()}
        letters = os.path.realpath(self.letters.path)
        written = {letters}
        if letters in read:
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
            is_read = resource in read or self._is_among_many(resource)
            if resource and (is_read or resource in written):
                raise ResourceError(
                    Diagnosis(
                        "FC0806",
                        f"{segment.sink.label} is both read and written"
                        if is_read
                        else f"{segment.sink.label} is written twice",
                        "the run would destroy what it reads or what it wrote",
                        ("Write to another place", "Rename the result after the run"),
                    )
                )
            written.add(resource)

    def _is_among_many(self, resource: str) -> bool:
        return any(
            isinstance(segment.source, ManySource) and segment.source.reads(resource)
            for segment in self.sources.values()
        )

    def _check_tables(self) -> None:
        for name, segment in self.sources.items():
            node = table_of(self.pipeline, name) if segment.source.endless else None
            if node is not None:
                raise RunError(
                    Diagnosis(
                        "FC0818",
                        f"{segment.source.label} does not end, and a table is made of it",
                        f"{node.place}: {node.text} reads the whole table before anything else",
                        ("Read it with an end of its own", "Take a part of it: `| limit 1000`"),
                    ),
                    exit_code=1,
                )

    def _open_sources(self) -> None:
        """Before the sinks, so that a missing input leaves no trace."""
        for segment in self.sources.values():
            try:
                segment.source.open(None)
            except Exception as error:
                raise explained(error, segment.source) from error

    def _open_programs(self) -> None:
        for segment in self.programs:
            segment.state.open(self.environment)

    def _open_sinks(self) -> None:
        if self.options.dry_run:
            return
        for name, segment in self.sinks.items():
            if self.judges and isinstance(segment.sink, HoldingSink):
                segment.sink.hold()
            try:
                segment.sink.open()
            except OutputClosedError:
                self.flow.closed_outputs.add(name)
            except Exception as error:
                raise explained(error, segment.sink) from error
            self.open_sinks[name] = segment.sink

    def _read_all(self) -> bool:
        """Read every source, bounded ones first; true if a bounded one was cut short."""
        cut_short = False
        self.parallel = self._parallel()
        if self.flow.timers or self.flow.turns:
            return self._read_by_threads(self.sources)
        for name, segment in self.sources.items():
            if segment.source.endless:
                continue
            try:
                ended = self.flow.over(name) or self._read_source(name, segment)
            finally:
                segment.source.close()
            cut_short = cut_short or not ended
            if ended:
                self.flow.end(name)
        endless = {name: s for name, s in self.sources.items() if s.source.endless}
        if len(endless) > 1:
            self._read_by_threads(endless)
        else:
            for name, segment in endless.items():
                if self.flow.over(name) or self._read_source(name, segment):
                    self.flow.end(name)
        if self.environment.stop.asked() and not cut_short:
            self.flow.drain()
        return cut_short

    def _is_large(self) -> bool:
        """Whether some input is worth the start of processes."""
        sizes = (getattr(s.source, "input_bytes", 0) for s in self.sources.values())
        return any(size >= _LARGE for size in sizes)

    def _parallel(self) -> Parallel | None:
        """How inputs are read by several processes; None where they are not."""
        wanted = self.options.workers
        if wanted == 1 or self.options.limit is not None or self.options.dry_run:
            return None
        if wanted is None and (self.environment.cores() == 1 or not self._is_large()):
            return None
        from .parallel import Parallel

        least = _LARGE if wanted is None else 0
        parallel = Parallel(
            self.pipeline,
            self.environment.cores() if wanted is None else wanted,
            least,
            self.options.range_bytes,
            self.environment,
        )
        reasons = parallel.reasons
        if wanted is not None and reasons:
            raise RunError(
                Diagnosis(
                    "FC0836",
                    f"{wanted} workers would be of no use to this pipeline",
                    "; ".join(reasons),
                    ("Leave --workers out, or say --workers 1",),
                ),
                exit_code=2,
            )
        return parallel

    def _take_range(self, name: str, node: str, result: RangeResult) -> bool:
        """Take what became of a range; false if nothing more is wanted."""
        result.add_to(self.accounts, self.letters)
        for at, saved in result.states.items():
            segment = self.pipeline.segments[at]
            assert isinstance(segment, Gather)
            assert isinstance(segment.state, Mergeable)
            segment.state.merge(saved)
        for at, (data, count) in result.outputs.items():
            self.flow.append(at, data, count)
        self.letters.flush()
        self.observer.progress(node, self.accounts)
        return not self.flow.over(name)

    def _read_source(self, name: str, segment: SourceSegment) -> bool:
        """Read one source; false if a stop request came before its end."""
        left = self._limit(name)
        parallel = self.parallel if self.parallel and self.parallel.can_cut(name) else None
        stop = self.environment.stop
        batches = segment.source.batches()
        while True:
            if stop.asked():
                return False
            if left == 0:
                return True
            try:
                batch = next(batches, None)
            except Exception as error:
                raise explained(error, segment.source) from error
            if batch is None:
                return not stop.cut_input
            if left is not None:
                batch = _first(batch, left)
                left -= len(batch.records) + len(batch.rejects)
            self._take(name, segment, batch)
            position = batch.position
            # Let go of the batch before the next is decoded: two would not stay in the cache.
            del batch
            if self.flow.over(name):
                return True
            if parallel is not None and self.hopeful:
                rest = parallel.read(
                    name, position, lambda result: self._take_range(name, segment.node, result)
                )
                if rest is None:
                    return not stop.asked()
                if rest != position:
                    segment.source.close()
                    segment.source.open(rest)
                    batches = segment.source.batches()
                parallel = None

    def _limit(self, name: str) -> int | None:
        # A table of which a part was read would answer wrongly.
        return None if fills_tables(self.pipeline, name) else self.options.limit

    def _read_by_threads(self, sources: dict[str, SourceSegment]) -> bool:
        """Read several endless sources, whichever has something; or any while time goes by, or
        where they are read in turns.

        True if a bounded one was cut short.
        """
        from .pump import Pump

        pump = Pump({name: s.source for name, s in sources.items()}, self.environment)
        limits = {name: self._limit(name) for name in sources}
        left = list(sources)
        try:
            while True:
                for name in [n for n in left if limits[n] == 0 or self.flow.over(n)]:
                    pump.leave(name)
                    self._ended(name, left)
                if not left:
                    break
                found = pump.next(self._preferred(left), self.flow.timers.due())
                if found is None and self.environment.stop.asked():
                    break
                if found is not None:
                    name, batch = found
                    if batch is not None:
                        limits[name] = self._take_some(name, batch, limits[name])
                    elif self._was_cut(name):
                        break
                    else:
                        self._ended(name, left)
                    # Let go of the batch before the next one comes.
                    del batch, found
                self._let_time_pass(pump.waiting())
        finally:
            pump.close()
        return any(not sources[name].source.endless for name in left)

    def _ended(self, name: str, left: list[str]) -> None:
        left.remove(name)
        self.flow.end(name)

    def _take_some(self, name: str, batch: Batch, limit: int | None) -> int | None:
        """Take a batch as far as the limit; gives what is left of that."""
        if limit is not None:
            batch = _first(batch, limit)
            limit -= len(batch.records) + len(batch.rejects)
        self._take(name, self.sources[name], batch)
        return limit

    def _was_cut(self, name: str) -> bool:
        """Whether a source ended because of a stop and not by itself."""
        stop = self.environment.stop
        return stop.cut_input or (stop.asked() and self.sources[name].source.endless)

    def _preferred(self, names: list[str]) -> list[str]:
        """The sources to read from: the first bounded one, else any of the endless ones; of those
        whose clocks are merged none that is ahead of the others."""
        names = self.flow.turns.of(names)
        bounded = [name for name in names if not self.sources[name].source.endless]
        return bounded[:1] or names

    def _let_time_pass(self, waiting: list[str]) -> None:
        """Let happen what is due; a source of which something waits here is not silent."""
        for name in waiting:
            self.flow.timers.heard(name)
        if self.flow.timers.tick():
            self.letters.flush()
            self._flush()

    def _take(self, name: str, segment: SourceSegment, batch: Batch) -> None:
        """Take one batch all the way, and say so."""
        self.flow.bounded = not segment.source.endless
        self.flow.push(name, segment.node, batch)
        self.letters.flush()
        self.observer.progress(segment.node, self.accounts)
        if not self.hopeful:
            self._hope(len(batch.records) + len(batch.rejects))
        if segment.source.endless:
            self._flush()

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
                raise explained(error, sink) from error

    def _finish(self, complete: bool) -> None:
        """Make everything durable, check the books, and only then publish."""
        self._flush()
        self.letters.close()
        broken = self.accounts_with_confirmations().imbalances()
        if broken:
            raise ImbalanceError("; ".join(broken))
        if self.flow.failures:
            raise _unexpected(self.flow.failures)
        for name in list(self.open_sinks):
            sink = self.open_sinks.pop(name)
            try:
                sink.close(complete)
            except Exception as error:
                raise explained(error, sink) from error

    def accounts_with_confirmations(self) -> Accounts:
        """The books with what each sink says it stored."""
        for name, sink in self.open_sinks.items():
            self.accounts[self.sinks[name].node].confirmed = sink.confirmed
        return self.accounts

    def _abandon(self) -> None:
        """After a failure: let go of everything, leaving partial results as such."""
        for program in self.programs:
            with contextlib.suppress(Exception):
                program.state.close()
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


def _first(batch: Batch, count: int) -> Batch:
    """The first `count` records of a batch, good and bad in the order they were read."""
    if len(batch.records) + len(batch.rejects) <= count:
        return batch
    rejects = [reject for i, reject in enumerate(batch.rejects) if reject.index + i < count]
    return Batch(batch.records[: count - len(rejects)], {}, rejects, batch.original)


def _unexpected(failures: list[str]) -> RunError:
    one = len(failures) == 1
    return RunError(
        Diagnosis(
            "FC0823",
            "an expectation does not hold" if one else f"{len(failures)} expectations do not hold",
            f"{'; '.join(failures)}; so nothing was published under its final name",
            (
                "Look at what was written: files end in .partial, tables are as they were",
                "Mend the data, or say what is true of it",
            ),
        ),
        exit_code=1,
    )


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
