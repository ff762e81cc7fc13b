"""From what the scanner cut to chains, branches and statements.

Where a segment stands decides what it is: first a source, last a sink, between stages.
An end that could not be read is a `BrokenStage` at its place, so that nobody reports it
as missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Protocol

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Expr, Hole, Template
from flowc.model.source import Span, Text
from flowc.model.tree import (
    Branch,
    BrokenStage,
    Chain,
    Document,
    Endpoint,
    Let,
    PipelineTree,
    Stage,
    Word,
)
from flowc.syntax import endpoints, literals, mistakes
from flowc.syntax.builder import Arguments
from flowc.syntax.ends import with_ends
from flowc.syntax.scan import BLOCKS, Mark, Scan, Token
from flowc.syntax.segments import TAIL, Place, Segment

MISSING_STAGE = declare("FC0116", "missing-stage", "A stage is missing beside a `|`")
NOT_A_STAGE = declare("FC0117", "not-a-stage", "Something else stands where a stage stands")
BAD_BRANCH = declare("FC0118", "malformed-branch", "A branch has no condition, or one too many")
BAD_STATEMENT = declare("FC0119", "malformed-statement", "A statement cannot be read")

_HEADS = (Mark.WORD, Mark.PATH, Mark.QUOTED)
_STOPS = (Mark.PIPE, Mark.END, Mark.CLOSE)
_LET = re.compile(r"let\s+([^\W\d][\w-]*)\s*=")


class Reader(Protocol):
    """Reads what stands in characters ``first`` to ``last`` of the text."""

    def arguments(self, first: int, last: int, context: mistakes.Context) -> Arguments | None: ...

    def expression(self, first: int, last: int, context: mistakes.Context) -> Expr: ...


@dataclass(slots=True)
class _Ends:
    sources: list[Endpoint] = field(default_factory=list)
    stages: list[Stage | BrokenStage] = field(default_factory=list)
    sinks: list[Endpoint] = field(default_factory=list)
    discards: bool = False


class Structure:
    """Reads one scanned text, once: `document`, `chain` or `endpoint`."""

    def __init__(
        self,
        text: Text,
        cut: Scan,
        reader: Reader,
        reporter: Reporter,
        operators: frozenset[str],
    ) -> None:
        self._text = text
        self._clean = cut.clean
        self._comments = cut.comments
        self._tokens = cut.tokens
        self._at = 0
        self._reader = reader
        self._reporter = reporter
        self._operators = operators
        #: Where the block or group read last ends.
        self._closed = 0

    # Entrances

    def document(self, *, command_line: bool) -> Document:
        """``let`` statements and one chain."""
        source = self._text.source
        lets: list[Let] = []
        chains: list[Chain] = []
        malformed = False
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.mark in (Mark.END, Mark.CLOSE):
                self._at += 1
            elif token.mark is Mark.LET:
                let = self._let(token)
                lets += [let] if let else []
                malformed = malformed or let is None
            else:
                chains.append(self._chain("pipeline"))
        assumed: tuple[str, ...] = ()
        if not chains:
            if not malformed:
                self._no_chain(bool(lets))
            return Document(source, (), tuple(lets), self._comments)
        if len(chains) > 1:
            self._more_chains(chains)
        chain = chains[0]
        if command_line:
            chain, assumed = with_ends(chain)
        pipeline = PipelineTree(chain, chain.span)
        return Document(source, (pipeline,), tuple(lets), self._comments, assumed)

    def chain(self, place: Place) -> Chain:
        """The one chain of a text."""
        if not self._tokens:
            at = self._text.span(0, len(self._text.value))
            self._reporter.error(MISSING_STAGE, "stages are missing: the text is empty", at)
            return Chain((), (BrokenStage(at),), (), at)
        return self._chain(place)

    def branch(self) -> Branch:
        """The one branch of a text."""
        if not self._tokens:
            at = self._text.span(0, len(self._text.value))
            self._reporter.error(BAD_BRANCH, "the branch is empty", at)
            return Branch((BrokenStage(at),), (), at)
        return self._branch(None, self._tokens[0].start, False)

    def endpoint(self, *, sink: bool) -> Endpoint | None:
        """The one endpoint of a text."""
        if not self._tokens:
            self._reporter.error(
                NOT_A_STAGE,
                "an endpoint is missing: the text is empty",
                self._text.span(0, len(self._text.value)),
            )
            return None
        segment = self._segment()
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            endpoints.chain_inside(self._text.span(token.start, token.end), sink, self._reporter)
            return None
        if segment.broken:
            return None
        if segment.head is None:
            endpoints.not_an_endpoint(self._span(segment.start, segment.end), self._reporter)
            return None
        found = self._end(segment, sink=sink)
        return found[0] if found else None

    # Statements

    def _let(self, token: Token) -> Let | None:
        match = _LET.match(self._text.value, token.start)
        if match is None:
            self._bad_let(token)
            return None
        name = Word(match[1], self._span(match.start(1), match.end(1)))
        self._at += 1
        if self._at >= len(self._tokens) or self._tokens[self._at].mark is Mark.END:
            self._reporter.error(
                BAD_STATEMENT,
                f"`let {name.text} =` names no stream",
                self._span(token.start, token.end),
                notes=("for example `let people = persons.jsonl | filter age > 20`",),
            )
            return Let(name, Chain((), (BrokenStage(name.span),), (), name.span), name.span)
        chain = self._chain("stream")
        start = self._span(token.start, token.start)
        return Let(name, chain, start.to(chain.span))

    def _bad_let(self, token: Token) -> None:
        """`let people persons.jsonl`: skip the statement."""
        while self._at < len(self._tokens) and self._tokens[self._at].mark is not Mark.END:
            self._at += 1
        self._reporter.error(
            BAD_STATEMENT,
            "a `let` reads `let name = source | stage | …`",
            self._span(token.start, token.end),
        )

    def _no_chain(self, lets: bool) -> None:
        value = self._text.value
        self._reporter.error(
            BAD_STATEMENT,
            "the pipeline is missing: "
            + ("only `let` stands here" if lets else "the text is empty"),
            self._span(len(value.rstrip()), len(value.rstrip())),
            notes=("for example `orders.jsonl | filter amount > 100 | out.jsonl`",),
        )

    def _more_chains(self, chains: list[Chain]) -> None:
        """More than one chain: as if the lines of one were not joined, where they can be."""
        first, second, *others = (chain.span for chain in chains)
        starts = [
            Span(chain.span.source, chain.span.start, chain.span.start) for chain in chains[1:]
        ]
        apart = any(chain.sinks for chain in chains[:-1]) or any(c.sources for c in chains[1:])
        join = Fix("join it by `|`", tuple(Edit(at, "| ") for at in starts), Safety.UNSAFE)
        self._reporter.error(
            BAD_STATEMENT,
            "a second pipeline begins here; a `.flow` file holds one",
            second,
            labels=(Label(first, "the first one"), *(Label(o, "one more") for o in others)),
            notes=("a line that goes on begins with `|` or with a blank",),
            fixes=() if apart else (join,),
        )

    # Chains

    def _chain(self, place: Place) -> Chain:
        segments = [self._segment()]
        pipes: list[Token] = []
        while self._at < len(self._tokens) and self._tokens[self._at].mark is Mark.PIPE:
            pipes.append(self._tokens[self._at])
            self._at += 1
            segments.append(self._segment())
        if place in ("pipeline", "stream"):
            self._stray_closers()
        ends = self._sorted(segments, pipes, place)
        span = self._span(segments[0].start, max(segments[-1].end, segments[0].start))
        if ends.discards:
            self._reporter.error(
                NOT_A_STAGE,
                "`discard` ends a branch of `route` or `tee`",
                span,
                notes=("a pipeline without an end drops nothing: name a sink",),
            )
        return Chain(tuple(ends.sources), tuple(ends.stages), tuple(ends.sinks), span)

    def _stray_closers(self) -> None:
        """A `}` that closes nothing was reported; what follows belongs to the statement."""
        while self._at < len(self._tokens) and self._tokens[self._at].mark is Mark.CLOSE:
            self._at += 1

    def _sorted(self, segments: list[Segment], pipes: list[Token], place: Place) -> _Ends:
        ends = _Ends()
        last = len(segments) - 1
        for index, segment in enumerate(segments):
            if segment.broken:
                ends.stages.append(BrokenStage(self._span(segment.start, segment.end)))
            elif segment.head is None and segment.group is None:
                if segment.end > segment.start:
                    self._headless(segment)
                else:
                    self._missing(index, last, pipes)
                ends.stages.append(BrokenStage(self._span(segment.start, segment.end)))
            elif index == 0 and segment.is_source(place, self._operators):
                self._put(ends, ends.sources, segment, sink=False)
            elif index == last and segment.is_sink(place, self._operators):
                self._put(ends, ends.sinks, segment, sink=True)
            elif index == last and place in ("branch", "pipeline") and segment.is_discard:
                ends.discards = True
            else:
                ends.stages.append(self._stage(segment, place, index == last))
        return ends

    def _put(self, ends: _Ends, into: list[Endpoint], segment: Segment, *, sink: bool) -> None:
        """The endpoints of a segment; a hole among the stages where there are none."""
        found = self._end(segment, sink=sink)
        if found:
            into += found
        else:
            ends.stages.append(BrokenStage(self._span(segment.start, segment.end)))

    def _missing(self, index: int, last: int, pipes: list[Token]) -> None:
        pipe = pipes[index - 1] if index else pipes[0] if pipes else None
        if pipe is None:
            at = self._tokens[min(self._at, len(self._tokens) - 1)]
            span = self._span(at.start, at.end)
        else:
            span = self._span(pipe.start, pipe.end)
        where = "source is missing before the first `|`" if index == 0 else ""
        if index and index == last:
            where = "stage or a sink is missing behind the last `|`"
        where = where or "stage is missing between two `|`"
        extra = pipe is not None
        self._reporter.error(
            MISSING_STAGE,
            f"a {where}",
            span,
            notes=("`a or b` joins two conditions",) if 0 < index < last else (),
            fixes=(Fix("remove this `|`", (Edit(span, ""),), Safety.UNSAFE),) if extra else (),
        )

    def _headless(self, segment: Segment) -> None:
        span = self._span(segment.start, segment.end)
        start = Span(span.source, span.start, span.start)
        self._reporter.error(
            NOT_A_STAGE,
            "a stage begins with its name",
            span,
            notes=("`filter amount > 100` keeps the records for which the condition holds",),
            fixes=(Fix("put `filter` before it", (Edit(start, "filter "),), Safety.UNSAFE),),
        )

    # Reading segments

    def _segment(self) -> Segment:
        tokens = self._tokens
        at = tokens[self._at].start if self._at < len(tokens) else len(self._text.value)
        segment = Segment(self._clean, at, at, at)
        if self._at < len(tokens) and tokens[self._at].mark in _STOPS:
            return segment
        first = True
        comma = -1
        while self._at < len(tokens):
            token = tokens[self._at]
            mark = token.mark
            if mark in _STOPS:
                break
            if mark is Mark.COLON:
                if self._stray_colon(segment, token, comma):
                    break
                continue
            self._at += 1
            if mark is Mark.BROKEN:
                segment.broken = True
                segment.end = max(segment.end, token.end)
            elif mark is Mark.OPEN:
                head = segment.head
                if head is None or segment.branches is not None:
                    again = segment.group is not None or segment.branches is not None
                    segment.broken = segment.broken or again
                    segment.group = self._group(token)
                elif (word := self._clean[head.start : head.end]) not in BLOCKS:
                    segment.broken = True
                    self._group(token)
                else:
                    segment.branches = self._branches(token, word)
                segment.rest = segment.end = segment.closed = self._closed
            else:
                if mark in _HEADS and first:
                    segment.head = token
                    segment.rest = token.end
                elif mark is Mark.COMMA:
                    comma = self._at - 1
                segment.end = token.end
            first = False
        return segment

    def _stray_colon(self, segment: Segment, colon: Token, comma: int) -> bool:
        """A second `:` in a branch: it is cut at the comma before, where there is one."""
        span = self._span(colon.start, colon.end)
        if comma < 0:
            self._reporter.error(
                BAD_BRANCH,
                "a `:` does not fit here",
                span,
                notes=(
                    "conditions stand in `route { cond: …; else: … }`, once in a branch",
                    "a branch ends with `;` or a line end",
                ),
            )
            segment.broken = True
            self._at += 1
            return False
        place = self._span(self._tokens[comma].start, self._tokens[comma].end)
        self._reporter.error(
            BAD_BRANCH,
            "this branch is not ended: end it with `;`",
            place,
            at="this comma goes on with the arguments",
            labels=(Label(span, "a second condition"),),
            fixes=(Fix("write `;`", (Edit(place, ";"),)),),
        )
        self._tokens[comma].mark = Mark.END
        self._at = comma
        segment.end = max(token.end for token in self._tokens[:comma])
        return True

    def _group(self, opener: Token) -> list[Endpoint]:
        """``{ a.jsonl, b.jsonl }``: the endpoints; what is none was reported."""
        found: list[Endpoint] = []
        pieces: list[Segment] = []
        while self._at < len(self._tokens) and self._tokens[self._at].mark is not Mark.CLOSE:
            token = self._tokens[self._at]
            if token.mark is Mark.END:
                self._at += 1
            elif token.mark is Mark.PIPE:
                endpoints.chain_in_group(self._span(token.start, token.end), self._reporter)
                self._skip_to_close()
            else:
                pieces.append(self._segment())
        self._finish_block(opener)
        for piece in pieces:
            if piece.broken or piece.head is None:
                if not piece.broken:
                    span = self._span(piece.start, piece.end)
                    endpoints.not_an_endpoint(span, self._reporter)
            else:
                found += self._end(piece, sink=False)
        if not pieces:
            endpoints.empty_group(self._span(opener.start, self._closed), self._reporter)
        return found

    def _skip_to_close(self) -> None:
        depth = 0
        while self._at < len(self._tokens):
            mark = self._tokens[self._at].mark
            if mark is Mark.CLOSE and depth == 0:
                return
            depth += (mark is Mark.OPEN) - (mark is Mark.CLOSE)
            self._at += 1

    def _finish_block(self, opener: Token) -> None:
        if self._at < len(self._tokens):
            self._closed = self._tokens[self._at].end
            self._at += 1
        else:
            self._closed = self._tokens[-1].end

    # Branches

    def _branches(self, opener: Token, word: str) -> tuple[Branch, ...]:
        found: list[Branch] = []
        conditions = BLOCKS[word]
        while self._at < len(self._tokens) and self._tokens[self._at].mark is not Mark.CLOSE:
            if self._tokens[self._at].mark is Mark.END:
                self._at += 1
            elif conditions:
                found.append(self._route_branch(word))
            else:
                found.append(self._branch(None, self._tokens[self._at].start, False))
        self._finish_block(opener)
        if not found:
            self._reporter.error(
                BAD_BRANCH,
                f"`{word}` has no branches",
                self._span(opener.start, self._closed),
                notes=("for example `tee { filter ok | a.jsonl; b.jsonl }`",)
                if not conditions
                else ("for example `route { amount > 100: big.jsonl; else: small.jsonl }`",),
            )
        return tuple(found)

    def _route_branch(self, word: str) -> Branch:
        start = self._at
        first = self._tokens[start].start
        broken = False
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.mark in (Mark.COLON, *_STOPS):
                break
            broken = broken or token.mark is Mark.BROKEN
            self._at += 1
        last = self._tokens[self._at - 1].end if self._at > start else first
        token = self._tokens[min(self._at, len(self._tokens) - 1)]
        if self._at >= len(self._tokens) or token.mark is not Mark.COLON:
            return self._without_condition(word, first, last, broken)
        self._at += 1
        text = self._clean[first:last].strip()
        if text == "else":
            return self._branch(None, first, True)
        condition: Expr = Hole(self._span(first, last))
        if not text:
            self._reporter.error(
                BAD_BRANCH,
                "a condition is missing before `:`",
                self._span(token.start, token.end),
                notes=("`else:` takes what no other branch takes",),
            )
        elif not broken:
            condition = self._reader.expression(first, last, mistakes.Context(word, True))
        return self._branch(condition, first, False)

    def _without_condition(self, word: str, first: int, last: int, broken: bool) -> Branch:
        span = self._span(first, last)
        if not broken:
            start = Span(span.source, span.start, span.start)
            self._reporter.error(
                BAD_BRANCH,
                f"a branch of `{word}` begins with a condition and `:`",
                span,
                notes=("`else:` takes what no other branch takes; `tee` has no conditions",),
                fixes=(Fix("put `else:` before it", (Edit(start, "else: "),), Safety.UNSAFE),),
            )
        while self._at < len(self._tokens) and self._tokens[self._at].mark is Mark.PIPE:
            self._at += 1
            self._segment()
        return Branch((BrokenStage(span),), (), span, Hole(span))

    def _branch(self, condition: Expr | None, first: int, otherwise: bool) -> Branch:
        segments = [self._segment()]
        pipes: list[Token] = []
        while self._at < len(self._tokens) and self._tokens[self._at].mark is Mark.PIPE:
            pipes.append(self._tokens[self._at])
            self._at += 1
            segments.append(self._segment())
        ends = self._sorted(segments, pipes, "branch")
        span = self._span(first, max(segments[-1].end, first))
        return Branch(
            tuple(ends.stages), tuple(ends.sinks), span, condition, otherwise, ends.discards
        )

    # Stages and endpoints

    def _span(self, start: int, end: int) -> Span:
        return self._text.span(start, end)

    def _stage(self, segment: Segment, place: Place, last: bool) -> Stage | BrokenStage:
        span = self._span(segment.start, segment.end)
        head = segment.head
        if head is None or not self._names_stage(segment, place, last):
            if head is None:
                endpoints.misplaced(span, place, last, self._reporter)
            return BrokenStage(span)
        name = Word(self._clean[head.start : head.end], self._span(head.start, head.end))
        context = mistakes.Context(name.text, place == "branch", name.span)
        if segment.branches is not None:
            behind = self._clean[segment.closed : segment.end].lstrip()
            if behind:
                self._reporter.error(
                    NOT_A_STAGE,
                    f"something stands behind the branches of `{name.text}`",
                    self._span(segment.end - len(behind), segment.end),
                    notes=("the next stage stands behind a `|`",),
                )
                return BrokenStage(span)
            return Stage(name, span, block=segment.branches)
        if segment.rest >= segment.end:
            return Stage(name, span)
        if mistakes.is_sql(name.text, self._clean[segment.rest : segment.end]):
            mistakes.sql(span, self._reporter)
            return BrokenStage(span)
        found = self._reader.arguments(segment.rest, segment.end, context)
        if found is None:
            return BrokenStage(span)
        return Stage(name, span, found.items, found.clauses, found.as_)

    def _names_stage(self, segment: Segment, place: Place, last: bool) -> bool:
        """Whether the head names a stage; if not, it is reported."""
        head = segment.head
        assert head is not None
        if head.mark is Mark.WORD or (head.mark is Mark.PATH and segment.is_component):
            return True
        if head.mark is Mark.PATH and segment.is_expression:
            self._headless(segment)
        else:
            span = self._span(segment.start, segment.end)
            endpoints.misplaced(span, place, last, self._reporter)
        return False

    def _end(self, segment: Segment, *, sink: bool) -> list[Endpoint]:
        """The endpoints of a segment; none where what stands behind it is broken."""
        tail: Arguments | None = None
        behind = segment.behind.lstrip()
        if behind:
            rest = self._span(segment.end - len(behind), segment.end)
            if not TAIL.match(behind):
                endpoints.trailing(
                    self._span(segment.start, segment.rest), rest, sink, self._reporter
                )
                return []
            context = mistakes.Context("", False)
            tail = self._reader.arguments(segment.rest, segment.end, context)
            if tail is None:
                return []
            if sink:
                endpoints.sink_tail(rest, self._reporter)
                return []
        if segment.group is not None:
            return [endpoints.with_tail(end, tail, self._reporter) for end in segment.group]
        head = segment.head
        assert head is not None
        span = self._span(segment.start, segment.end)
        text = self._text.slice(head.start, head.end)
        endpoint = Endpoint(span, self._template(text), quoted=head.mark is Mark.QUOTED)
        return [endpoints.with_tail(endpoint, tail, self._reporter)]

    def _template(self, text: Text) -> Template:
        span = text.span(0, len(text.value))
        value = text.value
        if value[:1] in "\"'" or value[:2] in ('r"', "r'"):
            found = literals.quoted(value, text.span, span, self._reporter)
            if isinstance(found, Template):
                return replace(found, bare=False)
            return Template((found.text,) if found.text else (), span)
        return literals.template(text, span, self._reporter, bare=True)
