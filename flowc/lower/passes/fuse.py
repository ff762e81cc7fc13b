"""Joins runs of pure blocks, so that each run becomes one function over a batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from flowc.model.plan import Block, Link, PassNote, Plan, Pure


def fuse(plan: Plan) -> Plan:
    """Blocks of steps that follow each other alone become one; others stay apart.

    A block with state or effects is never part of a run: it sees each record once,
    after every step that can fail.
    """
    out = Counter(link.source for link in plan.links)
    into = Counter(link.target for link in plan.links)
    following = {link.source: link.target for link in plan.links if out[link.source] == 1}
    blocks = {block.id: block for block in plan.blocks}
    joined: dict[str, str] = {}
    fused: list[Block] = []
    notes: list[PassNote] = []
    for block in plan.blocks:
        if block.id in joined:
            continue
        if not isinstance(block.body, Pure):
            fused.append(block)
            continue
        run = [block]
        while True:
            after = blocks.get(following.get(run[-1].id, ""))
            if after is None or into[after.id] != 1 or not isinstance(after.body, Pure):
                break
            run.append(after)
        for part in run:
            joined[part.id] = block.id
        fused.append(_one(run))
        if len(run) > 1:
            names = ", ".join(part.id for part in run)
            notes.append(PassNote("fuse", f"{names} run as one function"))
    links = tuple(
        Link(joined.get(link.source, link.source), link.port, joined.get(link.target, link.target))
        for link in plan.links
        if joined.get(link.source, link.source) != joined.get(link.target, link.target)
    )
    return replace(plan, blocks=tuple(fused), links=links, notes=(*plan.notes, *notes))


def _one(run: list[Block]) -> Block:
    if len(run) == 1:
        return run[0]
    steps = tuple(
        step for block in run if isinstance(block.body, Pure) for step in block.body.steps
    )
    nodes = tuple(node for block in run for node in block.nodes)
    return Block(run[0].id, Pure(steps), nodes, run[0].row, run[-1].rows)
