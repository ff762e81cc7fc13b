"""The corpus notices broken lowerings: one case at least fails for each of these."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import pytest
from lower.harness import TestNames, compiled, row_of, run, typed

from conformance.test_conformance import cases, decoded, outcome, shown, struct
from flowc.lower import pyast, python, questions
from flowc.model.typed import Typed
from flowc.model.types import Record
from flowc.types.show import show


@lru_cache(maxsize=1)
def corpus() -> tuple[tuple[Typed, Record, Any, tuple[str, Any], bool | None], ...]:
    """Each case typed, with its record, what is expected, and its truth as a condition."""
    made = []
    for case in cases():
        columns, facts = case.values
        row = row_of(columns)
        node, _ = typed(facts["expr"], row)
        expected = ("error", facts["error"]) if "error" in facts else ("value", shown(facts["out"]))
        condition = show(node.type) in ("bool", "bool?") and "error" not in facts
        truth = facts["out"] is True if condition else None
        made.append((node, row, struct(decoded(facts["in"], row), row), expected, truth))
    return tuple(made)


def is_noticed() -> bool:
    """Whether a case fails; stops at the first."""
    for node, row, record, expected, truth in corpus():
        if outcome(lambda n=node, r=row, v=record: run(compiled(n, r), v)) != expected:
            return True
        if truth is not None:
            test = outcome(
                lambda n=node, r=row, v=record: bool(run(compiled(n, r, "condition"), v))
            )
            if test != ("value", truth):
                return True
    return False


def test_nothing_is_noticed_where_nothing_is_broken() -> None:
    assert not is_noticed()


@pytest.mark.parametrize(
    ("symbol", "other"),
    [
        ("+", ast.Sub),
        ("-", ast.Add),
        ("*", ast.Add),
        ("/", ast.FloorDiv),
        ("//", ast.Div),
        ("%", ast.FloorDiv),
    ],
)
def test_arithmetic(monkeypatch: pytest.MonkeyPatch, symbol: str, other: type) -> None:
    monkeypatch.setitem(pyast._ARITHMETIC, symbol, other)
    assert is_noticed()


@pytest.mark.parametrize(
    ("symbol", "other"),
    [
        ("==", ast.NotEq),
        ("!=", ast.Eq),
        ("<", ast.LtE),
        ("<=", ast.Lt),
        (">", ast.GtE),
        (">=", ast.Gt),
        ("in", ast.NotIn),
        ("not in", ast.In),
        ("is", ast.IsNot),
        ("is not", ast.Is),
    ],
)
def test_comparisons(monkeypatch: pytest.MonkeyPatch, symbol: str, other: type) -> None:
    monkeypatch.setitem(pyast._COMPARISON, symbol, other)
    assert is_noticed()


def _body_alone(tests: Sequence[ast.expr], body: ast.expr) -> ast.expr:
    return body


def _first(parts: Sequence[ast.expr]) -> ast.expr:
    return parts[0]


def _same(test: ast.expr) -> ast.expr:
    return test


def _swapped(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
    return ast.IfExp(test, otherwise, then)


def _never(*_: object) -> bool:
    return False


def _always(*_: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("module", "name", "broken"),
    [
        (python, "or_none", _body_alone),
        (python, "all_of", _first),
        (python, "any_of", _first),
        (python, "negated", _same),
        (python, "choice", _swapped),
        (python, "may_raise", _never),
        (python, "has_null_item", _never),
        (python, "none_is_harmless", _always),
        (questions, "is_arithmetic", _never),
        (questions, "is_transparent", _never),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_parts(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, name, broken)
    assert is_noticed()


@pytest.mark.parametrize(
    "name",
    [
        "int64",
        "finite",
        "number",
        "null_if_absent",
        "at_index",
        "at_step",
        "try_",
        "divide_decimal",
        "floor_divide_decimal",
        "modulo_decimal",
        "round_half_even",
        "matches",
        "hash_value",
        "to_int",
        "to_decimal",
        "to_timestamp",
    ],
)
def test_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A call of the runtime that is left out."""
    plain = TestNames.runtime

    def runtime(self: TestNames, module: str, function: str) -> ast.Name:
        made = plain(self, module, function)
        if function == name:
            self.space[function] = lambda value, *rest: value
        return made

    monkeypatch.setattr(TestNames, "runtime", runtime)
    assert is_noticed()
