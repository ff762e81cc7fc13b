"""``set a = e, b.c = e``: compute fields."""

from __future__ import annotations

import re

from flowc.catalog.assigning import assign, lower_assigned
from flowc.catalog.foreign import as_aggregate, assignments, holds_aggregate, names
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    ForeignStage,
    Form,
    LowerContext,
    Lowered,
    Meant,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.model.diagnostic import Safety
from flowc.model.effects import Facts
from flowc.model.types import Record
from flowc.syntax.foreign import at_home, inside, parts


def _set(stage: ForeignStage) -> Meant | str | None:
    """``derive {a = b}``, ``put '$z = $x'``, ``set total = sum(x)``"""
    rest = stage.rest
    quoted = re.fullmatch(r"'([^']*)'|\"([^\"]*)\"", rest)
    if quoted:
        rest = at_home(quoted[1] or quoted[2])
    rest = re.sub(r"\$(?=\w)", "", rest)
    items = parts(rest.replace(";", ","))
    if any(map(holds_aggregate, items)):
        line = as_aggregate(items)
        why = "`aggregate` gives one record for each value of what stands behind `by`"
        return None if line is None else Meant(line, why, Safety.UNSAFE)
    made = assignments(", ".join(items) if rest[:1] != "{" else rest)
    return f"set {made}"


def _insert(stage: ForeignStage) -> str | None:
    """``insert total ($in.a * 2)``, ``update a 3``"""
    match = re.fullmatch(r"([\w.]+)\s+(.+)", stage.rest)
    if match is None:
        return None
    value = re.sub(r"\$(?:in|it|row)\.", "", inside(match[2]))
    return f"set {match[1]} = {value}"


def _fill(stage: ForeignStage) -> str | None:
    """``fillnull value=0 a, b``"""
    match = re.fullmatch(r"(?:value\s*=\s*(\S+)\s+)?(.+)", stage.rest)
    if match is None:
        return None
    return "set " + ", ".join(f"{name} = {name} ?? {match[1] or 0}" for name in names(match[2]))


def _mutate(stage: ForeignStage) -> Meant | str | None:
    """``mutate(a = b)``; Logstash's ``mutate { rename => { "a" => "b" } }``"""
    block = re.fullmatch(
        r"\{\s*(rename|add_field|remove_field|replace|update|convert)\s*(?:=>|>=)\s*(.+?)\s*\}",
        stage.rest,
        re.DOTALL,
    )
    if block is None:
        return _set(stage)
    pairs = re.findall(r"\"([\w.]+)\"\s*(?:=>|>=)\s*(\"[^\"]*\"|[\w.]+)", block[2])
    if block[1] == "rename":
        made = ", ".join(f"{new.strip(chr(34))} = {old}" for old, new in pairs)
        return f"rename {made}"
    if block[1] == "remove_field":
        return "drop " + ", ".join(re.findall(r"\"([\w.]+)\"", block[2]))
    if block[1] == "convert":
        types = {"integer": "int", "float": "float", "string": "string", "boolean": "bool"}
        found = [(name, types.get(type.strip(chr(34)))) for name, type in pairs]
        return "cast " + ", ".join(f"{name} as {type}" for name, type in found if type)
    return "set " + ", ".join(f"{name} = {value}" for name, value in pairs)


class Set(Operator):
    name = "set"
    kind = "shape"
    summary = "computes fields, new or in place"
    doc = (
        "Assignments are done from left to right, and a later one sees what an earlier one "
        "made. A new field comes last; a field that is replaced keeps its place. `b.c = e` "
        "sets a field inside the record `b`."
    )
    form = "set a = e, b.c = e"
    parameters = (Parameter("columns", Form.ASSIGNMENTS, "the fields and what they become"),)
    spellings = ("extend", "derive", "eval", "mutate")
    corrections = {
        "put": _set,
        "let": "set",
        "assign": _set,
        "with": _set,
        "add": _set,
        "insert": _insert,
        "update": _insert,
        "upsert": _insert,
        "fillnull": _fill,
        "set": _set,
        "extend": _set,
        "derive": _set,
        "eval": _set,
        "mutate": _mutate,
    }
    examples = (
        OperatorExample(
            "A new field",
            "set net = amount * 0.5, half = net / 2",
            '{"id": 1, "amount": 250.0}',
            '{"id": 1, "amount": 250.0, "net": 125.0, "half": 62.5}',
        ),
        OperatorExample(
            "A field replaced in its place",
            "set name = upper(name)",
            '{"name": "ada", "age": 36}',
            '{"name": "ADA", "age": 36}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        return assign(arguments.get("columns"), row, facts, check)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


OPERATOR = Set()
