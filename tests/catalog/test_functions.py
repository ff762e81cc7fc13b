"""Every function of the catalogue: its examples run, and what it names exists."""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from conformance.evaluator import Evaluator
from conformance.test_conformance import outcome
from lower.harness import compiled, parse, row_of, run, typed

from flowc.catalog import registry
from flowc.catalog.spec import Function, FunctionExample
from flowc.model.typed import BuiltinCall, MethodCall, RuntimeCall
from flowc.model.types import SCALAR_NAMES, Record

EMPTY = Record(())
WANTED = [
    "lower",
    "upper",
    "trim",
    "length",
    "contains",
    "starts_with",
    "ends_with",
    "replace",
    "split",
    "substr",
    "concat",
    "coalesce",
    "abs",
    "round",
    "floor",
    "ceil",
    "least",
    "greatest",
    "now",
    "year",
    "month",
    "day",
    "hour",
    "format_time",
    "parse_time",
    "hash",
    "try",
]


def examples() -> Iterator[Any]:
    for name, function in registry.functions().items():
        for example in function.examples:
            yield pytest.param(example, id=f"{name}: {example.call}")


def result(text: str) -> tuple[str, Any]:
    node, reporter = typed(text, EMPTY)
    assert not len(reporter), [d.message for d in reporter]
    return outcome(lambda: run(compiled(node, EMPTY), None))


@pytest.mark.parametrize("example", list(examples()))
def test_example(example: FunctionExample) -> None:
    expected = ("error", example.error) if example.error else result(example.gives)
    assert result(example.call) == expected
    evaluator = Evaluator(EMPTY, {})
    assert outcome(lambda: evaluator.value(parse(example.call))) == expected


@pytest.mark.parametrize("name", [*WANTED, *SCALAR_NAMES])
def test_the_function_is_there(name: str) -> None:
    function = registry.function(name)
    assert function is not None
    assert function.name == name


@pytest.mark.parametrize("function", registry.functions().values(), ids=lambda f: f.name)
def test_the_entry_is_whole(function: Function) -> None:
    assert function.summary
    assert not function.summary.endswith(".")
    assert function.examples
    assert function.overloads
    for overload in function.overloads:
        match overload.python:
            case RuntimeCall("environment", name):
                module = importlib.import_module("flowc_runtime.environment")
                assert hasattr(module.Environment, name)
            case RuntimeCall(module_name, name):
                module = importlib.import_module(f"flowc_runtime.{module_name}")
                assert name in module.__all__
            case BuiltinCall(name):
                assert callable(getattr(builtins, name))
            case MethodCall(name):
                assert any(hasattr(kind, name) for kind in (str, date, timedelta))
            case _:
                pass


def test_a_word_means_one_thing() -> None:
    functions = registry.functions().values()
    words = [word for f in functions for word in (f.name, *f.spellings)]
    assert len(words) == len(set(words))
    corrected = [word for f in functions for word in f.corrections]
    assert not set(corrected) & set(words)
    assert len(corrected) == len(set(corrected))
    plain = {m for f in functions for m in f.corrections.values() if isinstance(m, str)}
    assert {meant for meant in plain if "{" not in meant} <= set(words)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ('split_part(s, ",", 1)', 'split(s, ",")[1 - 1]'),
        ('locate("a", s)', 'index_of(s, "a")'),
        ("to_hex(n)", "to_base(n, 16)"),
        ("datediff(t, u)", 'date_diff("day", u, t)'),
        ('datediff("month", u, t)', 'date_diff("month", u, t)'),
        ('timestamp_trunc(t, "day")', 'date_trunc("day", t)'),
        ("list_append(l, n)", "list_concat(l, [n])"),
        ('element_at(m, "k")', 'm["k"]'),
        ('cidrmatch("10.0.0.0/8", s)', 'ip_in(s, "10.0.0.0/8")'),
    ],
)
def test_calls_of_other_languages_are_put_right(call: str, meant: str) -> None:
    row = row_of(
        {"s": "string", "n": "int", "t": "date", "u": "date", "l": "list<int>", "m": "map<int>"}
    )
    name, _, rest = call.rstrip(")").partition("(")
    assert registry.call_meant(name, rest.split(", ")) == meant
    _, reporter = typed(meant, row)
    assert not len(reporter)
