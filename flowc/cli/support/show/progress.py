"""How far a run has come: a live line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowc.cli.support.terminal import Terminal

if TYPE_CHECKING:
    from rich.live import Live

    from flowc_runtime.tally import Accounts

#: Seconds before the first line: a short run says nothing until its summary.
_FIRST_LIVE = 0.5
_FIRST_PLAIN = 10.0
_BETWEEN_LIVE = 0.2
#: The longest pause between plain lines; until then each is as long again as all before.
_MOST_BETWEEN = 300.0


def _line(accounts: Accounts, seconds: float) -> str:
    nodes = accounts.nodes.values()
    read = sum(a.received for a in nodes if a.node.kind == "source")
    given = sum(a.received - a.dead for a in nodes if a.node.kind == "sink")
    dead = accounts.dead
    rate = read / seconds if seconds else 0.0
    parts = [f"{read:,} read", f"{given:,} to sinks"]
    if dead:
        parts.append(f"{dead:,} dead letter{'' if dead == 1 else 's'}")
    return ", ".join(parts) + f" ({rate:,.0f} records/s, {seconds:.0f} s)"


class Progress:
    """An observer of a run. Use as a context manager, which clears the live line."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._live: Live | None = None
        self._is_live = terminal.err_is_terminal
        self._began = time.monotonic()
        self._next = self._began + (_FIRST_LIVE if self._is_live else _FIRST_PLAIN)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def progress(self, source: str, accounts: Accounts) -> None:
        """A batch went through."""
        now = time.monotonic()
        if now < self._next or self._terminal.quiet:
            return
        line = _line(accounts, now - self._began)
        if not self._is_live:
            self._next = now + min(_MOST_BETWEEN, now - self._began)
            self._terminal.say(line + "\n")
            return
        self._next = now + _BETWEEN_LIVE
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            console = Console(
                file=self._terminal.err,
                force_terminal=True,
                no_color=not self._terminal.colour_err,
                highlight=False,
            )
            self._live = Live(console=console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(line, refresh=True)
