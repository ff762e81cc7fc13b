"""Joins runs of pure blocks, so that each run becomes one function over a batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from flowc.model.plan import Block, PassNote, Plan, Pure


def fuse(plan: Plan) -> Plan:
    """Blocks of steps that follow each other alone become one; others stay apart.

    A block with state or effects is never part of a run: it sees each record once,
    after every step that can fail.
    """
    links = [link for link in plan.links if not link.input]
    out = Counter(link.source for link in links)
    into = Counter(link.target for link in links)
    following = {link.source: link.target for link in links if out[link.source] == 1}
    blocks = {block.id: block for block in plan.blocks}
    joined: dict[str, str] = {}
    # A run stands where its last block stood: behind the tables that any of them reads.
    runs: dict[str, Block] = {}
    notes: list[PassNote] = []
    for block in plan.blocks:
        if block.id in joined:
            continue
        if not isinstance(block.body, Pure):
            runs[block.id] = block
            continue
        run = [block]
        while True:
            after = blocks.get(following.get(run[-1].id, ""))
            if after is None or into[after.id] != 1 or not isinstance(after.body, Pure):
                break
            run.append(after)
        for part in run:
            joined[part.id] = block.id
        runs[run[-1].id] = _one(run)
        if len(run) > 1:
            names = ", ".join(part.id for part in run)
            notes.append(PassNote("fuse", f"{names} run as one function"))
    moved = (
        replace(
            link,
            source=joined.get(link.source, link.source),
            target=joined.get(link.target, link.target),
        )
        for link in plan.links
    )
    kept = tuple(link for link in moved if link.source != link.target)
    fused = tuple(runs[block.id] for block in plan.blocks if block.id in runs)
    return replace(plan, blocks=fused, links=kept, notes=(*plan.notes, *notes))


def _one(run: list[Block]) -> Block:
    if len(run) == 1:
        return run[0]
    steps = tuple(
        step for block in run if isinstance(block.body, Pure) for step in block.body.steps
    )
    nodes = tuple(node for block in run for node in block.nodes)
    return Block(run[0].id, Pure(steps), nodes, run[0].row, run[-1].rows)
