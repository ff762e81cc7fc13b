"""`exec "jq -c ."`: an existing program that records stream through, as JSON lines in and out.

The program is started once. This thread writes to it; a second one reads and decodes what it
gives, a third what it says on standard error, so that neither side ever waits for the other.
"""

from __future__ import annotations

import contextlib
import decimal
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..codecs.base import Codec
from ..errors import Diagnosis, RecordError, ResourceError, RunError
from ..records import Batch
from ..tally import Receipt
from ..values.context import CONTEXT
from ..values.lost import LOST

if TYPE_CHECKING:
    from subprocess import Popen

    from ..environment import Environment

__all__ = ["Program"]

_PATIENCE = 0.2
"""Seconds after which a wait looks whether it is still wanted."""

_MOMENT = 0.05
"""Seconds that an endless stream waits for what the program makes of its last records."""

_GRACE = 5.0
"""Seconds in which the program must end once a stop was asked for and its input is closed."""

_LAST = 5
"""So many of the last lines that the program said are told if it fails."""


class Program:
    """Runs `command`, the program and its arguments; what goes in is absorbed, what comes out is
    made. `takes` encodes the records, `gives` decodes those of the program.

    `live`: the stream has no end, so that what was made of a batch is wanted before the next.
    """

    def __init__(
        self, command: Sequence[str], takes: Codec, gives: Codec, *, live: bool = False
    ) -> None:
        self._command = list(command)
        self._takes = takes
        self._gives = gives
        self._live = live
        self._process: Popen[bytes] | None = None
        self._made: deque[Batch | Exception] = deque()
        self._said: deque[str] = deque(maxlen=_LAST)
        self._came = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lost = 0
        self._closed = False

    @property
    def done(self) -> bool:
        """Whether the program takes no more records."""
        return self._closed

    def open(self, environment: Environment) -> None:
        """Start the program. Raises ResourceError where there is none."""
        try:
            self._process = process = environment.start(self._command)
        except OSError as error:
            raise ResourceError(self._not_started(error)) from error
        self._stop = environment.stop
        self._stop.on_exit.append(process.kill)
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        for name, work in (("output", self._read), ("messages", self._listen)):
            thread = threading.Thread(target=work, name=f"{self._command[0]} {name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Give the records to the program; what it has made by now comes back."""
        good: list[Any] = []
        try:
            data = self._takes.encode(records)
            good = records
        except RecordError:
            parts: list[bytes] = []
            for record in records:
                try:
                    parts.append(self._takes.encode([record]))
                except RecordError as error:
                    receipt.reject(record, error)
                else:
                    good.append(record)
            data = b"".join(parts)
        if self._write(data):
            receipt.absorb(len(good))
        else:
            receipt.drop(len(good), "after the program ended")
        if self._live and not self._made:
            self._came.wait(_MOMENT)
        return self._taken(receipt)

    def finish(self, receipt: Receipt) -> list[Any]:
        """Close the program's input, and give all that it still makes.

        Raises RunError where it ends with another code than 0.
        """
        self._close_input()
        process = self._process
        assert process is not None, "open comes before finish"
        until: float | None = None
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_PATIENCE)
                if until is None and self._stop.asked():
                    until = monotonic() + _GRACE
                if until is not None and monotonic() > until:
                    process.kill()
        self._check(process.wait())
        LOST.set(LOST.get() + self._lost)
        self._lost = 0
        return self._taken(receipt)

    def close(self) -> None:
        """End the program if it still runs; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        self._close_input(process)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(1.0)
            # It may ignore that.
            except Exception:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(_GRACE)
        for stream in (process.stdout, process.stderr):
            if stream is not None and not any(thread.is_alive() for thread in self._threads):
                stream.close()
        with contextlib.suppress(ValueError):
            self._stop.on_exit.remove(process.kill)

    def save(self) -> Any:
        """A program's memory cannot be saved."""
        return None

    def restore(self, saved: Any) -> None:
        """It begins anew."""

    # Writing

    def _write(self, data: bytes) -> bool:
        """Write all of the data; false if the program takes no more."""
        process = self._process
        assert process is not None, "open comes before apply"
        assert process.stdin is not None
        if self._closed:
            return False
        descriptor = process.stdin.fileno()
        view = memoryview(data)
        while view:
            _, ready, _ = select.select([], [descriptor], [], _PATIENCE)
            if not ready:
                if self._stop.asked() and self._stop.cut_input:
                    return False
                continue
            try:
                view = view[os.write(descriptor, view) :]
            except BlockingIOError:
                continue
            except (BrokenPipeError, OSError):
                self._close_input()
                with contextlib.suppress(Exception):
                    process.wait(_GRACE)
                if process.poll() is not None:
                    self._threads[-1].join(_GRACE)
                    self._check(process.returncode)
                return False
        return True

    def _close_input(self, process: Popen[bytes] | None = None) -> None:
        process = process or self._process
        self._closed = True
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()

    # Reading

    def _read(self) -> None:
        """The work of a thread: what the program makes, decoded."""
        decimal.setcontext(CONTEXT.copy())
        process = self._process
        assert process is not None
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        try:
            for batch in self._gives.decode(lambda size: os.read(descriptor, size), {}):
                self._made.append(batch)
                self._came.set()
        except Exception as error:
            self._made.append(error)
        self._lost = LOST.get()
        self._came.set()

    def _listen(self) -> None:
        """The work of a thread: what the program says goes to standard error as it comes."""
        process = self._process
        assert process is not None
        assert process.stderr is not None
        for line in process.stderr:
            text = line.decode("utf-8", "replace")
            self._said.append(text.rstrip())
            sys.stderr.write(text)

    def _taken(self, receipt: Receipt) -> list[Any]:
        """The records that were made by now."""
        self._came.clear()
        records: list[Any] = []
        while self._made:
            found = self._made.popleft()
            if isinstance(found, Exception):
                raise found
            records.extend(found.records)
            for reject in found.rejects:
                receipt.spoil(reject.original, reject.error)
        receipt.produce(len(records))
        return records

    # What is told

    def _shown(self) -> str:
        return " ".join(self._command)

    def _check(self, code: int) -> None:
        """Raises RunError for a program that did not end well."""
        if code == 0:
            return
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        said = "; ".join(line for line in self._said if line)
        raise RunError(
            Diagnosis(
                "FC0824",
                f"the program `{self._shown()}` {how}",
                f"its last words: {said}" if said else "it said nothing on standard error",
                (
                    "Try it alone on some records: head -3 FILE.jsonl | PROGRAM",
                    "A program that ends well ends with exit code 0",
                ),
            )
        )

    def _not_started(self, error: OSError) -> Diagnosis:
        name = self._command[0]
        if isinstance(error, FileNotFoundError):
            message = f"there is no program {name}"
            why = (
                "a path is read from the current folder"
                if "/" in name
                else "no folder of PATH holds it"
            )
        else:
            message = f"the program {name} cannot be started"
            why = os.strerror(error.errno or 0)
        return Diagnosis(
            "FC0826",
            message,
            why,
            (f"Install it, or put its folder on PATH: command -v {name}",)
            if "/" not in name
            else (f"Look at it: ls -l {name}", f"Make it executable: chmod +x {name}"),
        )
