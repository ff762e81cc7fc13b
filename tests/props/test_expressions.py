"""Expressions made at random: the generated code means what the evaluator says; what is
ill typed is a diagnostic with a place."""

from __future__ import annotations

from typing import Any

from conformance.evaluator import Evaluator
from conformance.test_conformance import outcome, struct
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from lower.harness import compiled, parse, row_of, run, typed

from flowc.check.narrow import narrow
from flowc.model.types import Poison
from flowc.types.show import show
from tests.props.expression_strategies import COLUMNS, OF_KIND, expressions, leaves, rows

ROW = row_of(COLUMNS)
#: The names of a record's errors; anything else is a fault of ours.
RECORD_ERRORS = {"ArithmeticError", "ConversionError", "ValidationError"}

SMALL = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SMALL
@given(
    st.sampled_from(sorted(OF_KIND)).flatmap(lambda kind: expressions(kind)),
    st.lists(rows(), min_size=1, max_size=4),
)
def test_generated_code_and_evaluator_agree(text: str, records: list[dict[str, Any]]) -> None:
    node, reporter = typed(text, ROW)
    assert not len(reporter), (text, [d.message for d in reporter])
    written = parse(text)
    value = compiled(node, ROW)
    for record in records:
        made = struct(record, ROW)
        expected = outcome(lambda r=record: Evaluator(ROW, r).value(written))
        assert outcome(lambda m=made: run(value, m)) == expected, text
        event(expected[0])


@SMALL
@given(expressions("bool"), st.lists(rows(), min_size=1, max_size=4))
def test_conditions_agree_and_narrow_rightly(text: str, records: list[dict[str, Any]]) -> None:
    node, reporter = typed(text, ROW)
    assert not len(reporter), (text, [d.message for d in reporter])
    written = parse(text)
    test, failing = compiled(node, ROW, "condition"), compiled(node, ROW, "failing")
    held, refused = narrow(ROW, node, True), narrow(ROW, node, False)
    for record in records:
        made = struct(record, ROW)
        expected = outcome(lambda r=record: Evaluator(ROW, r).holds(written))
        assert outcome(lambda m=made: bool(run(test, m))) == expected, text
        if expected[0] == "error":
            continue
        assert bool(run(failing, made)) is not expected[1], text
        for field in (held if expected[1] else refused).fields:
            if not field.optional:
                assert field.name in record, text
            if not show(field.type).endswith("?"):
                assert record.get(field.name, 0) is not None, text


@st.composite
def jumbles(draw: st.DrawFn, depth: int = 3) -> str:
    """Expressions without regard to types, and names that are not there."""
    if depth == 0:
        kind = draw(st.sampled_from(sorted(OF_KIND)))
        return draw(
            leaves(kind) | st.sampled_from(["nowhere", "c", "items", "d", "u", "null", "tags"])
        )

    def part() -> str:
        return f"({draw(jumbles(depth - draw(st.integers(1, depth))))})"

    return draw(
        st.sampled_from(
            [
                "{} + {}",
                "{} // {}",
                "{} < {}",
                "{} == {}",
                "{} is {}",
                "{} and {}",
                "not {}",
                "-{}",
                "{} in ({}, {})",
                "{} in {}",
                "{} ?? {}",
                "if {} then {} else {}",
                "{} is null",
                "lower({})",
                "length({})",
                "int({})",
                "timestamp({})",
                "string({})",
                "round({}, {})",
                "coalesce({}, {})",
                "least({}, {})",
                "try({})",
                "hash({})",
                "concat({}, {})",
                "nofunction({})",
                "sum({})",
                "[{}, {}]",
                "{} matches 'a'",
                "contains({}, {})",
                "items[{}]",
                "tags[{}]",
            ]
        ).map(
            lambda form: "".join(
                piece + (part() if i < form.count("{}") else "")
                for i, piece in enumerate(form.split("{}"))
            )
        )
    )


@SMALL
@given(jumbles(), st.booleans(), rows())
def test_what_is_ill_typed_is_said(text: str, strict: bool, record: dict[str, Any]) -> None:
    node, reporter = typed(text, ROW, strict=strict)
    for diagnostic in reporter:
        assert diagnostic.span is not None
        assert diagnostic.message
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
    event(f"errors: {min(3, len(reporter))}")
    assert isinstance(node.type, Poison) == any(d.is_error for d in reporter) or strict
    if len(reporter):
        return
    # What has no error runs, and fails only as records fail.
    value = compiled(node, ROW)
    kind, result = outcome(lambda: run(value, struct(record, ROW)))
    assert kind == "value" or result in RECORD_ERRORS, text
