"""``route { cond: …; else: … }``: each record to the first branch whose condition is true."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.shared import Branches, both
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    ForeignStage,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
    Port,
)
from flowc.model.effects import NO_ERRORS, ErrorSet, Facts
from flowc.model.expect import Expectation, PredicateMustBeBool
from flowc.model.graph import Lineage
from flowc.model.plan import Route as RouteBody
from flowc.model.typed import Typed, columns, errors, is_deterministic
from flowc.model.types import BOOL, Record, nullable
from flowc.syntax.foreign import inside


def _route(stage: ForeignStage) -> str | None:
    """``switch { case a > 1 => …; default => … }``"""
    block = inside(stage.rest)
    if block == stage.rest:
        return None
    block = re.sub(r"\bcase\s+(?!default)", "", block)
    block = re.sub(r"\b(?:case\s+)?default\b", "else", block)
    block = re.sub(r"\s*(?:>=|=>|->)\s+(?=[a-z])", ": ", block)
    return f"route {{ {block.strip()} }}"


class Route(Operator):
    name = "route"
    kind = "flow"
    summary = "sends each record to the first branch whose condition is true"
    doc = (
        "Null is not true: the next branch is tried. `else:` takes the rest; without it they "
        "are dropped and counted, and `else: discard` says so. A branch that ends in no sink "
        "flows on. In a branch, what its condition proves is known."
    )
    form = "route { cond: branch; else: branch }"
    parameters = (Parameter("branches", Form.BRANCHES, "conditions and what follows each"),)
    corrections = {
        "switch": _route,
        "case": _route,
        "split": _route,
    }
    examples = (
        OperatorExample(
            "Large ones marked",
            "route { amount > 100: set size = 'large'; else: set size = 'small' }",
            '{"amount": 250}\n{"amount": 40}',
            '{"amount": 250, "size": "large"}\n{"amount": 40, "size": "small"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        branches: tuple[Port, ...] = arguments.get("branches")
        ports: dict[str, Record] = {}
        typed: list[tuple[str, Typed]] = []
        reads: set[tuple[str, ...]] = set()
        raised: ErrorSet = NO_ERRORS
        deterministic = True
        otherwise: str | None = None
        rest = row
        for branch in branches:
            if branch.condition is None:
                otherwise = None if branch.discards else branch.name
                ports[branch.name] = rest
                continue
            expectation = Expectation(nullable(BOOL), PredicateMustBeBool("route"), branch.span)
            test = check.infer(branch.condition, rest, expectation)
            ports[branch.name] = check.narrow(rest, test, True)
            rest = check.narrow(rest, test, False)
            typed.append((branch.name, test))
            reads |= columns(test)
            raised |= errors(test)
            deterministic &= is_deterministic(test)
        return Outcome(
            ports=ports,
            facts=replace(facts, deterministic=both(facts, deterministic)),
            lineage=Lineage(reads=frozenset(reads)),
            errors=raised,
            outcome=Branches(tuple(typed), otherwise),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Branches)
        return RouteBody(context.node.id, outcome.conditions, outcome.otherwise)


OPERATOR = Route()
