"""Records grouped by a value that is another one in every run."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.catalog.grouping import Key
from flowc.check.rules import RuleContext
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.graph import Lineage, Node, NodeTypes, TypedPipeline
from flowc.model.source import Span
from flowc.model.typed import columns, is_deterministic
from flowc.types.show import show_name

RANDOM_KEY = declare(
    "FC0452", "random-key", "Records are grouped by a value that differs from run to run"
)

_Random = dict[tuple[str, ...], Span]


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """When a run resumes, records come again: they must find the group they were in."""
    random: dict[str, _Random] = {}
    for node in typed.pipeline.order():
        known = typed.types.get(node.id)
        if known is None:
            continue
        came: _Random = {}
        for edge in typed.pipeline.arriving(node.id):
            came |= random.get(edge.source, {})
        for key in _keys(known):
            _report(key, came, context)
        random[node.id] = _behind(node, known.lineage, came)
        for edge in typed.pipeline.into(node.id):
            if edge.input:
                other = random.get(edge.source, {})
                random[node.id] |= _behind(node, known.lineage.of(edge.input), other)


def _keys(known: NodeTypes) -> Iterator[Key]:
    keys = getattr(known.outcome, "keys", ())
    for key in keys if isinstance(keys, tuple) else ():
        if isinstance(key, Key):
            yield key


def _report(key: Key, came: _Random, context: RuleContext) -> None:
    reads = [came[path] for path in sorted(columns(key.value)) if path in came]
    if is_deterministic(key.value) and not reads:
        return
    context.reporter.warning(
        RANDOM_KEY,
        f"the key `{show_name(key.field.name)}` is another one in every run",
        key.span,
        labels=tuple(Label(span, "computed from what differs each time") for span in reads),
        notes=("records that are read again, after a restart, would not find their group",),
    )


def _behind(node: Node, lineage: Lineage, came: _Random) -> _Random:
    """The columns behind a node that differ from run to run, each with where it began."""
    found: _Random = {}
    for path, sources in lineage.computed.items():
        if path in lineage.random:
            found[path] = node.span
        else:
            found.update((path, came[source]) for source in sources if source in came)
    found |= {out: came[source] for out, source in lineage.carried.items() if source in came}
    return found | {path: span for path, span in came.items() if lineage.back(path) == path}
