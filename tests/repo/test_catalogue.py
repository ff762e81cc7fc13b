"""Every entry of the catalogue is complete: what it says of itself, and its examples."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from typing import Any, get_args, get_type_hints

import pytest

from flowc.catalog import registry
from flowc.catalog.spec import Connector, Function, Operator
from flowc_runtime.records import Option


def _entries(package: str, attribute: str) -> Iterator[Any]:
    """The built-in entries; installed packages' are their own affair."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        value = getattr(import_module(f"{package}.{module.name}"), attribute)
        yield from value if isinstance(value, tuple) else (value,)


OPERATORS: list[Operator] = list(_entries("flowc.catalog.operators", "OPERATOR"))
FUNCTIONS: list[Function] = list(_entries("flowc.catalog.functions", "FUNCTIONS"))
CONNECTORS: list[Connector] = list(_entries("flowc.catalog.connectors", "CONNECTOR"))


def _named(entry: Any) -> str:
    return str(entry.name)


def _is_summary(text: str) -> bool:
    """A phrase that goes on after a name: no capital unless a name, no full stop."""
    return bool(text) and "\n" not in text and not text.endswith(".") and len(text) <= 140


@pytest.mark.parametrize("entry", OPERATORS, ids=_named)
def test_an_operator_is_complete(entry: Operator) -> None:
    assert _is_summary(entry.summary)
    assert entry.doc.rstrip().endswith(".")
    assert entry.kind
    assert entry.form
    assert entry.parameters
    for parameter in entry.parameters:
        assert re.fullmatch(r"[a-z]+", parameter.name)
        assert parameter.doc, parameter.name
        assert not parameter.doc.endswith("."), parameter.name
    # `processor` stands for the user's own code: it has an example in examples/. `running` is
    # an error that says so.
    if entry.name not in {"processor", "running"}:
        assert entry.form.startswith(entry.name)
        assert entry.examples
    for example in entry.examples:
        assert example.title
        assert example.given
        assert example.gives or example.dead


@pytest.mark.parametrize("entry", FUNCTIONS, ids=_named)
def test_a_function_is_complete(entry: Function) -> None:
    assert _is_summary(entry.summary)
    assert entry.overloads or entry.rule is not None
    assert entry.examples or not entry.deterministic
    for example in entry.examples:
        assert bool(example.gives) != bool(example.error), example.call
        assert re.search(rf"\b{entry.name}\(", example.call), example.call


@pytest.mark.parametrize("entry", CONNECTORS, ids=_named)
def test_a_connector_is_complete(entry: Connector) -> None:
    assert _is_summary(entry.summary)
    assert entry.doc.rstrip().endswith(".")
    assert entry.examples
    assert entry.schemes
    module = import_module(f"flowc_runtime.{entry.module}")
    assert entry.source_options or entry.sink_options
    for options, role in ((entry.source_options, "Source"), (entry.sink_options, "Sink")):
        if options is None:
            continue
        assert is_dataclass(options)
        assert options is getattr(module, f"{role}Options")
        assert hasattr(module, role)
        hints = get_type_hints(options, include_extras=True)
        for field in fields(options):
            (described,) = [a for a in get_args(hints[field.name]) if isinstance(a, Option)]
            assert described.doc, field.name
            if field.name == entry.named_after:
                assert field.default is MISSING, "what is named after the type has no default"


def test_words_are_claimed_once() -> None:
    for entries in (OPERATORS, FUNCTIONS):
        words = [word for entry in entries for word in (entry.name, *entry.spellings)]
        assert len(words) == len(set(words))
        corrected = [
            word
            for entry in entries
            for word, instead in entry.corrections.items()
            if isinstance(instead, str)
        ]
        assert sorted(set(corrected) & set(words)) == []


def test_corrections_name_what_there_is() -> None:
    operators = {entry.name for entry in OPERATORS}
    wrong = {
        f"{entry.name}: {word} -> {instead}"
        for entry in OPERATORS
        for word, instead in entry.corrections.items()
        if isinstance(instead, str)
        and not set(re.findall(r"[a-z]+", instead)) & (operators | {entry.name})
    }
    assert wrong == set()


def test_the_registry_finds_each_by_every_word() -> None:
    for operator in OPERATORS:
        for word in (operator.name, *operator.spellings):
            assert registry.operator(word) is operator
    for function in FUNCTIONS:
        for word in (function.name, *function.spellings):
            assert registry.function(word) is function
    for connector in CONNECTORS:
        for word in (connector.name, *connector.schemes):
            assert registry.connector(word) is connector
