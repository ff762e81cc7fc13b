"""The world outside: clock, files, standard streams, environment variables.

A run takes all of it from one `Environment`, so that tests can drive time and inject faults by a
subclass.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import random
import select
import stat
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast
from uuid import UUID

if TYPE_CHECKING:
    from queue import Queue
    from subprocess import Popen

__all__ = ["Environment", "Stop"]

Item = TypeVar("Item")


class Stop:
    """The wish that a run ends early. Set by a signal handler, read between batches.

    `cut_input` says that a wait for input ended because of it, so that the input's end is not known.
    `on_exit` is done before the process ends at once.
    """

    def __init__(self) -> None:
        self.on_exit: list[Callable[[], None]] = []
        self.signal: int | None = None
        self.cut_input = False
        self._pipe: tuple[int, int] | None = None
        self._lock = _thread.allocate_lock()

    def request(self, signal: int) -> None:
        """Ask the run to drain; wakes a source that waits for input."""
        self.signal = signal
        if self._pipe is not None:
            with contextlib.suppress(OSError):
                os.write(self._pipe[1], b"x")

    def asked(self) -> bool:
        """Whether the run should end."""
        return self.signal is not None

    def wait(self, seconds: float) -> None:
        """Wait so long, or until a stop is asked for."""
        wake = self._wake()
        if not self.asked():
            select.select([wake], [], [], seconds)

    def _wake(self) -> int:
        with self._lock:
            if self._pipe is None:
                self._pipe = os.pipe()
            return self._pipe[0]

    def wait_readable(self, descriptor: int) -> bool:
        """Wait until the descriptor has input (true) or a stop is asked for (false)."""
        wake = self._wake()
        if not self.asked():
            ready, _, _ = select.select([descriptor, wake], [], [])
            if descriptor in ready and not self.asked():
                return True
        self.cut_input = True
        return False

    def close(self) -> None:
        """Release the wake-up pipe."""
        if self._pipe is not None:
            for end in self._pipe:
                os.close(end)
            self._pipe = None


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


class Environment:
    """The real world. Times are UTC or, for measuring, monotonic seconds.

    `seed` decides what is left to chance.
    """

    def __init__(self, variables: Mapping[str, str] | None = None, seed: int = 0) -> None:
        self.variables: Mapping[str, str] = os.environ if variables is None else variables
        self.seed = seed
        self.stop = Stop()
        self._unread = b""

    def now(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def random(self) -> float:
        """A number from 0 up to, and without, 1."""
        return random.random()

    def uuid4(self) -> UUID:
        """A random uuid."""
        return uuid.uuid4()

    def monotonic(self) -> float:
        """Seconds from an unknown beginning, never going back."""
        return time.monotonic()

    def cores(self) -> int:
        """How many processors this process may use."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1

    def start(self, command: Sequence[str]) -> Popen[bytes]:
        """Start a program that is not told of signals to this one; its streams are pipes.

        Raises OSError.
        """
        from subprocess import PIPE, Popen

        return Popen(
            command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            bufsize=0,
            env=dict(self.variables),
            process_group=0,
        )

    def pause(self, seconds: float) -> None:
        """Let so much time go by, or as much as there is before a stop is asked for."""
        self.stop.wait(seconds)

    def take(self, waiting: Queue[Item], seconds: float) -> Item:
        """The next item of a queue. Raises queue.Empty when none has come for so long."""
        return waiting.get(timeout=seconds)

    def open_read(self, path: str) -> BinaryIO:
        """Open a file for unbuffered reading; a named pipe without waiting for its writer."""
        # The builtin's return type depends on the mode; unbuffered binary reading is a FileIO.
        return cast(BinaryIO, open(path, "rb", buffering=0, opener=_open_at_once))

    def reading(self, file: BinaryIO) -> Callable[[int], bytes]:
        """A `read` for the file: of a pipe or a device, it ends when a stop is asked for."""
        descriptor = file.fileno()
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return file.read

        def read(size: int) -> bytes:
            while self.stop.wait_readable(descriptor):
                data: bytes | None = file.read(size)
                if data is not None:
                    return data
            return b""

        return read

    def open_write(self, path: str) -> BinaryIO:
        """Create or truncate a file for unbuffered writing."""
        return cast(BinaryIO, open(path, "wb", buffering=0))

    def open_append(self, path: str) -> BinaryIO:
        """Open or create a file for unbuffered appending."""
        return cast(BinaryIO, open(path, "ab", buffering=0))

    def write(self, file: BinaryIO, data: bytes) -> None:
        """Write all of the bytes, however few the system takes at once."""
        written = file.write(data)
        if written != len(data):
            view = memoryview(data)
            while written < len(data):
                written += file.write(view[written:])

    def sync(self, file: BinaryIO) -> None:
        """Make the file's content durable; a pipe or device has nothing to sync."""
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fsync(file.fileno())

    def publish(self, temporary: str, final: str) -> None:
        """Give a finished file its final name, durably, over whatever stood there."""
        os.replace(temporary, final)
        folder = os.open(os.path.dirname(final) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read_stdin(self, size: int) -> bytes:
        """What standard input has, up to `size` bytes; empty at its end or when asked to stop."""
        if self._unread:
            data, self._unread = self._unread[:size], self._unread[size:]
            return data
        mode = os.fstat(0).st_mode
        if not stat.S_ISREG(mode) and not self.stop.wait_readable(0):
            return b""
        return os.read(0, size)

    def unread_stdin(self, data: bytes) -> None:
        """Put back what was read of standard input, to be read again first."""
        self._unread = data + self._unread

    def write_stdout(self, data: bytes) -> None:
        """Write all of the bytes to standard output."""
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]
