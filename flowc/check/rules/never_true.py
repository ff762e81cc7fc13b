"""A test that no record can pass: by its type, or by the tests before it."""

from __future__ import annotations

from flowc.catalog.shared import Branches, Test
from flowc.check.narrow import Given
from flowc.check.possible import (
    Contradiction,
    Possible,
    State,
    assume,
    base,
    join,
    parts_never_true,
)
from flowc.check.rules import RuleContext, nothing_comes
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.graph import Lineage, Node, NodeKind, NodeTypes, TypedPipeline
from flowc.model.source import Span
from flowc.model.typed import Const, Typed
from flowc.types.show import quoted, show_name

NEVER_TRUE = declare(
    "FC0450", "never-true", "No record can pass a test, by its type or the tests before it"
)

#: What is known on an edge; None where no record comes.
_Known = State | None


def RULE(typed: TypedPipeline, context: RuleContext) -> None:
    """A condition that contradicts its type, or what earlier conditions left."""
    _Walk(typed, context).run()


class _Walk:
    def __init__(self, typed: TypedPipeline, context: RuleContext) -> None:
        self.typed = typed
        self.context = context
        self.known: dict[tuple[str, str], _Known] = {}

    def run(self) -> None:
        for node in self.typed.pipeline.order():
            types = self.typed.types.get(node.id)
            if types is None:
                continue
            self.visit(node, types)

    def visit(self, node: Node, types: NodeTypes) -> None:
        if node.kind is NodeKind.SOURCE:
            self.known |= {(node.id, port): {} for port in types.ports}
            return
        states = [
            self.known.get((edge.source, edge.port), {})
            for edge in self.typed.pipeline.arriving(node.id)
        ]
        alive = [state for state in states if state is not None]
        if not alive:
            self.known |= {(node.id, port): None for port in types.ports}
            return
        state = join(alive)
        match types.outcome:
            case Test(condition=condition):
                self.known[node.id, "out"] = self._test(node, condition, state)
            case Branches(conditions=conditions):
                self._branches(node, types, conditions, state)
            case _:
                after = _behind(state, types.lineage)
                self.known |= {(node.id, port): after for port in types.ports}

    def _test(self, node: Node, condition: Typed, state: State) -> _Known:
        after = assume(condition, Given.TRUE, state)
        dead = isinstance(after, Contradiction)
        self._report(
            node, condition, state, self.typed.pipeline.only_behind(node.id, "out") if dead else ()
        )
        return None if isinstance(after, Contradiction) else after

    def _branches(
        self,
        node: Node,
        types: NodeTypes,
        conditions: tuple[tuple[str, Typed], ...],
        state: State,
    ) -> None:
        rest: State | Contradiction = state
        for port, condition in conditions:
            if isinstance(rest, Contradiction):
                self.known[node.id, port] = None
                self._taken(node, condition)
                continue
            inside = assume(condition, Given.TRUE, rest)
            dead = isinstance(inside, Contradiction)
            self._report(
                node,
                condition,
                rest,
                self.typed.pipeline.only_behind(node.id, port) if dead else (),
            )
            self.known[node.id, port] = None if isinstance(inside, Contradiction) else inside
            rest = assume(condition, Given.NOT_TRUE, rest)
        for port in types.ports:
            if (node.id, port) not in self.known:
                self.known[node.id, port] = None if isinstance(rest, Contradiction) else rest

    def _taken(self, node: Node, condition: Typed) -> None:
        if isinstance(condition, Const):
            return
        self.context.reporter.warning(
            NEVER_TRUE,
            "no record comes to this branch: those before it take every one",
            condition.span or node.span,
        )

    def _report(self, node: Node, condition: Typed, state: State, behind: tuple[str, ...]) -> None:
        for found in parts_never_true(condition, state):
            if found.column is None or found.known is None:
                # A constant: another rule speaks of it.
                continue
            name = ".".join(map(show_name, found.column.path))
            span = found.condition.span or node.span
            self.context.reporter.warning(
                NEVER_TRUE,
                f"this is never true: {_left(name, found.known, base(found.column.type))}",
                span,
                labels=_labels(found.known.reasons, span),
                notes=nothing_comes(behind),
            )


def _behind(state: State, lineage: Lineage) -> State:
    """What is known of the columns that a stage hands on unchanged."""
    found: dict[tuple[str, ...], Possible] = {}
    back: dict[tuple[str, ...], tuple[str, ...]] = dict(lineage.carried)
    for path, known in state.items():
        for out, came in back.items():
            if path[: len(came)] == came:
                found[(*out, *path[len(came) :])] = known
        if lineage.back(path) == path:
            found[path] = known
    return found


def _left(name: str, known: Possible, whole: Possible) -> str:
    """What a column can be, as a clause: ``status`` can only be "open" here."""
    if not known.has_value:
        return f"`{name}` is always null here"
    values = known.left()
    if values is not None:
        texts = sorted(_shown(value) for value in values)
        more = f" and {len(texts) - 5} more" if len(texts) > 5 else ""
        or_null = " or null" if known.null else ""
        return f"`{name}` can only be {', '.join(texts[:5])}{more}{or_null} here"
    low = None if known.low == whole.low else known.low
    high = None if known.high == whole.high else known.high
    if low is None and high is None:
        low, high = known.low, known.high
    parts = []
    if low is not None:
        parts.append(f"{'more than' if low.open else 'at least'} {_shown(low.value)}")
    if high is not None:
        parts.append(f"{'less than' if high.open else 'at most'} {_shown(high.value)}")
    if parts:
        return f"`{name}` is {' and '.join(parts)} here"
    if not known.null:
        return f"`{name}` is never null here"
    return f"`{name}` cannot be {', '.join(sorted(map(_shown, known.without)))} here"


def _shown(value: object) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _labels(reasons: tuple[Span, ...], at: Span) -> tuple[Label, ...]:
    return tuple(Label(span, "because of this test") for span in reasons if span != at)
