"""Blocks of a pipeline file: read by their models, key by key.

The models are walked, so that no key can be added without its values being checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.source import SourceFile
from flowc.model.tree import MapValue
from flowc.syntax import blocks, keys, parse, yamldoc
from flowc.syntax.keys.base import Keys
from flowc.syntax.keys.checkpoint import Checkpoint
from flowc.syntax.keys.monitoring import Monitoring

_ROOTS = (keys.Pipeline, keys.Source)


def _read(model: type[Keys], text: str) -> tuple[object, list[tuple[str, str]]]:
    """The last key of a map read by a model, and what was found."""
    reporter = Reporter()
    (value,) = yamldoc.load(SourceFile("a.yaml", text), reporter)
    assert isinstance(value, MapValue)
    found = blocks.read(model, value.entries[-1], reporter)
    return found, [(d.code.id, d.span.text if d.span else "") for d in reporter]


def _slots() -> Iterator[tuple[type[Keys], str, Any]]:
    """Each key of each block, with what it allows."""
    waiting: list[type[Keys]] = []
    seen: set[type[Keys]] = set()
    for root in _ROOTS:
        for key in sorted(keys.refused(root)):
            allowed = tuple(blocks.alternatives(blocks.annotated(root)[key]))
            yield root, key, allowed
            waiting += list(_models(allowed))
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for key, annotation in blocks.annotated(model).items():
            allowed = tuple(blocks.alternatives(annotation))
            yield model, key, allowed
            waiting += list(_models(allowed))


def _models(allowed: tuple[Any, ...]) -> Iterator[type[Keys]]:
    for one in allowed:
        if get_origin(one) is list:
            yield from _models(tuple(blocks.alternatives(get_args(one)[0])))
        elif isinstance(one, type) and issubclass(one, Keys):
            yield one


SLOTS = [pytest.param(*slot, id=f"{slot[0].__name__}.{slot[1]}") for slot in _slots()]
#: Read by `project.compose`, which knows the file that is built on.
_TYPED = [param for param in SLOTS if Any not in param.values[2]]


def test_every_block_is_walked() -> None:
    found = {f"{param.values[0].__name__}.{param.values[1]}" for param in SLOTS}  # type: ignore[union-attr]
    assert {"Memory.oom_action", "Triggers.records", "Retry.times", "Alert.condition"} <= found
    assert len(found) > 90


@pytest.mark.parametrize(("model", "key", "allowed"), SLOTS)
def test_every_key_says_what_it_is_for(model: type[Keys], key: str, allowed: Any) -> None:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    assert fields[key].description


@pytest.mark.parametrize(("model", "key", "allowed"), _TYPED)
def test_a_value_of_another_kind_is_one_error(model: type[Keys], key: str, allowed: Any) -> None:
    read, found = _read(model, f"{key}: [{{nonsense: [x]}}]")
    assert read is blocks.UNREAD
    assert len(found) == 1


@pytest.mark.parametrize(("model", "key", "allowed"), _TYPED)
def test_no_value_is_one_error(model: type[Keys], key: str, allowed: Any) -> None:
    assert _read(model, f"{key}:") == (blocks.UNREAD, [("FC0169", key)])


@pytest.mark.parametrize(("model", "key", "allowed"), _TYPED)
def test_a_map_with_an_unknown_key_is_one_error(model: type[Keys], key: str, allowed: Any) -> None:
    read, found = _read(model, f"{key}: {{zzzzzz: 1}}")
    assert read is blocks.UNREAD
    (code, text), *more = found
    assert not more
    if any(isinstance(one, type) and issubclass(one, Keys) for one in allowed):
        assert (code, text) == ("FC0160", "zzzzzz")


@pytest.mark.parametrize(("model", "key", "allowed"), _TYPED)
def test_every_scalar_reads_its_example_and_a_variable(
    model: type[Keys], key: str, allowed: Any
) -> None:
    for one in allowed:
        kind = blocks.kind_of(one)
        examples: list[str] = []
        if one is bool:
            examples = ["true", "false"]
        elif get_origin(one) is Literal:
            examples = list(get_args(one))
        elif kind is not None:
            examples = [text.strip('"') for text in kind.example.split(" or ")]
        for text in examples:
            read, found = _read(model, f"{key}: '{text}'")
            assert read is not blocks.UNREAD, text
            assert not found
        if examples:
            read, found = _read(model, f"{key}: ${{VALUE:-x}}")
            assert isinstance(read, Template)
            assert not found


def test_a_block_becomes_its_model() -> None:
    read, found = _read(
        keys.Pipeline,
        "checkpoint: {interval: 1m30s, storage: {ttl: 7d}, recovery: {validate: {schema: yes}}}",
    )
    assert read is blocks.UNREAD
    assert found == [("FC0166", "yes")]
    read, found = _read(
        keys.Pipeline, "checkpoint: {interval: 1m30s, recovery: {validate: {schema: true}}}"
    )
    assert isinstance(read, Checkpoint)
    assert read.interval == timedelta(seconds=90)
    assert read.recovery
    assert read.recovery.checks
    assert read.recovery.checks.fits is True
    read, _ = _read(keys.Pipeline, "monitoring: true")
    assert read is True
    read, _ = _read(keys.Pipeline, "monitoring: {dashboard: ':8080'}")
    assert isinstance(read, Monitoring)
    assert read.dashboard == ":8080"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("timeout: 30", [("FC0167", "30")]),
        ("timeout: 5 minutes", [("FC0167", "5 minutes")]),
        ("resources: {memory: 4gb}", [("FC0167", "4gb")]),
        ("resources: {memory: {request: 4Gi, limit: 1Gi}}", [("FC0168", "1Gi")]),
        ("resources: {cpu: {request: 2, limit: 500m}}", [("FC0168", "500m")]),
        ("resources: {gpu: optinal}", [("FC0166", "optinal")]),
        ("retry_policy: {backof: linear}", [("FC0160", "backof")]),
        ("retry_policy: {max_attempts: 0}", [("FC0167", "0")]),
        ("retry_policy: {delay: 5s, max_delay: 1s}", [("FC0168", "1s")]),
        ("retry_policy: {delay: 5s, max_delay: '${MOST:-1s}'}", []),
        ("parallelize: 0", [("FC0167", "0")]),
        ("parallelize: 4", []),
        ("endpoint: 50051", [("FC0167", "50051")]),
        ("endpoint: 'host:50051'", []),
    ],
)
def test_values_of_nodes(text: str, found: list[tuple[str, str]]) -> None:
    assert _read(keys.Node, text)[1] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("deployment: {autoscaling: {min: 5, max: 2}}", [("FC0168", "2")]),
        ("error_handling: {policies: [{match: NetworkErr}]}", [("FC0167", "NetworkErr")]),
        ("error_handling: {policies: [{match: KeyError}]}", []),
        ("error_handling: {default: {resume: gradual}}", [("FC0168", "gradual")]),
        ("error_handling: {default: {resume: gradual, pause: soon}}", [("FC0167", "soon")]),
        ("resilience: {dead_letter: {topic: a, path: b}}", [("FC0168", "b")]),
        ("monitoring: {dashboard: 8080}", [("FC0167", "8080")]),
        ("monitoring: {dashboard: {port: 70000}}", [("FC0167", "70000")]),
        ("monitoring: {alerts: [{condition: 'x >'}]}", [("FC0124", ">")]),
        ("monitoring: {metrics: {custom: ['n: count( where']}}", [("FC0104", "(")]),
        ("execution: {producton: {}}", [("FC0160", "producton")]),
        ("guarantee: exactly_once", [("FC0166", "exactly_once")]),
    ],
)
def test_values_of_blocks(text: str, found: list[tuple[str, str]]) -> None:
    assert _read(keys.Pipeline, text)[1] == found


def test_a_block_that_is_not_done_is_said_once() -> None:
    text = (
        "source: a.jsonl\nsink: b.jsonl\n"
        "checkpoint: {enabled: true, triggers: {records: 10}}\nmonitoring: true\n"
    )
    reporter = Reporter()
    parse(SourceFile("a.yaml", text), reporter)
    assert [(d.code.id, d.span.text if d.span else "") for d in reporter] == [
        ("FC0161", "checkpoint"),
        ("FC0161", "monitoring"),
    ]
