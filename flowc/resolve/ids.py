"""The names of nodes: written ones first, the others by their component, counted up."""

from __future__ import annotations

from collections.abc import Iterable

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.tree import BrokenStage, Chain, Stage, Word

DUPLICATE_NAME = declare("FC0264", "duplicate-name", "Two nodes of a pipeline have one name")


class Ids:
    """Gives each node of a pipeline a name of its own."""

    def __init__(self, chains: Iterable[Chain], reporter: Reporter) -> None:
        self._reporter = reporter
        self._written = _written_names(chains)
        self._labels: dict[str, Word] = {}
        self._taken: set[str] = set()
        #: How far each name was counted up.
        self._counts: dict[str, int] = {}

    def take(self, name: str, label: Word | None) -> str:
        """The written name, where there is one; else ``name``, ``name-2``, ``name-3``.

        A written name that another node has already is reported.
        """
        if label is not None and label.text not in self._labels:
            self._labels[label.text] = label
            self._taken.add(label.text)
            return label.text
        if label is not None:
            self._duplicate(label)
            name = label.text
        count = self._counts.get(name, 0) + 1
        id = name if count == 1 else f"{name}-{count}"
        while id in self._taken or id in self._written:
            count += 1
            id = f"{name}-{count}"
        self._counts[name] = count
        self._taken.add(id)
        return id

    def _duplicate(self, label: Word) -> None:
        self._reporter.error(
            DUPLICATE_NAME,
            f"two nodes are called '{label.text}'",
            label.span,
            labels=(Label(self._labels[label.text].span, "the first"),),
            notes=("`from`, `--set` and reports go by these names",),
        )


def _written_names(chains: Iterable[Chain]) -> frozenset[str]:
    """The names that the user gave to nodes: no other node may take one of them."""
    found: set[str] = set()
    for chain in chains:
        ends = (*chain.sources, *chain.sinks)
        found |= {end.label.text for end in ends if end.label is not None}
        waiting: list[Stage | BrokenStage] = list(chain.stages)
        while waiting:
            stage = waiting.pop()
            if isinstance(stage, BrokenStage):
                continue
            if stage.label is not None:
                found.add(stage.label.text)
            for branch in stage.block or ():
                waiting.extend(branch.stages)
                found |= {sink.label.text for sink in branch.sinks if sink.label is not None}
    return frozenset(found)
