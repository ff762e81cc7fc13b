"""The order in which sources are read: those that fill a table before those that read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowc.model.plan import Block, Hold, Link, Plan, Read, Tabulate


def read_in_order(plan: Plan) -> Plan:
    """The plan with its sources in an order in which every table is whole when it is needed.

    Where there is none, because a source both fills a table and gives the records that are looked
    up in it, these wait in a ``Hold``.
    """
    flows = Flows(plan)
    joins = [
        _Join(
            link.source, link.target, flows.sources_of(link.source), flows.sources_of(link.target)
        )
        for link in plan.links
        if link.input
    ]
    if not joins:
        return plan
    before = _before(joins, flows.sources)
    for join in joins:
        if any(one == other or one in before[other] for one in join.read for other in join.fill):
            plan = _held(plan, join)
    order = _ordered(flows.sources, before)
    blocks = {block.id: block for block in plan.blocks}
    others = (block for block in plan.blocks if not isinstance(block.body, Read))
    return replace(plan, blocks=(*(blocks[source] for source in order), *others))


@dataclass(frozen=True, slots=True)
class _Join:
    """A table, the block that reads it, and the sources that come to the one and the other."""

    table: str
    reader: str
    fill: frozenset[str]
    read: frozenset[str]


class Flows:
    """Which sources give the records that come to a block. ``sources`` in the plan's order."""

    def __init__(self, plan: Plan) -> None:
        self.sources = [block.id for block in plan.blocks if isinstance(block.body, Read)]
        self._into: dict[str, list[str]] = {}
        for link in plan.links:
            if not link.input:
                self._into.setdefault(link.target, []).append(link.source)

    def sources_of(self, block: str) -> frozenset[str]:
        """The sources of which records come to a block."""
        found: set[str] = set()
        waiting = [block]
        while waiting:
            for origin in self._into.get(waiting.pop(), ()):
                if origin not in found:
                    found.add(origin)
                    waiting.append(origin)
        return frozenset(found.intersection(self.sources))


def _before(joins: list[_Join], sources: list[str]) -> dict[str, frozenset[str]]:
    """The sources that must be read before each one, over any number of tables."""
    direct: dict[str, set[str]] = {source: set() for source in sources}
    for join in joins:
        for source in join.read:
            direct[source] |= join.fill
    found: dict[str, frozenset[str]] = {}
    for source in sources:
        seen: set[str] = set()
        waiting = [source]
        while waiting:
            for earlier in direct[waiting.pop()] - seen:
                seen.add(earlier)
                waiting.append(earlier)
        found[source] = frozenset(seen)
    return found


def _ordered(sources: list[str], before: Mapping[str, frozenset[str]]) -> list[str]:
    """As they were declared, but each behind those before it; those that are both before and
    behind each other as they were declared."""
    left = list(sources)
    found: list[str] = []
    while left:
        following = next(
            source
            for source in left
            if all(source in before[other] for other in before[source].intersection(left))
        )
        found.append(following)
        left.remove(following)
    return found


def _held(plan: Plan, join: _Join) -> Plan:
    """The plan with a block before the reader of a table in which its records wait."""
    reader = plan.block(join.reader)
    assert reader.row is not None
    table = plan.block(join.table).body
    assert isinstance(table, Tabulate)
    hold = Block(
        f"{reader.id}~held", Hold(table.node, join.table), (), reader.row, {"out": reader.row}
    )
    blocks: list[Block] = []
    for block in plan.blocks:
        blocks += [hold, block] if block is reader else [block]
    links = [
        replace(link, target=hold.id) if link.target == reader.id and not link.input else link
        for link in plan.links
    ]
    return replace(plan, blocks=tuple(blocks), links=(*links, Link(hold.id, "out", reader.id)))
