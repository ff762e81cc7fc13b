"""What is wrong with an expression: one error, its place, its fix, its origins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lower.harness import parse, row_of

from flowc.check.expr import ExpressionChecker
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic, Safety
from flowc.model.expect import (
    Expectation,
    OperatorArgument,
    PredicateMustBeBool,
    SinkColumn,
)
from flowc.model.expr import Expr, Literal, LiteralKind, Logic, Unary
from flowc.model.source import SourceFile
from flowc.model.typed import Wrong
from flowc.model.types import BOOL, INT, POISON, Field, Origin, Record, Type, nullable

ROW = row_of(
    {
        "amount": "float",
        "status": "string",
        "country": "string?",
        "n": "int",
        "a": "int?",
        "b": "int?",
        "price": "decimal",
        "ts": "timestamp",
        "d": "date",
        "j": "json",
        "kind": 'enum("new", "paid")',
        "customer": "{name: string, age: int?}",
        "items": "list<{sku: string}>",
        "unit_price": "float",
        "ok": "bool",
    }
)


def found(
    text: str,
    *,
    strict: bool = False,
    row: Record = ROW,
    expected: Type | None = None,
    strict_null: bool = False,
) -> list[Diagnostic]:
    reporter = Reporter()
    expectation = None
    if expected is not None:
        expectation = Expectation(expected, SinkColumn("table t", "c"))
    node = ExpressionChecker(reporter, strict).infer(
        parse(text), row, expectation, strict_null=strict_null
    )
    if any(d.is_error for d in reporter) and not strict:
        assert isinstance(node, Wrong)
        assert node.type == POISON
    return list(reporter)


def only(text: str, **how: bool) -> Diagnostic:
    diagnostics = found(text, **how)  # type: ignore[arg-type]
    assert len(diagnostics) == 1, [d.message for d in diagnostics]
    assert diagnostics[0].span is not None
    return diagnostics[0]


def fixed(text: str, diagnostic: Diagnostic, number: int = 0) -> str:
    for edit in sorted(diagnostic.fixes[number].edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("amout > 100", "FC0302", "amout"),
        ("customer.nam == 'x'", "FC0302", "nam"),
        ("zzz", "FC0302", "zzz"),
        ("lowr(status)", "FC0303", "lowr"),
        ("nvl(a, 0)", "FC0303", "nvl"),
        ("substr(status)", "FC0304", "substr(status)"),
        ("now(1)", "FC0304", "now(1)"),
        ("sum(amount)", "FC0310", "sum(amount)"),
        ("count()", "FC0310", "count()"),
        ("amount + status", "FC0305", "+"),
        ("price * amount", "FC0305", "*"),
        ("-status", "FC0305", "-status"),
        ("length(n)", "FC0305", "n"),
        ("status > 100", "FC0306", ">"),
        ("ts == d", "FC0306", "=="),
        ("ok < ok", "FC0306", "<"),
        ("items < items", "FC0306", "<"),
        ("n in ('a', 'b')", "FC0306", "'a'"),
        ("status in country", "FC0308", "country"),
        ("ts > 'yesterday'", "FC0307", "'yesterday'"),
        ("kind == 'payd'", "FC0307", "'payd'"),
        ("d == '2024-02-30'", "FC0307", "'2024-02-30'"),
        ("j.a > 1", "FC0309", "j.a"),
        ("j + 1", "FC0309", "j"),
        ("lower(j.a)", "FC0309", "j.a"),
        ("j.a in (1, 2)", "FC0309", "j.a"),
        ("if amount then 1 else 2", "FC0301", "amount"),
        ("not status", "FC0301", "status"),
        ("ok and n", "FC0301", "n"),
        ("lower(n)", "FC0301", "n"),
        ("status.x", "FC0314", "x"),
        ("ts.year > 2000", "FC0314", "year"),
        ("items.sku", "FC0314", "sku"),
        ("items['a']", "FC0315", "'a'"),
        ("n[0]", "FC0315", "0"),
        ("n in (1, j.a)", "FC0309", "j.a"),
        ("status matches country", "FC0316", "country"),
        ("status matches '(?=a)'", "FC0316", "'(?=a)'"),
        ("status matches '(a'", "FC0316", "'(a'"),
        ("status matches '.*a.*b.*c'", "FC0317", "'.*a.*b.*c'"),
        ("if ok then 1 else 'x'", "FC0319", "'x'"),
        ("a ?? status", "FC0319", "status"),
        ("[1, 'a']", "FC0319", "'a'"),
        ("bool(ts)", "FC0322", "bool(ts)"),
    ],
)
def test_one_error(text: str, code: str, place: str) -> None:
    diagnostic = only(text)
    assert diagnostic.is_error
    assert diagnostic.code.id == code
    assert diagnostic.span is not None
    assert diagnostic.span.text == place


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("n in ('1', '2', 3)", "n in (1, 2, 3)"),
        ("status in (1, 2)", 'status in ("1", "2")'),
        ("amout > 100", "amount > 100"),
        ("lowr(status)", "lower(status)"),
        ("nvl(a, 0)", "(a ?? 0)"),
        ("strlen(status)", "length(status)"),
        ("to_lower(status)", "lower(status)"),
        ("amount + status", "concat(string(amount), status)"),
        ("price * amount", "price * decimal(amount)"),
        ("status > 100", "int(status) > 100"),
        ("n == '100'", "n == 100"),
        ("n in ('1', 2)", "n in (1, 2)"),
        ("ts == d", "ts == timestamp(d)"),
        ("kind == 'payd'", 'kind == "paid"'),
        ("j.a > 1", "int(j.a) > 1"),
        ("ts.year > 2000", "year(ts) > 2000"),
        ("lower(n)", "lower(string(n))"),
    ],
)
def test_the_fix(text: str, after: str) -> None:
    diagnostics = found(text)
    assert fixed(text, diagnostics[0]) == after
    assert found(after) == []


def test_dashes() -> None:
    row = row_of({"`unit-price`": "float", "a": "int", "b": "int", "`a-b`": "int"})
    diagnostic = found("unit-price > 1", row=row)[0]
    assert (diagnostic.code.id, diagnostic.is_error) == ("FC0311", True)
    assert fixed("unit-price > 1", diagnostic) == "`unit-price` > 1"
    assert found("`unit-price` > 1", row=row) == []
    both = found("a-b > 1", row=row)
    assert [(d.code.id, d.is_error) for d in both] == [("FC0311", False)]
    assert found("a - b > 1", row=row) == []


@pytest.mark.parametrize(
    ("text", "code", "after"),
    [
        ("a > 100", "FC0312", "(a ?? 0) > 100"),
        ("1 < a + 1", "FC0312", "1 < (a + 1 ?? 0)"),
        ("country < 'x'", "FC0312", "(country ?? \"\") < 'x'"),
        ("a == b", "FC0313", "a is b"),
        ("a != b", "FC0313", "a is not b"),
    ],
)
def test_strict_null(text: str, code: str, after: str) -> None:
    assert found(text) == []
    diagnostic = only(text, strict=True)
    assert diagnostic.code.id == code
    assert fixed(text, diagnostic) == after
    assert found(after, strict=True) == []


def test_strict_null_once_a_column() -> None:
    assert [d.code.id for d in found("a > 1 and a < 9", strict=True)] == ["FC0312"]
    assert found("a != null and a > 1 and a < 9", strict=True) == []
    assert found("a == 1", strict=True) == []
    assert found("a in (1, 2)", strict=True) == []


def test_strict_null_where_it_is_not_wanted() -> None:
    assert found("a", expected=INT, strict_null=True) == []
    assert found("a", expected=INT, strict=True) == []
    diagnostic = found("a", expected=INT, strict=True, strict_null=True)[0]
    assert diagnostic.code.id == "FC0301"
    assert fixed("a", diagnostic) == "(a ?? 0)"
    assert found("a ?? 0", expected=INT, strict=True, strict_null=True) == []


def test_the_origin_of_a_column() -> None:
    here = SourceFile("orders.flow", "cast amount as string").span()
    origin = (Origin("was read as float from orders.jsonl"), Origin("became string", here))
    row = ROW.with_fields(
        tuple(replace(f, origin=origin) if f.name == "status" else f for f in ROW.fields)
    )
    for text in ("status > 1", "status + 1", "round(status)", "not status"):
        diagnostic = found(text, row=row)[0]
        assert "`status` was read as float from orders.jsonl" in diagnostic.notes
        assert [label.text for label in diagnostic.labels if label.span == here] == [
            "`status` became string"
        ]


def test_the_reason_of_an_expectation() -> None:
    there = SourceFile("t.sql", "create table t").span()
    reporter = Reporter()
    expectation = Expectation(INT, SinkColumn("table t", "c"), there)
    ExpressionChecker(reporter).infer(parse("status"), ROW, expectation)
    (diagnostic,) = reporter
    assert "the column `c` of table t needs int, but this is string" in diagnostic.message
    assert [label.text for label in diagnostic.labels] == [
        "`status` was declared",
        "the column `c` of table t is declared so",
    ]
    reporter = Reporter()
    predicate = Expectation(nullable(BOOL), PredicateMustBeBool("filter"))
    ExpressionChecker(reporter).infer(parse("amount"), ROW, predicate)
    (diagnostic,) = reporter
    assert diagnostic.message == "the condition of `filter` needs bool, but this is float"


def test_poison_is_silent() -> None:
    row = Record((Field("x", POISON), *ROW.fields))
    for text in ("x > 1", "lower(x)", "x + status", "x.y.z", "if x then 1 else 2", "x in (1, 'a')"):
        assert found(text, row=row) == [], text
    assert len(found("zzz > 1 and lower(zzz) == 1")) == 2  # each place once, nothing behind it


def test_several_mistakes_are_all_found() -> None:
    assert [d.code.id for d in found("amout > 1 and lowr(status) == 'x' and n > 'q'")] == [
        "FC0302",
        "FC0303",
        "FC0306",
    ]


def test_an_unknown_function_that_is_a_field() -> None:
    assert "is a field" in only("amount(1)").notes[0]


def test_depth() -> None:
    span = SourceFile("deep", "x").span()
    node: Expr = Literal(LiteralKind.BOOL, "true", span)
    for _ in range(140):
        node = Unary("not", node, span)
    reporter = Reporter()
    assert ExpressionChecker(reporter).infer(node, ROW).type == BOOL
    assert not len(reporter)
    for _ in range(5000):
        node = Unary("not", node, span)
    assert ExpressionChecker(reporter).infer(node, ROW).type == POISON
    assert [d.code.id for d in reporter] == ["FC0141"]


def test_a_long_chain_is_not_deep() -> None:
    span = SourceFile("long", "x").span()
    operands = tuple(Literal(LiteralKind.BOOL, "true", span) for _ in range(5000))
    reporter = Reporter()
    assert ExpressionChecker(reporter).infer(Logic("and", operands, span), ROW).type == BOOL
    assert not len(reporter)


def test_the_safe_fixes_are_those_that_keep_what_was_written() -> None:
    assert only("n == '100'").fixes[0].safety is Safety.SAFE
    assert only("amout > 1").fixes[0].safety is Safety.UNSAFE
    assert only("sum(amount)").fixes[0].safety is Safety.DISPLAY


def test_an_argument_of_an_operator() -> None:
    reporter = Reporter()
    expectation = Expectation(INT, OperatorArgument("limit", "count"))
    ExpressionChecker(reporter).infer(parse("'ten'"), ROW, expectation)
    (diagnostic,) = reporter
    assert diagnostic.message == "`count` of `limit` needs int, but this is string"
