"""What a run writes to ``-`` on a terminal: a table of the first rows, then a count."""

from __future__ import annotations

import json
import shutil

from flowc.cli.support.show.table import table
from flowc_runtime.environment import Environment

_ROWS = 20


class TableEnvironment(Environment):
    """The real world, except that JSON lines for stdout are kept for a table.

    Output that is not JSON lines goes through as it comes.
    """

    def __init__(self, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables)
        self._start = b""
        self._rows: list[dict[str, object]] = []
        self._more = 0
        self._is_other = False

    def write_stdout(self, data: bytes) -> None:
        if self._is_other:
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
                self._is_other = True
                super().write_stdout(self._start)
                self._start = b""
                return
            self._rows.append(row)
            self._start = rest
        if len(self._rows) >= _ROWS:
            self._more += self._start.count(b"\n")
            self._start = b""

    def table(self, *, ascii: bool) -> str:
        """The table of what was kept; empty where nothing was, or where it went through."""
        if not self._rows:
            return ""
        text = table(self._rows, width=shutil.get_terminal_size().columns, ascii=ascii)
        if self._more:
            more = "..." if ascii else "…"
            text += f"{more} and {self._more:,} more; pipe the output or name a file to get all\n"
        return text
