"""Processes that work on the ranges of an input side by side; results come in the input's order.

Workers are forked, so that they have the pipeline as it is; they read files and compute, and
nothing that they do is seen outside before its result was taken. Each takes the next range's
number from a common pipe and answers on a pipe of its own.
"""

from __future__ import annotations

import contextlib
import decimal
import gc
import os
import select
import signal
import struct
from collections.abc import Callable, Iterator
from typing import NoReturn

import msgspec

from .errors import Diagnosis, InternalError, ResourceError, RunError
from .ranges import Failure, RangeResult
from .values.context import CONTEXT

__all__ = ["Workers", "can_fork"]

_NUMBER = struct.Struct("<I")
_SIZE = struct.Struct("<Q")
_AHEAD = 2
"""Ranges for each worker that may be under way: what bounds the memory of results that wait."""

_PIECE = 1 << 20
_DECODE = msgspec.msgpack.Decoder(RangeResult).decode
_ENCODE = msgspec.msgpack.Encoder().encode


def can_fork() -> bool:
    """Whether a process may be copied safely: on Linux, where no other thread runs."""
    import sys
    import threading

    return sys.platform == "linux" and threading.active_count() == 1


class Workers:
    """`count` processes that call `work` with the numbers below `ranges`.

    Use as a context manager: leaving it ends the processes.
    """

    def __init__(self, work: Callable[[int], RangeResult], ranges: int, count: int) -> None:
        self._work = work
        self._ranges = ranges
        self._given = 0
        self._running: dict[int, int] = {}
        self._numbers, self._giving = os.pipe()
        self._results: dict[int, bytearray] = {}
        gc.freeze()
        for _ in range(min(count, ranges)):
            self._start()
        gc.unfreeze()
        os.close(self._numbers)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._giving)
        for descriptor in self._results:
            os.close(descriptor)
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)

    def results(self, asked: Callable[[], bool]) -> Iterator[RangeResult]:
        """Yield what became of each range, in order; ends early when `asked` for.

        Raises what a range raised, where it is its turn.
        """
        waiting: dict[int, RangeResult] = {}
        for number in range(self._ranges):
            self._give(number + _AHEAD * len(self._running))
            while number not in waiting:
                if asked():
                    return
                for result in self._received():
                    waiting[result.number] = result
            result = waiting.pop(number)
            if result.failure is not None:
                raise _raised(result.failure)
            yield result

    def _give(self, until: int) -> None:
        """Let workers take the numbers below `until`."""
        numbers = range(self._given, min(until, self._ranges))
        if numbers:
            os.write(self._giving, b"".join(map(_NUMBER.pack, numbers)))
            self._given = numbers.stop

    def _received(self) -> Iterator[RangeResult]:
        """What has come in full, after waiting a moment for more."""
        ready, _, _ = select.select(list(self._results), [], [], 0.5)
        for descriptor in ready:
            data = self._results[descriptor]
            piece = os.read(descriptor, _PIECE)
            if not piece:
                raise self._lost(descriptor)
            data += piece
            while len(data) >= _SIZE.size:
                end = _SIZE.size + _SIZE.unpack_from(data)[0]
                if len(data) < end:
                    break
                with memoryview(data) as view:
                    result = _DECODE(view[_SIZE.size : end])
                del data[:end]
                yield result

    def _lost(self, descriptor: int) -> ResourceError:
        _, status = os.waitpid(self._running.pop(descriptor), 0)
        os.close(descriptor)
        del self._results[descriptor]
        how = os.waitstatus_to_exitcode(status)
        why = f"was ended by {signal.Signals(-how).name}" if how < 0 else f"ended with {how}"
        return ResourceError(
            Diagnosis(
                "FC0835",
                f"a worker process {why}",
                "the system ends a process when memory runs out; what was written stays unpublished",
                ("Run it in one process: --workers 1", "Look into the system's log: dmesg"),
            )
        )

    # In a worker

    def _start(self) -> None:
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):
            import fcntl

            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIECE)
        process = os.fork()
        if process == 0:
            self._live(writing)
        os.close(writing)
        self._running[reading] = process
        self._results[reading] = bytearray()

    def _live(self, writing: int) -> NoReturn:
        """What a worker does from its first to its last moment."""
        # Signals are for the first process, which ends this one; what it had buffered is its own.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            os.close(self._giving)
            for descriptor in self._results:
                os.close(descriptor)
            decimal.setcontext(CONTEXT.copy())
            while number := os.read(self._numbers, _NUMBER.size):
                self._answer(writing, self._attempt(_NUMBER.unpack(number)[0]))
        except BaseException:
            os._exit(1)
        os._exit(0)

    def _attempt(self, number: int) -> RangeResult:
        try:
            return self._work(number)
        except RunError as error:
            return RangeResult(number, failure=Failure(error.diagnosis, error.exit_code))
        except Exception:
            import traceback

            return RangeResult(number, failure=Failure(None, 4, traceback.format_exc()))

    def _answer(self, writing: int, result: RangeResult) -> None:
        data = _ENCODE(result)
        for part in (_SIZE.pack(len(data)), data):
            view = memoryview(part)
            while view:
                view = view[os.write(writing, view) :]


def _raised(failure: Failure) -> Exception:
    if failure.diagnosis is not None:
        return RunError(failure.diagnosis, failure.exit_code)
    error = InternalError("a worker process failed")
    error.add_note(failure.details)
    return error
