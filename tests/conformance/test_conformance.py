"""Every case of the corpus, by the generated code and by the independent evaluator."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from lower.harness import compiled, parse, row_of, run, struct_class, typed

from conformance.conversions import Failure, duration_text, to_duration
from conformance.evaluator import Evaluator
from flowc.model.types import (
    DecimalType,
    Kind,
    ListType,
    MapType,
    Nullable,
    Record,
    Scalar,
    Type,
)
from flowc.types.show import show
from flowc_runtime.errors import OverflowError_, error_name

FOLDER = Path(__file__).parent / "cases"


def cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()):
            for number, case in enumerate(group["cases"]):
                # What a case does not give, its group does.
                whole = {**case, "in": {**group.get("given", {}), **case.get("in", {})}}
                yield pytest.param(
                    group["columns"], whole, id=f"{group['group']}-{number}: {case['expr']}"
                )


def decoded(value: Any, type: Type) -> Any:
    """A value of the corpus as the runtime holds it, records as dictionaries."""
    type = type.inner if isinstance(type, Nullable) else type
    if value is None:
        return None
    match type:
        case Scalar(Kind.TIMESTAMP):
            return datetime.fromisoformat(value).astimezone(UTC)
        case Scalar(Kind.DATE):
            return date.fromisoformat(value)
        case Scalar(Kind.DURATION):
            return to_duration(value)
        case Scalar(Kind.UUID):
            return uuid.UUID(value)
        case Scalar(Kind.BYTES):
            return base64.b64decode(value)
        case DecimalType():
            return Decimal(value)
        case ListType(item):
            return [decoded(each, item) for each in value]
        case MapType(item):
            return {key: decoded(each, item) for key, each in value.items()}
        case Record(fields):
            return {f.name: decoded(value[f.name], f.type) for f in fields if f.name in value}
        case _:
            return value


def struct(value: Any, type: Type) -> Any:
    """The same value with records as Structs."""
    type = type.inner if isinstance(type, Nullable) else type
    match type:
        case Record(fields) if value is not None:
            parts = {f.name: struct(value[f.name], f.type) for f in fields if f.name in value}
            return struct_class(type)(**parts)
        case ListType(item) if value is not None:
            return [struct(each, item) for each in value]
        case MapType(item) if value is not None:
            return {key: struct(each, item) for key, each in value.items()}
        case _:
            return value


def shown(value: Any) -> Any:
    """A result as the corpus writes it; kinds that YAML tells apart stay apart."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return duration_text(value)
        case Decimal():
            # A zero has no sign that anybody could mean.
            return f"{value:f}" if value else f"{abs(value):f}"
        case uuid.UUID():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case msgspec.Struct():
            return {name: shown(getattr(value, name)) for name in value.__struct_fields__}
        case dict():
            return {key: shown(each) for key, each in value.items()}
        case list():
            return [shown(each) for each in value]
        case bool() | str() | None:
            return value
        case _:
            return (type(value).__name__, value)


def failed(error: Exception) -> str:
    if isinstance(error, ArithmeticError | OverflowError_):
        return "ArithmeticError"
    return error_name(error)


def outcome(compute: Any) -> tuple[str, Any]:
    try:
        return "value", shown(compute())
    except Failure as error:
        return "error", error.args[0]
    except Exception as error:
        return "error", failed(error)


@pytest.mark.parametrize(("columns", "case"), list(cases()))
def test_case(columns: dict[str, str], case: dict[str, Any]) -> None:
    row = row_of(columns)
    node, reporter = typed(case["expr"], row)
    assert not len(reporter), [d.message for d in reporter]
    if "type" in case:
        assert show(node.type) == case["type"]
    record = decoded(case["in"], row)
    written = parse(case["expr"])
    expected = ("error", case["error"]) if "error" in case else ("value", shown(case["out"]))

    evaluator = Evaluator(row, record)
    assert outcome(lambda: evaluator.value(written)) == expected
    made = struct(record, row)
    assert outcome(lambda: run(compiled(node, row), made)) == expected

    if show(node.type) in ("bool", "bool?"):
        truth = expected if "error" in case else ("value", case["out"] is True)
        truth = ("value", case["holds"]) if "holds" in case else truth
        assert outcome(lambda: evaluator.holds(written)) == truth
        test = compiled(node, row, "condition")
        assert outcome(lambda: bool(run(test, made))) == truth
        failing = compiled(node, row, "failing")
        opposite = truth if truth[0] == "error" else ("value", not truth[1])
        assert outcome(lambda: bool(run(failing, made))) == opposite


def test_the_corpus_is_large_enough() -> None:
    assert len(list(cases())) >= 900
