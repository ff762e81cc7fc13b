"""What is called never true is never true: asked of records, by the tests' own evaluator."""

from __future__ import annotations

from typing import Any

from conformance.conversions import Failure
from conformance.evaluator import Evaluator
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lower.harness import parse, row_of, typed

from flowc.check import possible
from flowc.check.narrow import Given
from flowc.check.possible import Contradiction, parts_never_true

COLUMNS = {"n": "int", "m": "int?", "s": 'enum("x", "y", "z")', "t": "string?", "b": "bool?"}
ROW = row_of(COLUMNS)
RECORDS: list[dict[str, Any]] = [
    {"n": n, "m": m, "s": s, "t": t, "b": b}
    for n in (-1, 0, 1, 2, 3)
    for m in (None, 0, 2)
    for s in "xyz"
    for t in (None, "x", "q")
    for b in (None, True, False)
]


def conditions() -> st.SearchStrategy[str]:
    numbers = st.integers(-1, 3).map(lambda n: f"({n})" if n < 0 else str(n))
    signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    texts = st.sampled_from(['"x"', '"y"', '"z"'])
    leaf = st.one_of(
        st.builds("{} {} {}".format, st.sampled_from("nm"), signs, numbers),
        st.builds("{1} {2} {0}".format, st.sampled_from("nm"), numbers, signs),
        st.builds("{} {} {}".format, st.sampled_from("st"), st.sampled_from(["==", "!="]), texts),
        st.builds(
            "{} {} ({}, {})".format, st.just("s"), st.sampled_from(["in", "not in"]), texts, texts
        ),
        st.builds(
            "{} is {} {}".format,
            st.sampled_from("nmtb"),
            st.sampled_from(["", "not"]),
            st.just("null"),
        ),
        st.builds("m {} {}".format, st.sampled_from(["is", "is not"]), numbers),
        st.just("b"),
        st.sampled_from(["n < m", "n + 1 > 2", "true", "false"]),
    )

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("(not {})".format, inner),
        )

    return st.recursive(leaf, grow, max_leaves=6)


def outcome(expression: Any, record: dict[str, Any]) -> Any:
    try:
        return Evaluator(ROW, record).value(expression)
    except Failure:
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(conditions(), min_size=1, max_size=4))
def test_no_record_passes_a_test_that_is_called_never_true(conditions: list[str]) -> None:
    state: possible.State = {}
    left = RECORDS
    for condition in conditions:
        node, reporter = typed(condition, ROW)
        assume(not reporter.has_errors)
        written = parse(condition)
        passed = [record for record in left if outcome(written, record) is True]
        after = possible.assume(node, Given.TRUE, state)
        whole = [each for each in parts_never_true(node, state) if each.condition is node]
        if isinstance(after, Contradiction) or whole:
            assert not passed
            return
        state, left = after, passed


@settings(max_examples=200, deadline=None)
@given(conditions(), conditions())
def test_a_later_branch_knows_what_an_earlier_one_took(first: str, second: str) -> None:
    one, reporter = typed(first, ROW)
    other, more = typed(second, ROW)
    assume(not reporter.has_errors and not more.has_errors)
    rest = possible.assume(one, Given.NOT_TRUE, {})
    left = [record for record in RECORDS if outcome(parse(first), record) is not True]
    if isinstance(rest, Contradiction):
        assert not left
    elif isinstance(possible.assume(other, Given.TRUE, rest), Contradiction):
        assert not [r for r in left if outcome(parse(second), r) is True]
