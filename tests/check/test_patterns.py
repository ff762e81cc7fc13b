"""Patterns: RE2's syntax, the same meaning in Python, and never more than linear time."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowc.check.patterns.linear import is_linear, trimmed
from flowc.check.patterns.parse import PatternError, parse
from flowc.check.patterns.python import to_python

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        ".",
        r"\d",
        r"\w",
        r"\s",
        r"\S",
        "[ab]",
        "[^a]",
        "[a-c-]",
        "[[:alpha:]]",
        r"\.",
        "-",
        "@",
        "^",
        "$",
        r"\b",
        r"\x41",
        "{",
        "a{,2}",
        "[]a]",
        "k",
        "é",
        r"\n",
    ]
)
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"])
PATTERNS = st.recursive(
    st.builds(str.__add__, ATOMS, REPEATS),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map("|".join)
        | st.builds(lambda part, repeat: f"({part}){repeat}", inner, REPEATS)
        | st.builds(lambda part: f"(?:{part})", inner)
        | st.builds(lambda part: f"^{part}$", inner)
        | st.builds(lambda flag, part: f"(?{flag}){part}", st.sampled_from("is"), inner)
    ),
    max_leaves=8,
)
TEXTS = st.text(st.sampled_from("aAbBcC1 \n\t.-@kK\u212a{,}é_"), max_size=12)


def accepted(pattern: str) -> bool:
    try:
        return is_linear(trimmed(parse(pattern)))
    except PatternError:
        return False


@settings(max_examples=200, deadline=None)
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=8))
@example("(?i)[^k]", ["k", "\u212a"])
@example("a{,2}", ["a{,2}", "aa"])
@example("ab*$", ["xab", "abc"])
def test_python_finds_what_re2_finds(pattern: str, texts: list[str]) -> None:
    if not accepted(pattern):
        return
    python = re.compile(to_python(pattern), re.ASCII)
    for text in texts:
        assert (python.search(text) is not None) == (re2.search(pattern, text) is not None), text


@settings(max_examples=200, deadline=None)
@given(PATTERNS)
def test_what_is_malformed_is_so_in_re2(pattern: str) -> None:
    try:
        re2.compile(pattern)
        good = True
    except re2.error:
        good = False
    try:
        parse(pattern)
    except PatternError as error:
        wrong, unknown = True, error.unknown
    else:
        wrong, unknown = False, False
    assert unknown or wrong is not good


@settings(max_examples=60, deadline=None)
@given(PATTERNS, st.sampled_from(["a", "b", "ab", "a1", "a ", "aab", "@a"]))
def test_what_is_taken_is_linear(pattern: str, part: str) -> None:
    if not accepted(pattern):
        return
    python = re.compile(to_python(pattern), re.ASCII)
    # Quadratic work on a text of this length would take hours.
    text = part * (400_000 // len(part)) + "\n!"
    assert python.search(text) is None or part


@pytest.mark.parametrize(
    "pattern",
    ["abc", "^a+$", ".*x.*", r"\d{4}-\d\d", "^[^@]+@[^@]+$", "[a-z]+@[a-z]+", "^(foo|bar)*$", "a?b?c", "^.*foo$", "(?i)select", "", "(a+)+$", "[a-z]+x"],
)  # fmt: skip
def test_accepted(pattern: str) -> None:
    assert accepted(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a*)*$", "^((ab)*c*)+d", "^(a*b*)*c", "a.*b", "^.*a.*b", "^(a|a)*$", "(a?){30}a{30}", "^(a|ab)*c", r"\w+\s*\w+!"],
)  # fmt: skip
def test_refused(pattern: str) -> None:
    assert not accepted(pattern)
    parse(pattern)


@pytest.mark.parametrize(
    ("pattern", "message", "at"),
    [
        ("(a", "without its `)`", 0),
        ("a)", "without its `(`", 1),
        ("[a", "without its `]`", 0),
        ("*a", "nothing before it", 0),
        ("a**", "two repetitions", 2),
        ("(?=a)", "look-around", 0),
        (r"(a)\1", "back references", 3),
        (r"\y", "means nothing", 0),
        ("a{5,2}", "least is more", 1),
        ("[b-a]", "backwards", 0),
        (r"\p{L}", "not supported yet", 0),
        ("[[:nope:]]", "no class", 1),
        ("a\\", "at the end", 1),
    ],
)
def test_message(pattern: str, message: str, at: int) -> None:
    with pytest.raises(PatternError, match=re.escape(message)) as found:
        parse(pattern)
    assert found.value.at == at
