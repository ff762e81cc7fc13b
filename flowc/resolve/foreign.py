"""A line in another language's words: one error, whose fix is the line of flowc.

Where stages could not be read or bound, the catalogue is asked what their words mean, and
signs of other languages are read as ours. What comes of it is offered only if it parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from flowc.catalog import registry
from flowc.catalog.spec import ForeignStage, Meant
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic, Edit, Fix, Label, Safety, Severity
from flowc.model.project import Project
from flowc.model.source import SourceFile, Span, Text
from flowc.model.tree import BrokenStage, Document
from flowc.resolve.names import FOREIGN_WORD, spelled
from flowc.syntax import YAML_SUFFIXES
from flowc.syntax.dsl import parse_chain
from flowc.syntax.foreign import at_home, calls_at_home, cut, inside, pieces
from flowc.syntax.mistakes import SQL
from flowc.syntax.scan import scan, unfold
from flowc.syntax.segments import Place

_HEAD = re.compile(r"[^\W\d][\w-]*")
#: Unknown names of sources and fields, and files that are not there.
_NAMES = frozenset({"FC0203", "FC0302", "FC0720"})
#: The longest line that a fix shows in its title.
_LINE = 160


@dataclass(frozen=True, slots=True)
class Unit:
    """A text that holds stages, or (``word``) the arguments of one in a YAML map."""

    text: Text
    place: Place
    word: Span | None = None
    item: Span | None = None


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stage of a unit: where it stands in the text, and what it is in flowc."""

    start: int
    end: int
    written: str
    meant: Meant | None = None
    #: A word was told, not only signs.
    worded: bool = False


def explained(
    document: Document, project: Project, diagnostics: tuple[Diagnostic, ...]
) -> tuple[Diagnostic, ...]:
    """The diagnostics, with those about a line of another language as one."""
    if not any(diagnostic.is_error for diagnostic in diagnostics):
        return diagnostics
    for unit in _units(document):
        diagnostics = _Line(unit, project, diagnostics).explained()
    return diagnostics


def _units(document: Document) -> Iterator[Unit]:
    if document.source.name.endswith(YAML_SUFFIXES):
        from flowc.resolve.foreign_yaml import units

        yield from units(document.source)
        return
    for let in document.lets:
        yield Unit(_text(let.chain.span), "stream")
    for pipeline in document.pipelines:
        yield Unit(_text(pipeline.chain.span), "pipeline")


def _text(span: Span) -> Text:
    return Text(span.text, span.source, span.start)


class _Line:
    def __init__(self, unit: Unit, project: Project, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.unit = unit
        self.project = project
        self.diagnostics = diagnostics
        text = unfold(unit.text)
        self.clean = scan(text, Reporter(), statements=False).clean

    def explained(self) -> tuple[Diagnostic, ...]:
        segments = list(self._segments())
        changed = [segment for segment in segments if segment.meant is not None]
        if not changed:
            return self.diagnostics
        spans = [self._span(segment) for segment in changed]
        about = [d for d in self.diagnostics if d.is_error and _touches(d, spans)]
        kept = tuple(d for d in self.diagnostics if d not in about)
        made = self._diagnostic(segments, changed, about)
        if made is None:
            return self.diagnostics
        first = self.diagnostics.index(about[0]) if about else 0
        before = [d for d in self.diagnostics[:first] if d in kept]
        return (*before, made, *kept[len(before) :])

    # --- stages -----------------------------------------------------------------------

    def _span(self, segment: _Segment) -> Span:
        span = self.unit.text.span(segment.start, segment.end)
        return span if self.unit.word is None else self.unit.word.to(span)

    def _segments(self) -> Iterator[_Segment]:
        if self.unit.word is not None:
            written = f"{self.unit.word.text} {self.clean.strip()}"
            whole = _Segment(0, len(self.clean), written)
            yield self._told(whole, first=False)
            return
        begins = self.unit.place in ("pipeline", "stream")
        for index, (start, end) in enumerate(pieces(self.clean)):
            segment = _Segment(start, end, self.clean[start:end])
            yield self._told(segment, first=begins and index == 0)

    def _told(self, segment: _Segment, *, first: bool) -> _Segment:
        """The segment with what it means, where it is wrong and that could be told."""
        span = self._span(segment)
        wrong = [d for d in self.diagnostics if d.is_error and _touches(d, [span])]
        # A name that stands for nothing is no word of another language.
        names_only = (
            " " in segment.written and not first and all(d.code.id in _NAMES for d in wrong)
        )
        if names_only or not wrong or not segment.written:
            return segment
        meant, worded = self._meaning(segment.written, first, self.clean[segment.end :])
        if meant is None or _same(meant.text, segment.written) or not self._reads(meant, first):
            return segment
        return replace(segment, meant=meant, worded=worded)

    def _meaning(self, written: str, first: bool, after: str) -> tuple[Meant | None, bool]:
        head = _HEAD.match(written)
        word = head.group() if head else written[:1]
        rest = written[head.end() :] if head else written
        if head and self._is_the_users(word):
            return None, False
        whole = inside(rest) if rest.startswith("(") else rest.strip()
        rest = calls_at_home(at_home(whole), _call)
        for name in dict.fromkeys((word, word.lower())):
            meant = registry.meant(ForeignStage(name, rest, first, after))
            if meant is not None:
                plain = f"{name} {rest}"
                if _same(plain, meant.text):
                    meant = replace(meant, text=plain)
                slip = registry.operator(name) is not None and whole[:1].isalnum()
                return replace(meant, text=_lines_at_home(meant.text)), not slip
        operator = registry.operator(word) or registry.operator(word.lower())
        if operator is None:
            return None, False
        name = word if registry.operator(word) else word.lower()
        return Meant(f"{name} {rest}".strip()), name != word

    def _is_the_users(self, word: str) -> bool:
        project = self.project
        names = (*project.stages, *project.processors, *project.declared)
        return spelled(word, names) is not None

    def _reads(self, meant: Meant, first: bool) -> bool:
        """Whether what is meant can be read where it is to stand."""
        if not meant.text:
            return True
        places: tuple[Place, ...] = ("stream",) if first else ("stages", "branch")
        for place in places:
            reporter = Reporter()
            text = Text.whole(SourceFile("", meant.text))
            chain = parse_chain(text, reporter, place=place, operators=registry.operator_words())
            holes = any(isinstance(stage, BrokenStage) for stage in chain.stages)
            if not reporter.has_errors and not holes and (chain.sources or not first):
                return True
        return False

    # --- what is said -----------------------------------------------------------------

    def _diagnostic(
        self, segments: list[_Segment], changed: list[_Segment], about: list[Diagnostic]
    ) -> Diagnostic | None:
        edits = self._edits(segments, changed)
        if edits is None:
            return None
        safeties = {segment.meant.safety for segment in changed if segment.meant}
        lost = any("#" in edit.span.text and "#" not in edit.text for edit in edits)
        safety = Safety.UNSAFE if lost or Safety.UNSAFE in safeties else Safety.SAFE
        line = " | ".join(
            " ".join((s.meant.text if s.meant else s.written).split())
            for s in changed
            if s.meant is None or s.meant.text
        )
        title = f"write `{line}`" if 0 < len(line) <= _LINE else "write it in flowc"
        fix = Fix(title, edits, safety)
        notes = dict.fromkeys(s.meant.why for s in changed if s.meant and s.meant.why)
        worded = [segment for segment in changed if segment.worded]
        base = self._base(about, bool(worded))
        if base is not None:
            message = base.message
            if base.code is FOREIGN_WORD and Safety.UNSAFE in safeties and base.span is not None:
                message = f"'{base.span.text}' means nothing that flowc has a word for"
            return replace(base, message=message, fixes=(fix,), notes=(*base.notes, *notes))
        told = (worded or changed)[0]
        head = _HEAD.match(told.written)
        word = head.group() if head else told.written[:20]
        span = self.unit.word or self.unit.text.span(told.start, told.start + len(word))
        others = [segment for segment in changed if segment is not told]
        return Diagnostic(
            FOREIGN_WORD,
            Severity.ERROR,
            f"`{_short(told.written)}` is written otherwise in flowc",
            span,
            labels=tuple(Label(self._span(segment), "and this") for segment in others),
            notes=tuple(notes),
            fixes=(fix,),
        )

    def _base(self, about: list[Diagnostic], worded: bool) -> Diagnostic | None:
        """The finding that says already what is wrong; of a whole line that is foreign, what
        its signs and brackets look like says nothing."""
        if worded:
            known = (d for d in about if d.code is SQL or d.code.id >= FOREIGN_WORD.id)
            return next(known, None)
        return next((d for d in about if d.fixes), about[0] if about else None)

    def _edits(self, segments: list[_Segment], changed: list[_Segment]) -> tuple[Edit, ...] | None:
        word = self.unit.word
        if word is not None:
            return tuple(self._edits_of_map(word, changed[0]))
        texts = {at: s.meant.text for at, s in enumerate(segments) if s.meant is not None}
        beginning = texts.get(0, segments[0].written)
        for segment in changed:
            assert segment.meant is not None
            if self.unit.place in ("pipeline", "stream"):
                beginning = _clocked(_joined(beginning, segment.meant.sources), segment.meant.clock)
            elif segment.meant.sources:
                return None
        if beginning != segments[0].written:
            texts[0] = beginning
        edits: list[Edit] = []
        for at, text in sorted(texts.items()):
            segment = segments[at]
            behind = segments[at + 1] if at + 1 < len(segments) else None
            if text and behind is not None and texts.get(at + 1) == "":
                edits.append(Edit(self.unit.text.span(segment.start, behind.end), text))
            elif text:
                edits += self._changes(segment.start, segment.end, text)
            elif at == 0:
                end = segments[1].start if len(segments) > 1 else segment.end
                edits.append(Edit(self.unit.text.span(segment.start, end), ""))
            elif not texts.get(at - 1):
                edits.append(Edit(self.unit.text.span(segments[at - 1].end, segment.end), ""))
        return tuple(edits)

    def _changes(self, start: int, end: int, text: str) -> Iterator[Edit]:
        """The edits that make characters ``start`` to ``end`` read ``text``; blanks and
        comments between what stays are left as they are."""
        old, new = cut(self.clean[start:end]), cut(text)
        places = [start]
        for token in old:
            places.append(places[-1] + len(token))
        matcher = SequenceMatcher(None, _plain(old), _plain(new), autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind != "equal":
                yield Edit(self.unit.text.span(places[a], places[b]), "".join(new[c:d]))

    def _edits_of_map(self, word: Span, segment: _Segment) -> Iterator[Edit]:
        """``stats: count by a``: a key and its value; as text where it is several stages."""
        from flowc.resolve.foreign_yaml import as_item

        assert segment.meant is not None
        name, _, rest = segment.meant.text.partition(" ")
        if rest and "|" not in rest:
            yield Edit(word, name, raw=True)
            yield from self._changes(0, len(self.clean), rest)
        elif self.unit.item is not None:
            yield Edit(self.unit.item, as_item(segment.meant.text), raw=True)


def _plain(words: list[str]) -> list[str]:
    return [" " if word.isspace() else word for word in words]


def _lines_at_home(text: str) -> str:
    return " | ".join(at_home(text[start:end]) for start, end in pieces(text))


def _joined(text: str, more: tuple[str, ...]) -> str:
    """The beginning of a line that reads more sources."""
    if not more:
        return text
    start, end = next(iter(pieces(text)))
    first = text[start:end]
    if first.startswith("{"):
        made = f"{first[:-1].rstrip()}, {', '.join(more)} }}"
    else:
        made = "{ " + ("; " if " " in first else ", ").join((first, *more)) + " }"
    return made + text[end:]


def _clocked(text: str, field: str) -> str:
    """The beginning of a line whose source has a clock."""
    start, end = next(iter(pieces(text)))
    if not field or re.search(r"\stime\s", text[start:end]):
        return text
    return f"{text[:end]} time {field}{text[end:]}"


def _call(name: str, arguments: Sequence[str]) -> str | None:
    """What a call means that is no call of a function of flowc."""
    low = name.lower()
    if registry.function(name) is not None:
        return None
    if registry.function(low) is not None:
        return f"{low}({', '.join(arguments)})"
    return registry.call_meant(name, arguments) or registry.call_meant(low, arguments)


def _touches(diagnostic: Diagnostic, spans: Iterable[Span]) -> bool:
    here = diagnostic.span
    return here is not None and any(
        here.source is span.source and here.start <= span.end and span.start <= here.end
        for span in spans
    )


def _same(one: str, other: str) -> bool:
    """Whether two texts differ in blanks alone."""
    return [t for t in cut(one) if not t.isspace()] == [t for t in cut(other) if not t.isspace()]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
