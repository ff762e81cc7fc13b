"""Text to trees: pipe text and YAML give the same."""

from __future__ import annotations

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile
from flowc.model.tree import Document

#: Names of pipeline files that are YAML.
YAML_SUFFIXES = (".yaml", ".yml")


def parse(
    source: SourceFile,
    reporter: Reporter,
    *,
    command_line: bool = False,
    operators: frozenset[str] = frozenset(),
) -> Document:
    """Read a pipeline; what is wrong with it is reported, never raised.

    Args:
        source: YAML where its name ends in ``.yaml`` or ``.yml``, else pipe text.
        command_line: pipe text whose missing ends become ``-``.
        operators: the names of operators, which no source or sink can have.
    """
    if not command_line and source.name.endswith(YAML_SUFFIXES):
        from flowc.syntax import document, yamldoc

        values = yamldoc.load(source, reporter)
        return document.to_tree(values, source, reporter, operators=operators)
    from flowc.syntax import dsl

    return dsl.parse_document(source, reporter, command_line=command_line, operators=operators)
