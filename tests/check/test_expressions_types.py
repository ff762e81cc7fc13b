"""Types of expressions, and what conditions say of null behind them."""

from __future__ import annotations

import pytest
from lower.harness import parse, row_of, typed

from flowc.check.expr import ExpressionChecker
from flowc.check.narrow import narrow
from flowc.diagnostics.reporter import Reporter
from flowc.model.expect import Expectation, OperatorArgument, PredicateMustBeBool
from flowc.model.expr import Path
from flowc.model.source import SourceFile
from flowc.model.typed import Apply, Const, Typed, columns, errors, is_deterministic
from flowc.model.types import BOOL, FLOAT, INT, TIMESTAMP, DecimalType, Record, nullable
from flowc.types.show import show

ROW = row_of(
    {
        "a": "int?",
        "b": "int?",
        "n": "int",
        "x": "float",
        "s": "string",
        "t": "string?",
        "c": "{name: string?, home: {city: string}?}?",
        "o?": "int",
        "ok": "bool?",
        "p": "decimal(10, 2)",
        "items": "list<string>",
    }
)


def type_of(text: str, row: Record = ROW) -> str:
    node, reporter = typed(text, row)
    assert not len(reporter), [d.message for d in reporter]
    return show(node.type)


def condition(text: str) -> Typed:
    node, reporter = typed(text, ROW)
    assert not len(reporter), [d.message for d in reporter]
    return node


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n + 1", "int"),
        ("n + x", "float"),
        ("n / 2", "float"),
        ("a + 1", "int?"),
        ("x > 1", "bool"),
        ("t == s", "bool?"),
        ("t is s", "bool"),
        ("t is null", "bool"),
        ("ok and n > 1", "bool?"),
        ("p * 2", "decimal"),
        ("p ?? 1", "decimal(10, 2)"),
        ("if n > 1 then 1 else null", "int?"),
        ("if n > 1 then n else x", "number"),
        ("a ?? n", "int"),
        ("a ?? b ?? 0", "int"),
        ("o", "int?"),
        ("c.home.city", "string?"),
        ("items[0]", "string?"),
        ("try(int(s))", "int?"),
        ("split(s, ',')", "list<string>"),
        ("[1, 2.5]", "list<float>"),
        ("[]", "list<never>"),
        ("{a: n, b: t}", "{a: int, b: string?}"),
        ("least(n, x)", "number"),
        ("least(x, 1)", "float"),
        ("${REGION}", "string"),
        ("n > ${LIMIT}", "bool"),
        ('"${A}-${B}"', "string"),
        ("1h30m", "duration"),
        ("10%", "float"),
    ],
)
def test_type(text: str, expected: str) -> None:
    assert type_of(text) == expected


@pytest.mark.parametrize(
    ("text", "truth", "changed"),
    [
        ("a is not null", True, {"a": "int"}),
        ("a is null", True, {}),
        ("a is null", False, {"a": "int"}),
        ("a != null and b != null", True, {"a": "int", "b": "int"}),
        ("a != null and b != null", False, {}),
        ("a != null or b != null", True, {}),
        ("a == null or b == null", False, {"a": "int", "b": "int"}),
        ("a > 1", True, {"a": "int"}),
        ("a > 1", False, {}),
        ("a + b > 1", True, {"a": "int", "b": "int"}),
        ("not (a > 1)", True, {"a": "int"}),
        ("not (a is null)", True, {"a": "int"}),
        ("a in (1, 2)", True, {"a": "int"}),
        ("a not in (1, 2)", True, {"a": "int"}),
        ("lower(t) == 'x'", True, {"t": "string"}),
        ("coalesce(a, 0) > 1", True, {}),
        ("(a ?? 0) > 1", True, {}),
        ("ok", True, {"ok": "bool"}),
        ("try(int(t)) == 1", True, {"t": "string"}),
        ("a is b", True, {}),
        ("o > 1", True, {"o": "int"}),
        ("c.home.city == 'x'", True, {"c": "{name: string?, home: {city: string}}"}),
        ("c.name is not null", True, {"c": "{name: string, home: {city: string}?}"}),
        ("(a > 1 and n > 1) or (a < 0 and n < 1)", True, {"a": "int"}),
    ],
)
def test_narrowing(text: str, truth: bool, changed: dict[str, str]) -> None:
    made = narrow(ROW, condition(text), truth)
    before = {f.name: (show(f.type), f.optional) for f in ROW.fields}
    after = {f.name: (show(f.type), f.optional) for f in made.fields}
    assert {
        name: type for name, (type, _) in after.items() if after[name] != before[name]
    } == changed
    assert all(not after[name][1] for name in changed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a != null and a > 1", "bool"),
        ("a == null or a > 1", "bool"),
        ("if a > 1 then a else 0", "int"),
        ("if a is null then 0 else a", "int"),
        # Null does not settle `and`: its right side is evaluated with `a` null.
        ("a > 1 and a < 9", "bool?"),
        ("not (a == null or a > 1)", "bool"),
    ],
)
def test_what_stands_before_narrows(text: str, expected: str) -> None:
    assert type_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "value"),
    [
        ('"2024-01-31"', "timestamp", "2024-01-31 00:00:00+00:00"),
        ("5", "float", "5.0"),
        ("5", "decimal(10, 2)", "5"),
        ('"1.25"', "decimal(10, 2)", "1.25"),
        ("5", "int32", "5"),
        ("null", "int?", "None"),
        ('"b"', 'enum("a", "b")', "b"),
    ],
)
def test_a_literal_takes_the_expected_type(text: str, expected: str, value: str) -> None:
    field = row_of({"f": expected}).fields[0]
    expectation = Expectation(field.type, OperatorArgument("set", "f"))
    reporter = Reporter()
    node = ExpressionChecker(reporter).infer(parse(text), ROW, expectation)
    assert not len(reporter)
    assert isinstance(node, Const)
    assert show(node.type) == expected
    assert str(node.value) == value


def test_null_passes_a_condition() -> None:
    reporter = Reporter()
    expectation = Expectation(nullable(BOOL), PredicateMustBeBool("filter"))
    node = ExpressionChecker(reporter, strict=True).infer(parse("ok"), ROW, expectation)
    assert not len(reporter)
    assert node.type == nullable(BOOL)


def test_conversion() -> None:
    reporter = Reporter()
    checker = ExpressionChecker(reporter)
    span = SourceFile("f", "cast").span()
    whole = checker.convert(condition("x"), INT, span)
    assert isinstance(whole, Apply)
    assert errors(whole) == {"ConversionError"}
    kept = checker.convert(condition("n"), INT, span)
    assert kept == condition("n")
    sized = checker.convert(condition("t"), DecimalType(8, 2), span)
    assert show(sized.type) == "decimal(8, 2)?"
    assert show(checker.convert(condition("t"), TIMESTAMP, span).type) == "timestamp?"
    assert show(checker.convert(condition("n"), FLOAT, span).type) == "float"
    assert not len(reporter)


def test_field() -> None:
    def field(text: str) -> tuple[str, bool] | None:
        path = parse(text)
        assert isinstance(path, Path)
        found = ExpressionChecker(Reporter()).field(path, ROW)
        return None if found is None else (show(found.type), found.optional)

    assert field("n") == ("int", False)
    assert field("o") == ("int", True)
    assert field("c.home.city") == ("string?", False)
    assert field("c.nowhere") is None
    assert field("s.x") is None


def test_facts_of_an_expression() -> None:
    assert columns(condition("c.name == t and n in (a, 1)")) == {
        ("c", "name"),
        ("t",),
        ("n",),
        ("a",),
    }
    assert errors(condition("int(s) / 2 > x")) == {"ConversionError", "ArithmeticError"}
    assert errors(condition("try(int(s)) == 1")) == frozenset()
    assert is_deterministic(condition("n > 1"))
    assert not is_deterministic(condition("now() > 2024-01-01"))
