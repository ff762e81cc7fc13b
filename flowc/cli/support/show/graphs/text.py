"""A drawing as a tree of lines, with the type on each edge.

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

from collections import defaultdict
from collections.abc import Iterator, Sequence

from flowc.cli.support.show.drawing import Arrow, Box, Drawing
from flowc.cli.support.terminal import Terminal


class _Tree:
    def __init__(self, drawing: Drawing, ascii: bool) -> None:
        self.drawing = drawing
        self.bar, self.tee, self.corner = ("|", "|-", "'-") if ascii else ("│", "├─", "└─")
        self.boxes = {box.id: box for box in drawing.boxes}
        self.out: defaultdict[str, list[Arrow]] = defaultdict(list)
        self.missing = dict.fromkeys(self.boxes, 0)
        for arrow in drawing.arrows:
            self.out[arrow.source].append(arrow)
            self.missing[arrow.target] += 1
        self.shown: set[str] = set()

    def lines(self) -> Iterator[str]:
        roots = [box for box in self.drawing.boxes if not self.missing[box.id]]
        for i, root in enumerate(roots):
            if i:
                yield ""
            yield from self.below(root)
        for box in self.drawing.boxes:
            if box.id not in self.shown:
                yield ""
                yield from self.below(box)

    def below(self, root: Box) -> Iterator[str]:
        """A node and what follows it, without recursion: pipelines can be long."""
        stack: list[tuple[str, Box | str]] = [("", root)]
        while stack:
            lead, item = stack.pop()
            if isinstance(item, str):
                yield lead + item
                continue
            self.shown.add(item.id)
            for line in item.lines:
                yield lead + line
            arrows = self.out[item.id]
            push: list[tuple[str, Box | str]] = []
            for i, arrow in enumerate(arrows):
                inner = lead
                if len(arrows) == 1:
                    for line in self.drawing.full_label(arrow) or ("",):
                        push.append((lead, f"{self.bar}  {line}".rstrip()))
                else:
                    last = i == len(arrows) - 1
                    inner = lead + ("   " if last else f"{self.bar}  ")
                    first, *more = self.drawing.full_label(arrow) or ("",)
                    push.append((lead, f"{self.corner if last else self.tee} {first}".rstrip()))
                    push += [(inner, line) for line in more]
                target = self.boxes[arrow.target]
                self.missing[target.id] -= 1
                if self.missing[target.id] > 0:
                    push.append((inner, f"(to {target.id}, below)"))
                elif target.id not in self.shown:
                    self.shown.add(target.id)
                    push.append((inner, target))
                else:
                    push.append((inner, f"(back to {target.id})"))
            stack.extend(reversed(push))


def tree(drawing: Drawing, *, width: int = 80, ascii: bool = False) -> str:
    """The drawing as text, no line longer than ``width``."""
    out: list[str] = []
    more = "..." if ascii else "…"
    for line in _Tree(drawing, ascii).lines():
        out.append(line if len(line) <= width else line[: width - len(more)] + more)
    return "\n".join(out) + "\n"


def draw(drawings: Sequence[Drawing], terminal: Terminal) -> str:
    """The drawings one below the other, each under its name where there are several."""
    heads = [f"{drawing.name}:\n" if len(drawings) > 1 else "" for drawing in drawings]
    texts = [tree(d, width=terminal.width, ascii=terminal.ascii_out) for d in drawings]
    return "\n".join(head + text for head, text in zip(heads, texts, strict=True))
