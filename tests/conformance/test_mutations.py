"""The corpus notices broken lowerings: one case at least fails for each of these."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, get_args

import pytest
from lower.harness import TestNames, compiled, row_of, run, typed

from conformance.test_conformance import cases, decoded, outcome, shown, struct
from flowc.catalog import registry
from flowc.check.expressions.operators import BINARY, UNARY
from flowc.lower import pyast, python, questions
from flowc.model.typed import Apply, Const, Setting, Typed, Widen, Wrong, children
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
    "name", ["int64", "finite", "number", "null_if_absent", "at_index", "at_step"]
)
def test_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A call of the runtime that no overload names, left out."""
    plain = TestNames.runtime

    def runtime(self: TestNames, module: str, function: str) -> ast.Name:
        made = plain(self, module, function)
        if function == name:
            self.space[function] = lambda value, *rest: value
        return made

    monkeypatch.setattr(TestNames, "runtime", runtime)
    assert is_noticed()


# --- every function, every operator, every kind of node ------------------------------------


def key_of(node: Typed) -> Hashable:
    """What is broken at once: the calls of one overload's form, or the nodes of one kind."""
    if isinstance(node, Apply):
        return node.function, node.python
    return type(node).__name__


def known() -> Iterator[tuple[Hashable, str]]:
    """Every lowering that the catalogue and the language have, found, never listed."""
    found: dict[Hashable, str] = {}
    for name, function in registry.functions().items():
        for overload in function.overloads if function.rule is None else ():
            found.setdefault((name, overload.python), f"{name}: {overload.python}")
    for symbol, overloads in (*BINARY.items(), *UNARY.items()):
        for overload in overloads:
            found.setdefault((symbol, overload.python), f"{symbol}: {overload.python}")
    for kind in get_args(Typed):
        if kind not in (Wrong, Apply, Const, Setting):
            found[kind.__name__] = kind.__name__
    yield from found.items()


@lru_cache(maxsize=1)
def users() -> dict[Hashable, list[int]]:
    """The cases in which each lowering takes part."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for number, (node, *_) in enumerate(corpus()):
        stack, keys = [node], set()
        while stack:
            here = stack.pop()
            keys.add(key_of(here))
            stack.extend(children(here))
        for key in keys:
            found[key].append(number)
    return found


def broken(node: Typed, key: Hashable) -> Typed:
    """The expression with what the key names left out: its first part stands for it."""
    parts = {
        field.name: _broken_part(getattr(node, field.name), key)
        for field in fields(node)
        if field.name not in ("span", "type", "python", "default")
    }
    made = replace(node, **parts)
    if key_of(made) != key:
        return made
    inside = children(made)
    first = inside[0] if inside else Const(None, made.type)
    return Widen(first, made.type) if first.type == made.type else first


def _broken_part(part: object, key: Hashable) -> object:
    if isinstance(part, tuple):
        return tuple(_broken_part(each, key) for each in part)
    return broken(part, key) if isinstance(part, get_args(Typed)) else part


@pytest.mark.parametrize("key", [pytest.param(key, id=name) for key, name in known()])
def test_a_lowering_that_is_left_out_is_noticed(key: Hashable) -> None:
    numbers = users().get(key, [])
    assert numbers, "no case has it"
    for number in numbers:
        node, row, record, expected, _ = corpus()[number]
        changed = broken(node, key)
        if outcome(lambda n=changed, r=row, v=record: run(compiled(n, r), v)) != expected:
            return
    pytest.fail("no case notices")
