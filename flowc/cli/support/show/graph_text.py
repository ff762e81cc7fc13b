"""A pipeline as a tree of lines, with the type on each edge.

    orders.jsonl
    |  orders
    filter amount > 100
    |  orders
    tee
    |- orders
    |  all.jsonl
    '- orders
       select id
       |  {id}
       ids.jsonl

A node that several edges enter stands once, behind the last of them; the others say so.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowc.cli.support.show.flow import brief, port_label, row_on
from flowc.model.graph import Edge, Node, TypedPipeline


class _Tree:
    def __init__(self, typed: TypedPipeline, ascii: bool) -> None:
        self.typed = typed
        self.pipeline = typed.pipeline
        self.bar, self.tee, self.corner = ("|", "|-", "'-") if ascii else ("│", "├─", "└─")
        self.missing = {n.id: len(self.pipeline.into(n.id)) for n in self.pipeline.nodes}
        self.shown: set[str] = set()

    def lines(self) -> Iterator[str]:
        roots = [n for n in self.pipeline.nodes if not self.pipeline.into(n.id)]
        for i, root in enumerate(roots):
            if i:
                yield ""
            yield from self.below(root)
        for node in self.pipeline.nodes:
            if node.id not in self.shown:
                yield ""
                yield from self.below(node)

    def edge_label(self, edge: Edge) -> str:
        row = row_on(self.typed, edge)
        return brief(row) if row is not None else "?"

    def below(self, root: Node) -> Iterator[str]:
        """A node and what follows it, without recursion: pipelines can be long."""
        stack: list[tuple[str, str, Node | str]] = [("", "", root)]
        while stack:
            first, rest, item = stack.pop()
            if isinstance(item, str):
                yield first + item
                continue
            self.shown.add(item.id)
            yield first + item.text
            edges = self.pipeline.out_of(item.id)
            push: list[tuple[str, str, Node | str]] = []
            for i, edge in enumerate(edges):
                last = i == len(edges) - 1
                label = self.edge_label(edge)
                if len(edges) == 1:
                    push.append((rest, rest, f"{self.bar}  {label}"))
                    inner = rest
                else:
                    port = port_label(self.typed, edge)
                    shown = f"{port}: {label}" if port else label
                    push.append((rest, rest, f"{self.corner if last else self.tee} {shown}"))
                    inner = rest + ("   " if last else f"{self.bar}  ")
                target = self.pipeline.node(edge.target)
                self.missing[target.id] -= 1
                if self.missing[target.id] > 0:
                    push.append((inner, inner, f"(to {target.id}, below)"))
                elif target.id not in self.shown:
                    self.shown.add(target.id)
                    push.append((inner, inner, target))
                else:
                    push.append((inner, inner, f"(back to {target.id})"))
            stack.extend(reversed(push))


def graph_text(typed: TypedPipeline, *, width: int = 80, ascii: bool = False) -> str:
    """The pipeline as text, no line longer than ``width``."""
    out: list[str] = []
    more = "..." if ascii else "…"
    for line in _Tree(typed, ascii).lines():
        out.append(line if len(line) <= width else line[: width - len(more)] + more)
    return "\n".join(out) + "\n"
