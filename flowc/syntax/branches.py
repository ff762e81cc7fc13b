"""``tee:`` and ``route:`` of a YAML file.

tee: ["filter ok | a.jsonl", {process: …, sink: …}]
route: [{when: cond, process: …, sink: …}, {else: "small.jsonl"}]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Expr, Hole, Template
from flowc.model.source import Span
from flowc.model.tree import (
    Branch,
    BrokenStage,
    Endpoint,
    ListValue,
    MapValue,
    Option,
    Stage,
    Value,
    Word,
)
from flowc.syntax import dsl, keys, keyslips, yamldoc
from flowc.syntax.keyslips import BAD_NODE
from flowc.syntax.scan import BLOCKS
from flowc.syntax.values import Values, first_line


class Nodes(Protocol):
    """Reads stages and endpoints."""

    def stages(self, option: Option) -> list[Stage | BrokenStage]: ...

    def endpoints(self, option: Option, *, sink: bool) -> Iterator[Endpoint | BrokenStage]: ...


def block(
    name: Word, value: Value, span: Span, nodes: Nodes, values: Values, reporter: Reporter
) -> Stage | BrokenStage:
    """The stage ``tee`` or ``route`` with the branches in ``value``."""
    conditions = BLOCKS[name.text]
    if not isinstance(value, ListValue):
        example = '[{when: "amount > 100", sink: big.jsonl}, …]' if conditions else "[a.jsonl, …]"
        values.expected("a list of branches", value, f"for example `{name.text}: {example}`")
        return BrokenStage(span)
    reader = _Branches(name, conditions, nodes, values, reporter)
    return Stage(name, span, block=tuple(reader.branch(item) for item in value.items))


class _Branches:
    def __init__(
        self, name: Word, conditions: bool, nodes: Nodes, values: Values, reporter: Reporter
    ) -> None:
        self._name = name
        self._conditions = conditions
        self._nodes = nodes
        self._values = values
        self._reporter = reporter

    def branch(self, value: Value) -> Branch:
        if isinstance(value, Template) and not self._conditions:
            return self._text(value, value.span, None, otherwise=False)
        if isinstance(value, MapValue) and value.entries:
            return self._map(value)
        notes = ("for example `{when: amount > 100, sink: big.jsonl}`",) if self._conditions else ()
        self._values.expected("a branch", value, *notes)
        return self._hole(value.span)

    def _hole(self, span: Span) -> Branch:
        return Branch((BrokenStage(span),), (), span, Hole(span) if self._conditions else None)

    def _text(
        self, value: Template, span: Span, condition: Expr | None, *, otherwise: bool
    ) -> Branch:
        """A branch as pipe text."""
        found = dsl.parse_branch(yamldoc.text_of(value), self._reporter)
        return Branch(found.stages, found.sinks, span, condition, otherwise, found.discards)

    def _map(self, value: MapValue) -> Branch:
        found: dict[str, Option] = {}
        known = keys.names(keys.Branch) - (set() if self._conditions else {"when", "else"})
        for entry in value.entries:
            if entry.key.text in known:
                found[entry.key.text] = entry
            else:
                what = f"a branch of `{self._name.text}`"
                keyslips.unknown_key(entry.key, known, what, self._reporter)
        if (other := found.get("else")) is not None:
            return self._otherwise(value, other, found)
        condition: Expr | None = None
        if self._conditions:
            condition = self._condition(found.get("when"), value.span)
        return self._parts(found, value.span, condition, otherwise=False)

    def _otherwise(self, value: MapValue, other: Option, found: dict[str, Option]) -> Branch:
        """``{else: text}``, ``{else: {process: …, sink: …}}``"""
        for key in ("when", "process", "sink", "sinks"):
            if key in found:
                keyslips.exclusive(found[key].key, other.key, self._reporter)
        inside = other.value
        if isinstance(inside, Template):
            return self._text(inside, value.span, None, otherwise=True)
        if isinstance(inside, MapValue) and inside.entries:
            parts: dict[str, Option] = {}
            known = frozenset({"process", "sink", "sinks"})
            for entry in inside.entries:
                if entry.key.text in known:
                    parts[entry.key.text] = entry
                else:
                    keyslips.unknown_key(entry.key, known, "a branch", self._reporter)
            return self._parts(parts, value.span, None, otherwise=True)
        self._values.expected("a branch, as text or as a map,", inside)
        return Branch((BrokenStage(value.span),), (), value.span, None, True)

    def _condition(self, option: Option | None, span: Span) -> Expr:
        if option is None:
            self._reporter.error(
                BAD_NODE,
                "a branch of `route` has `when`, or `else`",
                first_line(span),
            )
            return Hole(span)
        if not isinstance(option.value, Template):
            self._values.expected("a condition, as text,", option.value)
            return Hole(option.value.span)
        return dsl.parse_expression(yamldoc.text_of(option.value), self._reporter)

    def _parts(
        self, found: dict[str, Option], span: Span, condition: Expr | None, *, otherwise: bool
    ) -> Branch:
        stages: list[Stage | BrokenStage] = []
        sinks: list[Endpoint] = []
        discards = False
        if (option := found.get("process")) is not None:
            stages += self._nodes.stages(option)
        option = found.get("sink") or found.get("sinks")
        if option is not None:
            if "sink" in found and "sinks" in found:
                keyslips.exclusive(found["sinks"].key, found["sink"].key, self._reporter)
            value = option.value
            discards = isinstance(value, Template) and value.plain == "discard"
            for endpoint in () if discards else self._nodes.endpoints(option, sink=True):
                if isinstance(endpoint, BrokenStage):
                    stages.append(endpoint)
                else:
                    sinks.append(endpoint)
        elif "process" not in found:
            self._reporter.error(
                BAD_NODE,
                "a branch has `process`, `sink` or both",
                first_line(span),
                notes=("`sink: discard` drops its records",),
            )
            stages.append(BrokenStage(span))
        return Branch(tuple(stages), tuple(sinks), span, condition, otherwise, discards)
