"""A column that is computed, and that nothing behind uses."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.catalog.spec import Aggregate, Arguments, Assignment
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.expr import Expr, FieldStep, Path, parts
from flowc.model.graph import Node, NodeKind, StageBinding, TypedPipeline
from flowc.model.source import Span
from flowc.types.show import show_name

UNUSED_COLUMN = declare(
    "FC0451", "unused-column", "A column is computed, and nothing behind it uses it"
)


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """What is written out and then never read is a slip: a wrong name behind it, a sink that
    lacks it, or work for nothing. A name that begins with ``_`` says that it is meant so."""
    if context.reporter.has_errors:
        # What an error hides might have used it.
        return
    for node in typed.pipeline.nodes:
        known = typed.types.get(node.id)
        if known is None or node.kind is not NodeKind.STAGE:
            continue
        used: set[tuple[str, ...]] = set()
        for edge in typed.pipeline.out_of(node.id):
            behind = typed.types.get(edge.target)
            used |= behind.used_of(edge.input) if behind else set(known.lineage.computed)
        for path, span in _written(node):
            if path not in known.lineage.computed or path[-1].startswith("_"):
                continue
            if any(each[: len(path)] == path or path[: len(each)] == each for each in used):
                continue
            name = ".".join(map(show_name, path))
            context.reporter.warning(
                UNUSED_COLUMN,
                f"`{name}` is computed, and nothing behind uses it",
                span,
                notes=("leave it out, or begin its name with `_` where only its errors count",),
            )


def _written(node: Node) -> Iterator[tuple[tuple[str, ...], Span]]:
    """The columns that a stage's text computes and does not itself read again, by path, each
    with its place. What records are grouped by is used by that."""
    arguments = node.binding.arguments if isinstance(node.binding, StageBinding) else None
    if not isinstance(arguments, Arguments):
        return
    for parameter, value in arguments.values.items():
        if parameter == "by" or not isinstance(value, tuple):
            continue
        for number, item in enumerate(value):
            if not isinstance(item, Assignment | Aggregate):
                continue
            names = item.path.names
            if isinstance(item, Assignment) and item.carried:
                continue
            if names and not any(names[0] in _read(each) for each in value[number + 1 :]):
                yield names, item.span


def _read(item: Assignment | Aggregate) -> frozenset[str]:
    """The fields that an item's expression names."""
    found: set[str] = set()
    stack: list[Expr] = [item.value]
    while stack:
        here = stack.pop()
        if isinstance(here, Path) and isinstance(here.steps[0], FieldStep):
            found.add(here.steps[0].name)
        stack.extend(parts(here))
    return frozenset(found)
