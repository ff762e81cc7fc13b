"""What the pipelines of a file are called: dead letters and built projects go by it."""

from __future__ import annotations

import re
from pathlib import Path

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Label
from flowc.model.tree import Document, PipelineTree, Word

UNFIT_NAME = declare("FC0270", "unfit-pipeline-name", "A pipeline's name cannot name files")
DUPLICATE_PIPELINE = declare("FC0275", "duplicate-pipeline", "Two pipelines have one name")

_FIT_NAME = re.compile(r"[^\W_][\w .-]{0,99}")


class Names:
    """Gives each pipeline of a document its name.

    ``stem`` is what the file is called: ``pipeline`` on the command line and on stdin.
    """

    def __init__(self, document: Document, reporter: Reporter) -> None:
        source = document.source.name
        self.stem = "pipeline" if source.startswith("<") else Path(source).stem
        self._reporter = reporter
        self._written: dict[str, Word] = {}
        self._taken = {tree.name.text for tree in document.pipelines if tree.name is not None}

    def of(self, tree: PipelineTree) -> str:
        """The written name, else the file's stem; the second without one is counted."""
        if tree.name is None:
            return self._free(self.stem)
        name = tree.name.text
        if not _FIT_NAME.fullmatch(name):
            self._reporter.error(
                UNFIT_NAME,
                "the name of a pipeline is made of letters, digits, blanks, `-`, `_` and `.`",
                tree.name.span,
                notes=(
                    "it begins with a letter or digit and has at most 100 characters",
                    "dead letters and the built project are called after it",
                ),
            )
            return self._free("pipeline")
        first = self._written.setdefault(name, tree.name)
        if first is tree.name:
            return name
        self._reporter.error(
            DUPLICATE_PIPELINE,
            f"two pipelines are called '{name}'",
            tree.name.span,
            labels=(Label(first.span, "the first"),),
            notes=("dead letters and the built project are called after it",),
        )
        return self._free(name)

    def _free(self, name: str) -> str:
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name}-{count}"
        self._taken.add(found)
        return found
