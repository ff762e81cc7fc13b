"""`batch 1000 every 5s`: what the next sink or remote step is given at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from ..environment import Environment
from ..tally import Receipt
from .saving import builtins, from_builtins

__all__ = ["Batches"]


class Batches:
    """Hands on `count` records at a time; fewer when the first of them has waited for `every`, and
    at the end of the input. `takes` is their class."""

    def __init__(
        self,
        takes: type[msgspec.Struct],
        count: int,
        every: timedelta | None,
        environment: Environment,
    ) -> None:
        self._takes = takes
        self._count = count
        self._every = None if every is None else every.total_seconds()
        self._environment = environment
        self._held: list[Any] = []
        self._since = 0.0
        self.timed = every is not None

    def apply(self, records: list[Any], receipt: Receipt) -> list[list[Any]]:
        """Take records in, give the groups that are complete."""
        before, size = len(self._held), self._count
        held = self._held + records
        whole = len(held) - len(held) % size
        self._held = held[whole:]
        if self._held and (whole or not before):
            self._since = self._environment.monotonic()
        receipt.absorb(len(self._held) - before)
        return [held[at : at + size] for at in range(0, whole, size)]

    @property
    def due(self) -> float | None:
        """The monotonic second at which what is held has waited long enough."""
        return None if self._every is None or not self._held else self._since + self._every

    def heard(self) -> None:
        """A source has given something, which changes nothing here."""

    def wake(self, receipt: Receipt) -> list[list[Any]]:
        """Give what is held."""
        return self.finish(receipt)

    def finish(self, receipt: Receipt) -> list[list[Any]]:
        """Give what is held."""
        held, self._held = self._held, []
        receipt.release(len(held))
        return [held] if held else []

    def save(self) -> Any:
        """The records that are held."""
        return [builtins(record) for record in self._held]

    def restore(self, saved: Any) -> None:
        """Go on with saved records, whose time begins anew."""
        self._held = [from_builtins(record, self._takes) for record in saved]
        self._since = self._environment.monotonic()
