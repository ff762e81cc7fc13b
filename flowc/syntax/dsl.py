"""Pipe text to trees.

The grammar is ``grammar/flow.lark``; its tables were made when flowc was built, else they
are made in memory. Every stage is parsed alone: one bad stage is one `BrokenStage`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Expr, Hole, Path
from flowc.model.source import SourceFile, Text
from flowc.model.tree import (
    Branch,
    BrokenStage,
    Chain,
    ClockSpec,
    Document,
    Endpoint,
    Item,
    Stage,
    Word,
)
from flowc.resources import grammar_dir
from flowc.syntax import endpoints, limits, mistakes, slips
from flowc.syntax.builder import Arguments, Builder, TooDeep
from flowc.syntax.scan import Mark, scan, unfold
from flowc.syntax.segments import Place
from flowc.syntax.structure import Structure

if TYPE_CHECKING:
    from lark import Lark

#: How lark reads the grammar; grammar/build_tables.py makes the tables with the same.
OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": ["arguments", "expr"],
    "maybe_placeholders": False,
}


class _Engine(threading.local):
    """A parser and its builder; one for each thread, since a builder holds one tree."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.lark = _load(self.builder)


_engines: list[_Engine] = []


def _engine() -> _Engine:
    if not _engines:
        _engines.append(_Engine())
    return _engines[0]


def _load(builder: Builder) -> Lark:
    import lark

    grammar = (grammar_dir() / "flow.lark").read_text("utf-8")
    tables = grammar_dir() / "flow.tables.json"
    try:
        saved = json.loads(tables.read_text("utf-8"), object_hook=_with_numbers)
    except (OSError, ValueError):
        saved = {}
    digest = hashlib.sha256(grammar.encode()).hexdigest()
    made_for = (saved.get("grammar"), saved.get("lark"), saved.get("options"))
    if made_for == (digest, lark.__version__, OPTIONS):
        parser = lark.Lark.__new__(lark.Lark)
        return parser._load(saved, transformer=builder)
    return lark.Lark(grammar, transformer=builder, **OPTIONS)


def _with_numbers(value: dict[str, Any]) -> dict[Any, Any]:
    """JSON has texts for keys; the tables have numbers."""
    if value and all(key.isdecimal() for key in value):
        return {int(key): item for key, item in value.items()}
    return value


class _Reader:
    """Reads the pieces of one text that the scanner has cut."""

    def __init__(self, text: Text, clean: str, reporter: Reporter) -> None:
        self._text = Text(clean, text.source, text.base, text.places)
        self._reporter = reporter
        self._engine = _engine()

    def _parse(self, start: str, first: int, last: int, context: mistakes.Context) -> Any:
        import lark

        text = self._text.slice(first, last)
        span = self._text.span(first, last)
        if not limits.check_length(last - first, span, self._reporter):
            return None
        builder = self._engine.builder
        builder.begin(text, self._reporter)
        try:
            found = self._engine.lark.parse(text.value, start=start)
        except lark.UnexpectedInput as error:
            token = getattr(error, "token", None)
            expected = getattr(error, "accepts", None) or getattr(error, "allowed", None) or set()
            if token is not None and token.type == "$END":
                at = len(text.value)
            else:
                at = error.pos_in_stream if error.pos_in_stream is not None else len(text.value)
            mistakes.report(text, at, frozenset(expected), context, self._reporter)
            return None
        except TooDeep as deep:
            slips.too_deep(deep.span, self._reporter)
            return None
        builder.finish()
        return found

    def arguments(self, first: int, last: int, context: mistakes.Context) -> Arguments | None:
        """What stands in characters ``first`` to ``last`` behind a stage's name."""
        found = self._parse("arguments", first, last, context)
        assert found is None or isinstance(found, Arguments)
        return found

    def expression(self, first: int, last: int, context: mistakes.Context) -> Expr:
        """The expression in characters ``first`` to ``last``; a hole where there is none."""
        found = self._parse("expr", first, last, context)
        if found is None:
            return Hole(self._text.span(first, last))
        result: Expr = found
        return result


def _structure(
    text: Text, reporter: Reporter, *, statements: bool, operators: frozenset[str]
) -> Structure:
    unfolded = unfold(text)
    cut = scan(unfolded, reporter, statements=statements)
    reader = _Reader(unfolded, cut.clean, reporter)
    return Structure(unfolded, cut, reader, reporter, operators)


def parse_document(
    source: SourceFile,
    reporter: Reporter,
    *,
    command_line: bool = False,
    operators: frozenset[str] = frozenset(),
) -> Document:
    """A ``.flow`` file or a command line argument.

    Args:
        command_line: a missing first or last end becomes ``-``, as `Document.assumed` says.
        operators: names that are stages even where they could name a source or a sink.
    """
    if not limits.check(source, reporter):
        return Document(source, ())
    structure = _structure(Text.whole(source), reporter, statements=True, operators=operators)
    return structure.document(command_line=command_line)


def parse_chain(
    text: Text,
    reporter: Reporter,
    *,
    place: Place,
    operators: frozenset[str] = frozenset(),
) -> Chain:
    """A chain: a whole ``pipeline``, a named ``stream`` (a source first), a ``branch``
    (a sink may stand last) or ``stages`` alone."""
    structure = _structure(text, reporter, statements=False, operators=operators)
    return structure.chain(place)


def parse_stages(
    text: Text, reporter: Reporter, *, operators: frozenset[str] = frozenset()
) -> tuple[Stage | BrokenStage, ...]:
    """The stages of a text without ends, as `process:` has it."""
    return parse_chain(text, reporter, place="stages", operators=operators).stages


def parse_expression(text: Text, reporter: Reporter) -> Expr:
    """An expression; a hole after a report where it cannot be read."""
    unfolded = unfold(text)
    cut = scan(unfolded, reporter, statements=False, arguments=True)
    span = text.span(0, len(text.value))
    if not _is_one_piece(cut.tokens, "an expression", unfolded, reporter):
        return Hole(span)
    reader = _Reader(unfolded, cut.clean, reporter)
    return reader.expression(0, len(unfolded.value), mistakes.Context("", False))


def parse_stage_arguments(name: Word, text: Text, reporter: Reporter) -> Stage | BrokenStage:
    """The stage ``name`` with the arguments in ``text``: YAML's ``filter: "amount > 1"``."""
    unfolded = unfold(text)
    cut = scan(unfolded, reporter, statements=False, arguments=True)
    span = name.span.to(text.span(0, len(text.value))) if text.value else name.span
    if not _is_one_piece(cut.tokens, f"the arguments of `{name.text}`", unfolded, reporter):
        return BrokenStage(span)
    reader = _Reader(unfolded, cut.clean, reporter)
    context = mistakes.Context(name.text, False)
    found = reader.arguments(0, len(unfolded.value), context)
    if found is None:
        return BrokenStage(span)
    return Stage(name, span, found.items, found.clauses, found.as_)


def parse_endpoint(text: Text, reporter: Reporter, *, sink: bool = False) -> Endpoint | None:
    """One endpoint of DSL, quoted or not, with ``as``, ``key`` and ``time`` behind a source."""
    structure = _structure(text, reporter, statements=False, operators=frozenset())
    return structure.endpoint(sink=sink)


def _is_one_piece(tokens: list[Any], what: str, text: Text, reporter: Reporter) -> bool:
    for token in tokens:
        if token.mark is Mark.BROKEN:
            return False
        if token.mark in (Mark.PIPE, Mark.END):
            slips.chain_inside(what, text.span(token.start, token.end), reporter)
            return False
    return True


def parse_branch(text: Text, reporter: Reporter) -> Branch:
    """A branch of ``tee`` or ``route`` as text: stages, and a sink where one stands last."""
    structure = _structure(text, reporter, statements=False, operators=frozenset())
    return structure.branch()


def parse_fields(text: Text, reporter: Reporter) -> tuple[Path, ...]:
    """Fields with commas between them: ``a, b.c``."""
    stage = parse_stage_arguments(Word("key", text.span(0, 0)), text, reporter)
    found: list[Path] = []
    for item in stage.items if isinstance(stage, Stage) else ():
        if isinstance(item.value, Path) and item == Item(item.value, item.span):
            found.append(item.value)
        else:
            mistakes.not_a_field(item.span, reporter)
    if isinstance(stage, Stage) and (stage.clauses or not stage.items):
        mistakes.not_a_field(text.span(0, len(text.value)), reporter)
    return tuple(found)


def parse_clock(text: Text, reporter: Reporter) -> ClockSpec | None:
    """The clock of a stream: ``field lag 2s idle 1m``; None after a report."""
    stage = parse_stage_arguments(Word("time", text.span(0, 0)), text, reporter)
    if isinstance(stage, BrokenStage):
        return None
    return endpoints.clock(stage.items, stage.clauses, stage.span, reporter)
