"""The front ends: trees survive their texts, and no text breaks them."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Expr
from flowc.model.source import SourceFile, Text
from flowc.model.tree import Document, Stage
from flowc.syntax import dsl, parse
from flowc.syntax.format import (
    expression_text,
    format_source,
    stage_text,
    to_dsl,
    to_yaml,
)
from tests.props import strategies as made
from tests.syntax import corpus

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
#: Whole documents are dear to make.
quicker = settings(quick, max_examples=40)


def _text(value: str) -> Text:
    return Text.whole(SourceFile("<text>", value))


def _messages(reporter: Reporter) -> list[str]:
    return [f"{found.code.id} {found.message}" for found in reporter]


@quick
@given(made.expressions)
def test_expressions_survive_their_text(expression: Expr) -> None:
    reporter = Reporter()
    text = expression_text(expression)
    assert dsl.parse_expression(_text(text), reporter) == expression, text
    assert not _messages(reporter)


@quick
@given(made.stages)
def test_stages_survive_their_text(stage: Stage) -> None:
    reporter = Reporter()
    text = stage_text(stage)
    assert dsl.parse_stages(_text(text), reporter) == (stage,), text
    assert not _messages(reporter)


@quicker
@given(made.documents)
def test_documents_survive_pipe_text(document: Document) -> None:
    reporter = Reporter()
    source = SourceFile("x.flow", to_dsl(document))
    found = parse(source, reporter)
    assert found == document, source.text
    assert not _messages(reporter)
    assert format_source(source) == source.text


@quicker
@given(made.yaml_documents)
def test_documents_survive_yaml(document: Document) -> None:
    reporter = Reporter()
    source = SourceFile("x.yaml", to_yaml(document))
    found = parse(source, reporter)
    assert found == document, source.text
    assert not _messages(reporter)


def _read_all_ways(text: str) -> None:
    for name, command_line in (("x.flow", False), ("x.yaml", False), ("<command line>", True)):
        source = SourceFile(name, text)
        reporter = Reporter()
        document = parse(source, reporter, command_line=command_line, operators=corpus.OPERATORS)
        for found in reporter:
            assert found.span is not None
            assert 0 <= found.span.start <= found.span.end <= len(text)
            for fix in found.fixes:
                corpus.applied(text, fix)
        if not reporter.has_errors and name.endswith(".flow"):
            again = format_source(source, operators=corpus.OPERATORS)
            assert format_source(SourceFile(name, again), operators=corpus.OPERATORS) == again
            yaml = to_yaml(document)
            other = parse(SourceFile("x.yaml", yaml), Reporter(), operators=corpus.OPERATORS)
            assert other == document, yaml


@quick
@given(made.soups)
def test_a_soup_of_tokens_breaks_nothing(text: str) -> None:
    _read_all_ways(text)


@quick
@given(made.anything)
def test_any_text_breaks_nothing(text: str) -> None:
    _read_all_ways(text)


_TEXTS = [source.text for case in corpus.cases() for source in corpus.inputs(case)]
_SHORT = [text for text in _TEXTS if len(text) < 1500]


@quick
@given(st.sampled_from(_SHORT), st.data())
def test_mutated_cases_break_nothing(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 6))
        text = text[:at] + data.draw(made.soups | st.just("")) + text[at + length :]
    _read_all_ways(text)


class _Sentences:
    """Makes sentences of the grammar by walking its rules."""

    SAMPLES = {
        "COUNT": "10",
        "CLAUSE": "by",
        "OVER": "over",
        "KEEP": "keep",
        "WINDOW": "tumbling",
        "KEPT": "first",
        "FLAG": "ties",
        "DIRECTION": "desc",
        "NULLS": "nulls first",
        "COMPARE": "==",
        "EQUALS": "=",
        "SIGN": "-",
        "TIMES": "*",
        "VARIABLE": "${A}",
        "RAW": 'r"\\d"',
        "STRING": '"x"',
        "ODD": ' ."a b"',
        "BACKTICK": "`a-b`",
        "TIMESTAMP": "2024-01-01T10:00Z",
        "DATE": "2024-01-01",
        "DURATION": "5m",
        "SIZE": "64MiB",
        "PERCENT": "1%",
        "FLOAT": "1.5",
        "INT": "7",
        "NAME": "a",
        "TYPE_TEXT": "int",
        "_COMMA": ",",
        "COALESCE": "??",
    }

    def __init__(self) -> None:
        self.rules: dict[str, list[list[tuple[str, bool]]]] = {}
        lark = dsl._engine().lark
        for rule in lark.rules:
            expansion = [(symbol.name, symbol.is_term) for symbol in rule.expansion]
            self.rules.setdefault(str(rule.origin.name), []).append(expansion)
        self.plain = {t.name: t.pattern.value for t in lark.terminals if t.pattern.type == "str"}
        self.heights: dict[str, int] = {}
        self._measure()

    def make(self, rng: random.Random, start: str) -> str:
        found: list[str] = []
        stack = [(start, False, 0)]
        while stack:
            name, terminal, depth = stack.pop()
            if terminal:
                found.append(self.SAMPLES.get(name) or self.plain.get(name) or name.lower())
                continue
            expansions = self.rules[name]
            if depth > 14 or rng.random() < 0.5:
                least = min(map(self._height, expansions))
                expansions = [e for e in expansions if self._height(e) == least]
            for symbol, is_terminal in reversed(rng.choice(expansions)):
                stack.append((symbol, is_terminal, depth + 1))
        return " ".join(found)

    def _height(self, expansion: list[tuple[str, bool]]) -> int:
        """How deep the shortest sentence of an expansion is."""
        return max((0 if term else self.heights[name] for name, term in expansion), default=0)

    def _measure(self) -> None:
        self.heights = dict.fromkeys(self.rules, 1000)
        changed = True
        while changed:
            changed = False
            for name, expansions in self.rules.items():
                height = 1 + min(map(self._height, expansions))
                if height < self.heights[name]:
                    self.heights[name] = height
                    changed = True


@pytest.mark.parametrize("start", ["arguments", "expr"])
def test_sentences_of_the_grammar_are_read(start: str) -> None:
    """Most are read without a finding (a look ahead may refuse some); none breaks anything."""
    sentences = _Sentences()
    rng = random.Random(0)
    fine = total = 0
    for _ in range(400):
        text = sentences.make(rng, start)
        reporter = Reporter()
        if start == "expr":
            dsl.parse_expression(_text(text), reporter)
        else:
            dsl.parse_stages(_text(f"stage {text}"), reporter)
        total += 1
        fine += not reporter.has_errors
    assert fine / total > 0.3
