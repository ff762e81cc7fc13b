"""Accounting: nothing is lost without a name for where it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from .errors import ImbalanceError
from .records import Node

__all__ = ["Account", "Accounts", "Receipt", "Tally"]


class Tally:
    """What one call of a fused function did with its records beside passing them on."""

    __slots__ = ("drops", "produced", "rejects")

    def __init__(self) -> None:
        self.drops: dict[tuple[str, str], int] = {}
        self.produced: dict[str, int] = {}
        self.rejects: list[tuple[str, Any, Exception]] = []

    def drop(self, node: str, count: int = 1, reason: str = "filtered") -> None:
        """`count` records ended at `node` because of `reason`."""
        if count:
            self.drops[node, reason] = self.drops.get((node, reason), 0) + count

    def produce(self, node: str, count: int = 1) -> None:
        """`node` made `count` records more than it passed on."""
        if count:
            self.produced[node] = self.produced.get(node, 0) + count

    def reject(self, node: str, record: Any, error: Exception) -> None:
        """`record`, as it came into the function, cannot pass `node`: it goes to the dead letter."""
        self.rejects.append((node, record, error))

    def add(self, other: Tally) -> None:
        """Take over what another call counted."""
        for (node, reason), count in other.drops.items():
            self.drop(node, count, reason)
        for node, count in other.produced.items():
            self.produce(node, count)
        self.rejects.extend(other.rejects)


class Receipt:
    """What a gathering operator did with the records of one call beside passing them on."""

    __slots__ = ("absorbed", "drops", "failures", "produced", "rejects", "spoiled")

    def __init__(self) -> None:
        self.spoiled: list[tuple[Any, Exception]] = []
        self.failures: list[str] = []
        self.drops: dict[str, int] = {}
        self.absorbed = 0
        self.produced = 0
        self.rejects: list[tuple[Any, Exception]] = []

    def drop(self, count: int, reason: str) -> None:
        """`count` records ended here because of `reason`."""
        if count:
            self.drops[reason] = self.drops.get(reason, 0) + count

    def absorb(self, count: int) -> None:
        """`count` records went into the memory."""
        self.absorbed += count

    def release(self, count: int) -> None:
        """`count` records that were absorbed before are passed on, dropped or rejected now."""
        self.absorbed -= count

    def produce(self, count: int) -> None:
        """`count` of the records given back are new."""
        self.produced += count

    def reject(self, record: Any, error: Exception) -> None:
        """`record` goes to the dead letter."""
        self.rejects.append((record, error))

    def spoil(self, made: Any, error: Exception) -> None:
        """What was made here, a record or bytes that are none, goes to the dead letter."""
        self.spoiled.append((made, error))

    def fail(self, failure: str) -> None:
        """The whole of the records is not as it was expected: nothing of it is published."""
        self.failures.append(failure)


class Account(Struct):
    """One node's books, in records.

    received = passed + dropped + dead + absorbed; what leaves the node is passed + produced.
    `confirmed` is, for a sink, what it says it stored. `spoiled` is what the node made that is no
    record, and went to the dead letter without having been received.
    """

    node: Node
    received: int = 0
    passed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    dead: int = 0
    absorbed: int = 0
    produced: int = 0
    confirmed: int = 0
    spoiled: int = 0

    @property
    def out(self) -> int:
        """Records that left the node."""
        return self.passed + self.produced

    def imbalance(self) -> str | None:
        """The broken equation in words, or nothing."""
        dropped = sum(self.dropped.values())
        if self.node.kind == "sink":
            if self.confirmed == self.received - self.dead - dropped:
                return None
            return (
                f"sink {self.node.name} received {self.received} records, {self.dead} dead, "
                f"{dropped} dropped, but confirmed {self.confirmed}"
            )
        ended = self.passed + dropped + self.dead + self.absorbed
        if ended == self.received:
            return None
        return (
            f"node {self.node.name} received {self.received} records, but passed {self.passed}, "
            f"dropped {dropped}, {self.dead} dead, absorbed {self.absorbed}"
        )


class Accounts:
    """The books of a run, one account for each node in the order of the pipeline.

    `cut_timestamps` is how many timestamps lost digits past microseconds, `zoneless_timestamps`
    whether some had no time zone and were read as UTC; both are known at the end.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes: dict[str, Account] = {node.name: Account(node) for node in nodes}
        self.cut_timestamps = 0
        self.zoneless_timestamps = False

    def __getitem__(self, node: str) -> Account:
        return self.nodes[node]

    def settle(self, chain: tuple[str, ...], received: int, left: int, tally: Tally) -> None:
        """Book one call of a segment that did the work of `chain`.

        `received` records went in and `left` came out. What a node passes is what the next one
        receives; the last one passes what left, so a record lost inside shows there. A segment
        that stands for no node of the pipeline passes everything.
        """
        if not chain:
            if left != received:
                raise ImbalanceError(f"{received - left} records were lost between two nodes")
            return
        gone: dict[str, int] = {}
        for (node, reason), count in tally.drops.items():
            self.nodes[node].dropped[reason] += count
            gone[node] = gone.get(node, 0) + count
        for node, _, _ in tally.rejects:
            self.nodes[node].dead += 1
            gone[node] = gone.get(node, 0) + 1
        for name in chain:
            account = self.nodes[name]
            account.received += received
            passed = received - gone.get(name, 0)
            account.passed += passed
            made = tally.produced.get(name, 0)
            account.produced += made
            received = passed + made
        self.nodes[chain[-1]].passed += left - received

    def settle_gathered(
        self, node: str, received: int, left: int, receipt: Receipt, *, prepared: bool
    ) -> None:
        """Book one call of a gathering operator.

        `received` records went in and `left` came out. `prepared`: a function before it has
        booked for the node that it received them and passed them on.
        """
        account = self.nodes[node]
        if prepared:
            account.passed -= received
        else:
            account.received += received
        account.passed += left - receipt.produced
        account.produced += receipt.produced
        account.absorbed += receipt.absorbed
        account.dead += len(receipt.rejects)
        account.spoiled += len(receipt.spoiled)
        for reason, count in receipt.drops.items():
            account.dropped[reason] += count

    def wait(self, node: str, count: int) -> None:
        """Book that so many more records wait before a node, which will receive them later."""
        account = self.nodes[node]
        account.received += count
        account.absorbed += count

    def imbalances(self) -> list[str]:
        """Every broken equation; empty when the books are right."""
        found = (account.imbalance() for account in self.nodes.values())
        return [words for words in found if words]

    @property
    def dead(self) -> int:
        """Dead letters of all nodes."""
        return sum(account.dead + account.spoiled for account in self.nodes.values())

    def rows(self) -> list[tuple[str, int, int, str]]:
        """(node, records in, records out, what became of the rest) for the summary."""
        return [
            (
                account.node.name,
                account.received,
                account.confirmed if account.node.kind == "sink" else account.out,
                _rest(account),
            )
            for account in self.nodes.values()
        ]


def _rest(account: Account) -> str:
    parts = [f"{count:,} {reason}" for reason, count in sorted(account.dropped.items())]
    if dead := account.dead + account.spoiled:
        parts.append(f"{dead:,} dead")
    if account.absorbed:
        parts.append(f"{account.absorbed:,} absorbed")
    if account.produced:
        parts.append(f"{account.produced:,} more made")
    return ", ".join(parts)
