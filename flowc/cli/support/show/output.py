"""The world as `flowc run` gives it to a pipeline: stdin read ahead, a table on a terminal."""

from __future__ import annotations

import json
import os
import select
import stat
import time
from collections.abc import Mapping

from flowc.cli.support.show.table import table
from flowc_runtime.environment import Environment

_ROWS = 20
#: Bytes of stdin from which its type is read, at most.
_SAMPLE = 1 << 20
#: Seconds without more input after which what came is sample enough.
_PATIENCE = 0.5


def read_sample(descriptor: int = 0) -> bytes:
    """The beginning of stdin: all of it, a mebibyte, or what came before a pause.

    It waits for the first bytes as long as it takes.
    """
    chunks: list[bytes] = []
    size = 0
    is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
    last = time.monotonic()
    while size < _SAMPLE:
        if not is_file and chunks:
            left = last + _PATIENCE - time.monotonic()
            ready, _, _ = select.select([descriptor], [], [], max(0.0, left))
            if not ready and b"\n" in b"".join(chunks):
                break
            if not ready:
                last = time.monotonic()
                continue
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
        last = time.monotonic()
    return b"".join(chunks)


class TerminalEnvironment(Environment):
    """The real world, with two differences.

    ``ahead`` are bytes of stdin already read, given again. With ``as_table``, JSON lines
    for stdout are kept for a table; output of another form goes through as it comes.
    """

    def __init__(
        self, variables: Mapping[str, str], *, ahead: bytes = b"", as_table: bool = False
    ) -> None:
        super().__init__(variables)
        self._ahead = ahead
        self._through = not as_table
        self._start = b""
        self._rows: list[dict[str, object]] = []
        self._more = 0

    def read_stdin(self, size: int) -> bytes:
        if self._ahead:
            given, self._ahead = self._ahead[:size], self._ahead[size:]
            return given
        return super().read_stdin(size)

    def write_stdout(self, data: bytes) -> None:
        if self._through:
            super().write_stdout(data)
            return
        if len(self._rows) >= _ROWS:
            self._more += data.count(b"\n")
            return
        self._start += data
        while len(self._rows) < _ROWS and b"\n" in self._start:
            line, rest = self._start.split(b"\n", 1)
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                self._give_up()
                return
            self._rows.append(row)
            self._start = rest
        if len(self._rows) >= _ROWS:
            self._more += self._start.count(b"\n")
            self._start = b""

    def _give_up(self) -> None:
        """Not JSON lines: what was kept goes out as it is."""
        self._through = True
        kept = [json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in self._rows]
        self._rows = []
        super().write_stdout(b"".join(kept) + self._start)
        self._start = b""

    def table(self, *, width: int, ascii: bool) -> str:
        """The table of what was kept; empty where nothing was, or where it went through."""
        if not self._rows:
            return ""
        text = table(self._rows, width=width, ascii=ascii)
        if self._more:
            more = "..." if ascii else "…"
            text += f"{more} and {self._more:,} more; pipe the output or name a file to get all\n"
        return text
