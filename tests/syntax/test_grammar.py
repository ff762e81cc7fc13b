"""The grammar and its tables."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile
from flowc.resources import grammar_dir
from flowc.syntax import dsl, parse
from flowc.syntax.builder import Builder
from tests.syntax import corpus

ROOT = Path(__file__).resolve().parents[2]


def _rules(lark: Any) -> set[str]:
    return {str(rule) for rule in lark.rules}


def test_every_rule_is_reached_by_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = dsl._Engine()
    reached: set[str] = set()
    callbacks = engine.lark.parser.parser.parser.callbacks

    def recorded(rule: Any, build: Any) -> Any:
        def record(children: Any) -> Any:
            reached.add(str(rule))
            return build(children)

        return record

    for rule, build in list(callbacks.items()):
        if not isinstance(rule, str):
            callbacks[rule] = recorded(rule, build)
    monkeypatch.setattr(dsl, "_engines", [engine])
    for case in corpus.cases():
        for source in corpus.inputs(case):
            corpus.read(source)
    assert sorted(_rules(engine.lark) - reached) == []


def test_every_rule_has_an_example() -> None:
    """A comment line stands above each rule and each terminal that is not its own example."""
    lines = (grammar_dir() / "flow.lark").read_text("utf-8").splitlines()
    for before, line in pairwise(lines):
        name = line.split(":")[0]
        is_rule = ":" in line and not line.startswith((" ", "//", "%")) and name.islower()
        if is_rule:
            assert before.startswith("//"), line


@pytest.fixture(scope="module")
def build_tables() -> Iterator[ModuleType]:
    path = ROOT / "grammar" / "build_tables.py"
    spec = importlib.util.spec_from_file_location("build_tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_tables"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["build_tables"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grammar folder of its own."""
    (tmp_path / "flow.lark").write_bytes((grammar_dir() / "flow.lark").read_bytes())
    monkeypatch.setattr(dsl, "grammar_dir", lambda: tmp_path)
    return tmp_path


def _loaded(monkeypatch: pytest.MonkeyPatch) -> tuple[bool, Any]:
    """Whether the tables were used, and the parser."""
    parser = dsl._load(Builder())
    return parser.source_path == "<deserialized>", parser


def test_tables_are_used_and_give_the_same(
    build_tables: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "flow.tables.json").write_text(build_tables.tables(), "utf-8")
    used, _ = _loaded(monkeypatch)
    assert used
    case = corpus.ROOT / "expressions" / "input.flow"
    source = SourceFile("input.flow", case.read_text("utf-8"))
    monkeypatch.setattr(dsl, "_engines", [])
    with_tables = corpus.read(source).document
    (folder / "flow.tables.json").unlink()
    monkeypatch.setattr(dsl, "_engines", [])
    assert not _loaded(monkeypatch)[0]
    assert corpus.read(source).document == with_tables


@pytest.mark.parametrize("spoilt", ["grammar", "lark", "options"])
def test_tables_of_another_grammar_or_lark_are_not_used(
    spoilt: str, build_tables: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = json.loads(build_tables.tables())
    saved[spoilt] = "another"
    (folder / "flow.tables.json").write_text(json.dumps(saved), "utf-8")
    assert not _loaded(monkeypatch)[0]


def test_broken_tables_are_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "flow.tables.json").write_text("{", "utf-8")
    assert not _loaded(monkeypatch)[0]


def test_nothing_is_written_at_run_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _loaded(monkeypatch)
    assert [path.name for path in folder.iterdir()] == ["flow.lark"]


def test_the_hook_writes_the_tables(
    build_tables: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flow.lark").write_bytes((grammar_dir() / "flow.lark").read_bytes())
    monkeypatch.setattr(build_tables, "_HERE", tmp_path)
    for target, written in (("sdist", False), ("wheel", True)):
        hook = SimpleNamespace(target_name=target)
        build_tables.TablesBuildHook.initialize(hook, "standard", {})
        assert (tmp_path / "flow.tables.json").exists() is written


STAGES = (
    'filter amount > 100 and currency in ("USD", "EUR")',
    "set total = price * quantity, b.c = lower(name)",
    "select a, b.c, n = e + 1",
    'validate amount > 0 message "must be positive"',
    "cast a as int, b as timestamp",
)


def _chain(stages: int) -> str:
    lines = [f"  | {STAGES[i % len(STAGES)]}" for i in range(stages)]
    return "\n".join(["orders.jsonl", *lines, "  | out.jsonl"])


@pytest.mark.parametrize(
    "make",
    [
        _chain,
        lambda n: "a.jsonl | filter x in (" + ", ".join(["1"] * (4 * n)) + ") | b.jsonl",
        lambda n: "a.jsonl | tee { " + "; ".join(["filter x | b.jsonl"] * n) + " } | b.jsonl",
        lambda n: "a.jsonl # " + "x" * (40 * n) + "\n" + "# y\n" * n + "  | b.jsonl",
        lambda n: "a.jsonl | filter " + "(" * 100 + '"' + "a" * (40 * n),
        lambda n: "{ " * (20 * n),
        lambda n: "a.jsonl " + "| " * (20 * n),
    ],
    ids=["stages", "list", "branches", "comments", "unterminated", "braces", "pipes"],
)
def test_large_texts_are_read_to_their_end(make: Any) -> None:
    """A way that takes quadratic time would not come back from these for minutes."""
    reporter = Reporter()
    document = dsl.parse_document(SourceFile("x.flow", make(4000)), reporter)
    assert document.pipelines or reporter.has_errors


def test_a_long_folded_scalar_is_read_to_its_end() -> None:
    body = "\n".join(f"  | {STAGES[i % len(STAGES)]}  # note" for i in range(2000))
    text = f"source: a.jsonl\nprocess: >\n  limit 1\n{body}\nsink: b.jsonl\n"
    reporter = Reporter()
    document = parse(SourceFile("x.yaml", text), reporter)
    assert len(document.pipelines[0].chain.stages) == 2001


def test_a_thread_has_its_own_parser() -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [_chain(20).replace("amount", f"amount{i}") for i in range(8)]

    def read(text: str) -> Any:
        reporter = Reporter()
        document = dsl.parse_document(SourceFile("x.flow", text), reporter)
        return document, len(reporter)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, texts))
    assert found == [read(text) for text in texts]
