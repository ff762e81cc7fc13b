"""``overrides:``: changes of the pipeline that a file builds on, by node name or path.

A map under a name goes down to its values: ``network-filter: {config: {network: pubnet}}``
changes one option and leaves the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Template
from flowc.model.source import Text
from flowc.model.tree import Document, MapValue, NullValue, Option, PipelineTree, Value, Word
from flowc.resolve import changes
from flowc.resolve.written import source_text

UNKNOWN_OVERRIDE = declare(
    "FC0273", "unknown-override", "`overrides` names nothing of the pipeline"
)
NO_CHANGE = declare("FC0274", "empty-override", "An entry of `overrides` changes nothing")


def apply_overrides(document: Document, reporter: Reporter) -> Document:
    """The document with the `overrides` of each pipeline carried out, in the order written."""
    trees = tuple(_overridden(tree, reporter) for tree in document.pipelines)
    return document if trees == document.pipelines else replace(document, pipelines=trees)


def _overridden(tree: PipelineTree, reporter: Reporter) -> PipelineTree:
    for option in tree.overrides:
        # What it builds on is not there, which was reported: nothing can be said of names.
        if tree.extends is not None:
            break
        for path, value in _leaves(option, (), reporter):
            text: Text | None = source_text(value) if isinstance(value, Template) else None
            changed = changes.Change(path, value, text, reporter).tree(tree, path)
            if changed is None:
                _unknown(tree, path, reporter)
                break
            tree = changed
    return replace(tree, overrides=())


def _leaves(
    option: Option, above: changes.Path, reporter: Reporter
) -> Iterator[tuple[changes.Path, Value]]:
    """The values under an entry with their paths; depth is limited when they are read."""
    path = (*above, *_parts(option.key))
    match option.value:
        case MapValue(entries=entries) if entries:
            for entry in entries:
                yield from _leaves(entry, path, reporter)
        case MapValue() | NullValue():
            name = ".".join(word.text for word in path)
            reporter.error(
                NO_CHANGE,
                f"nothing is said of '{name}'",
                option.key.span,
                notes=("leave it out, or write what is to change",),
            )
        case _:
            yield path, option.value


def _parts(key: Word) -> changes.Path:
    if not all(key.text.split(".")):
        return (key,)
    return tuple(Word(part, key.span) for part in key.text.split("."))


def _unknown(tree: PipelineTree, path: changes.Path, reporter: Reporter) -> None:
    head, name = path[0], path[0].text
    known = list(dict.fromkeys(changes.chain_paths(tree.chain)))
    if name in known:
        shown = ".".join(word.text for word in path)
        reporter.error(UNKNOWN_OVERRIDE, f"the pipeline has no value '{shown}'", path[-1].span)
        return
    near = nearest(name, known)
    whole = head.span.text == name
    reporter.error(
        UNKNOWN_OVERRIDE,
        f"the pipeline has no node '{name}'",
        head.span,
        at=f"did you mean '{near[0]}'?" if near else "",
        notes=(f"it has {', '.join(known[:20])}",) if known else (),
        fixes=tuple(
            Fix(f"write {better}", (Edit(head.span, better),), Safety.UNSAFE)
            for better in near
            if whole
        ),
    )
