"""Where output goes: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

_WIDTH = 80
_WIDEST = 120


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _columns(stream: TextIO) -> int:
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return _WIDTH
    return min(columns or _WIDTH, _WIDEST)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Two streams, and what each can show."""

    out: TextIO
    err: TextIO
    out_is_terminal: bool
    err_is_terminal: bool
    colour_out: bool
    colour_err: bool
    ascii_out: bool
    ascii_err: bool
    width: int
    quiet: bool = False

    @classmethod
    def open(
        cls, environ: Mapping[str, str], *, colour: bool = True, quiet: bool = False
    ) -> Terminal:
        """The process's own streams, which from here on never fail to encode."""
        # A stream that the caller closed is None.
        out = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        err = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        for stream in (out, err):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")
        colour = colour and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        out_tty, err_tty = _is_terminal(out), _is_terminal(err)
        forced = bool(environ.get("FLOWC_ASCII"))

        def is_ascii(stream: TextIO) -> bool:
            return forced or not (stream.encoding or "").lower().replace("-", "").startswith("utf")

        return cls(
            out,
            err,
            out_tty,
            err_tty,
            colour and out_tty,
            colour and err_tty,
            is_ascii(out),
            is_ascii(err),
            _columns(err if err_tty else out) if err_tty or out_tty else _WIDTH,
            quiet,
        )

    def write(self, text: str) -> None:
        """Data: what the command was asked for."""
        self.out.write(text)

    def show(self, text: str) -> None:
        """Data for people: in ASCII where the stream shows nothing else."""
        from flowc.diagnostics.render import _glyphs

        self.out.write(_glyphs.plain(text, ascii=True) if self.ascii_out else text)

    def complain(self, text: str) -> None:
        """What is wrong; ``--quiet`` does not silence it."""
        self._flush_data()
        self.err.write(text)

    def say(self, text: str) -> None:
        """What is good to know; silent under ``--quiet``."""
        if not self.quiet:
            self._flush_data()
            self.err.write(text)

    def _flush_data(self) -> None:
        """On one screen or in one file, what was said later stands below."""
        with suppress(BrokenPipeError, ValueError):
            self.out.flush()
