"""``filter cond``: keep the records for which the condition is true."""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.shared import Test, both, condition
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
)
from flowc.model.effects import Facts
from flowc.model.graph import Lineage
from flowc.model.plan import Keep
from flowc.model.typed import columns, errors, is_deterministic
from flowc.model.types import Record


def _quoted(stage: ForeignStage) -> str | None:
    """``filter '$x > 1'``: the whole condition as a text, fields with `$`"""
    match = re.fullmatch(r"'([^']*)'|\"([^\"]*)\"", stage.rest)
    text = (match[1] or match[2] or "") if match else ""
    return f"filter {re.sub(r'[$](?=[A-Za-z_])', '', text)}" if text else None


def _search(stage: ForeignStage) -> str | None:
    """``search status=500 level="error"``: terms without a word between them all hold."""
    rest = re.sub(r"=\s*(?!true\b|false\b)([^\W\d]\w*)(?=\s|$)", r'="\1"', stage.rest)
    terms = re.findall(r"\w[\w.]*\s*(?:!=|<=|>=|=|<|>)\s*(?:\"[^\"]*\"|'[^']*'|[^\s()]+)", rest)
    plain = re.sub(r"\s+", "", "".join(terms)) == re.sub(r"\s+", "", rest)
    return f"filter {' and '.join(terms)}" if plain and terms else f"filter {rest}"


def _regex(stage: ForeignStage) -> str | None:
    """``regex message="^a"``"""
    match = re.fullmatch(r"([\w.]+)\s*(!?)=\s*(\"[^\"]*\"|'[^']*')", stage.rest)
    if match is None:
        return None
    made = f"{match[1]} matches r{match[3]}"
    return f"filter not ({made})" if match[2] else f"filter {made}"


class Filter(Operator):
    name = "filter"
    kind = "keep or fail"
    summary = "keeps the records for which a condition is true"
    doc = (
        "A record for which the condition is false or null is dropped and counted. "
        "What the condition proves is known behind it: after `filter x != null`, `x` is "
        "no longer nullable."
    )
    form = "filter cond"
    parameters = (Parameter("condition", Form.CONDITION, "what must be true"),)
    spellings = ("where",)
    corrections = {
        "having": "filter",
        "grep": "filter",
        "keep_if": "filter",
        "filter": _quoted,
        "where": _quoted,
        "search": _search,
        "regex": _regex,
    }
    examples = (
        OperatorExample(
            "Large orders",
            "filter amount > 100",
            '{"id": 1, "amount": 250}\n{"id": 2, "amount": 40}',
            '{"id": 1, "amount": 250}',
        ),
        OperatorExample(
            "Null is not true",
            "filter country == 'DE'",
            '{"id": 1, "country": "DE"}\n{"id": 2, "country": null}',
            '{"id": 1, "country": "DE"}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        typed = condition(arguments, "condition", row, check)
        return Outcome(
            ports={"out": check.narrow(row, typed, True)},
            facts=replace(facts, deterministic=both(facts, is_deterministic(typed))),
            lineage=Lineage(reads=columns(typed)),
            errors=errors(typed),
            outcome=Test(typed),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        assert isinstance(outcome, Test)
        return (Keep(context.node.id, outcome.condition),)


OPERATOR = Filter()
