"""The type of CSV records from a sample.

A column has a type other than ``string`` only where every text in it is that type's own
spelling, so that writing it back loses nothing a person would miss:

- ``int``: ``0``, ``-12``; past 64 bits ``bigint``. Leading zeros, ``+`` and blanks make it
  text: ``01234`` is a postal code.
- ``float``: a decimal point or an exponent, and no digit that a float would lose; with
  such a digit ``decimal``. Integers and floats mixed are ``number``.
- ``bool``: ``true`` and ``false``, nothing else.
- ``timestamp``: RFC 3339 in UTC (``2024-01-01T10:00:00Z``, up to microseconds); with a zone
  other than UTC, or without one, it stays text, and a hint says so. ``date``: ``2024-01-31``.
- Anything mixed, and a column that is null in every row, is ``string``.

An unquoted empty field is null. Other spellings of null are never guessed: where all that
keeps a column from a type is one spelling, a note proposes the option.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from flowc.model.source import Span
from flowc.model.types import (
    BIGINT,
    BOOL,
    DATE,
    DECIMAL,
    FLOAT,
    INT,
    NUMBER,
    STRING,
    TIMESTAMP,
    Field,
    Openness,
    Origin,
    Record,
    Type,
    nullable,
)
from flowc.types.importers.evidence import FieldEvidence, Inference, shortened
from flowc.types.show import quoted, show, show_name

_BLOCK = 4096
#: The most digits that are tried as a number; longer ones are text.
_MOST_DIGITS = 76

#: So many spellings of no kind make a column plain text: the others are not looked at.
_MOST_ODD = 20

_INT = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)
_FLOAT = re.compile(
    r"-?(?:(?:0|[1-9]\d*)?\.\d+|(?:0|[1-9]\d*)\.)(?:[eE][+-]?\d{1,4})?|-?(?:0|[1-9]\d*)[eE][+-]?\d{1,4}",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII)
_LOCAL = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:?\d\d|Z)?", re.ASCII
)

#: What people write for nothing.
_NULL_WORDS = frozenset(
    {"NA", "N/A", "n/a", "na", "#N/A", "NULL", "null", "Null", "None", "none", "nil", "NaN", "nan"}
    | {"-", "--", "?", ".", "\\N", "missing", "unknown", "(null)", "<NA>"}
)


class CsvSampler:
    """Takes the rows of a CSV file block by block, and tells their type so far."""

    def __init__(self, header: Sequence[str]) -> None:
        self._names = tuple(header)
        self._columns = [_Column() for _ in self._names]
        self._count = 0
        self._ragged: list[tuple[int, int]] = []

    def add(self, rows: Sequence[Sequence[str | None]]) -> None:
        """Take rows of cells; None is an unquoted empty cell. Ragged rows are noted."""
        width = len(self._names)
        even = [row for row in rows if len(row) == width]
        if len(even) < len(rows):
            self._ragged += [
                (self._count + i, len(row)) for i, row in enumerate(rows, 1) if len(row) != width
            ]
        for column, cells in zip(self._columns, zip(*even), strict=False):
            column.take(cells, self._count)
        self._count += len(rows)

    def result(self, source: str, name: str, span: Span | None = None) -> Inference:
        """The type of the sample.

        ``source`` is what messages call it, ``name`` labels the record, ``span`` is the
        endpoint that the type comes from.
        """
        fields: list[Field] = []
        evidence: list[FieldEvidence] = []
        notes: list[str] = []
        hints: list[str] = []
        problems: list[str] = []
        spelled: dict[str, list[str]] = {}
        for title, column in zip(self._names, self._columns, strict=True):
            if any(field.name == title for field in fields):
                problems.append(f"the header of {source} has two columns `{show_name(title)}`")
                continue
            type = column.type()
            verb = f"was read as {show(type)} from {source}"
            if column.nulls:
                verb += f", where it is empty in {column.nulls:,} of {column.seen:,} rows"
            fields.append(Field(title, type, origin=(Origin(verb, span),)))
            example, row = column.example()
            evidence.append(FieldEvidence((title,), type, column.seen, column.nulls, example, row))
            note = column.note(title)
            if note:
                notes.append(note)
            if column.looks_like_time():
                hints.append(
                    f"`{show_name(title)}` holds times whose zone is not UTC or not written:"
                    " cast it to compute with them"
                )
            word = column.null_word()
            if word is not None:
                spelled.setdefault(word, []).append(
                    f"`{show_name(title)}` ({show(column.type(without=word))})"
                )
        notes += [_null_note(word, columns, source) for word, columns in spelled.items()]
        if self._ragged:
            first, cells = self._ragged[0]
            count = len(self._ragged)
            notes.append(
                f"{count:,} {'row has' if count == 1 else 'rows have'} another number of cells"
                f" than the header's {len(self._names)} (row {first:,} of {source} has {cells}),"
                " and will be rejected"
            )
        return Inference(
            Record(tuple(fields), Openness.UNSEEN, name, span),
            self._count,
            tuple(evidence),
            tuple(notes),
            tuple(hints),
            tuple(dict.fromkeys(problems)),
        )


def infer_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[str | None]],
    source: str,
    name: str,
    span: Span | None = None,
) -> Inference:
    """The record type of the rows of a CSV file; a cell is None where it was empty, unquoted."""
    sampler = CsvSampler(header)
    rest = iter(rows)
    while block := tuple(islice(rest, _BLOCK)):
        sampler.add(block)
    return sampler.result(source, name, span)


def _null_note(word: str, columns: list[str], source: str) -> str:
    shown = ", ".join(columns[:6]) + (f" and {len(columns) - 6} more" if len(columns) > 6 else "")
    joint = "&" if "?" in source else "?"
    return (
        f"were {quoted(word)} null, {shown} would have a type of their own: write"
        f" `{source}{joint}null_text={word}`"
    )


class _Column:
    """What stood in one column so far: per kind the count, the first row and its text."""

    __slots__ = ("counts", "firsts", "nulls", "odd", "seen", "texts")

    def __init__(self) -> None:
        self.seen = self.nulls = 0
        self.counts: dict[str, int] = {}
        self.firsts: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        #: The spellings of no kind; past a few their number is all that matters.
        self.odd: dict[str, int] = {}

    def take(self, cells: tuple[str | None, ...], before: int) -> None:
        self.seen += len(cells)
        for text, count in Counter(cells).items():
            if text is None:
                self.nulls += count
                continue
            if len(self.odd) > _MOST_ODD:
                self._count("text", count)
                continue
            kind = _kind(text)
            self._count(kind, count)
            if kind not in self.firsts:
                self.firsts[kind] = before + cells.index(text) + 1
                self.texts[kind] = text
            if kind in ("text", "time"):
                self.odd[text] = self.odd.get(text, 0) + count

    def _count(self, kind: str, count: int) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + count

    def type(self, without: str | None = None) -> Type:
        """The type of the column, or what it would be were a spelling null."""
        kinds = set(self.counts)
        if without is not None:
            kinds -= {"text"}
        bare = _COMMON.get(frozenset(kinds), STRING)
        return nullable(bare) if self.nulls or without is not None else bare

    def example(self) -> tuple[str, int]:
        kind = min(self.firsts, key=self.firsts.__getitem__, default="")
        return quoted(shortened(self.texts[kind])) if kind else "", self.firsts.get(kind, 0)

    def looks_like_time(self) -> bool:
        return set(self.counts) <= {"time", "timestamp"} and "time" in self.counts

    def null_word(self) -> str | None:
        """The one spelling that keeps the column from a type of its own."""
        if len(self.odd) != 1 or self.type() not in (STRING, nullable(STRING)):
            return None
        (word,) = self.odd
        kinds = frozenset(self.counts) - {"text"}
        fitting = sum(count for kind, count in self.counts.items() if kind != "text")
        if kinds not in _COMMON or not fitting or "time" in self.counts or not word.strip():
            return None
        return word if word in _NULL_WORDS or fitting >= self.odd[word] else None

    def note(self, title: str) -> str:
        """Why the column is text although most of it is not; empty where there is no reason."""
        fitting = {kind: count for kind, count in self.counts.items() if kind in _KINDS}
        odd = self.counts.get("text", 0)
        if self.null_word() is not None or not fitting or not odd or len(self.odd) > _MOST_ODD:
            return ""
        kind = max(fitting, key=fitting.__getitem__)
        if odd > fitting[kind]:
            return ""
        return (
            f"`{show_name(title)}` is {kind} in {fitting[kind]:,} rows and text in {odd:,}"
            f" (row {self.firsts['text']:,} has {quoted(shortened(self.texts['text']))}), so it"
            f" is string; declared as {kind}, the others are rejected"
        )


_NUMBERS = ("int", "bigint", "float", "decimal")
_KINDS = (*_NUMBERS, "bool", "timestamp", "date")

#: The type of a column by the kinds of text in it; all others are strings.
_COMMON: dict[frozenset[str], Type] = {
    frozenset({"int"}): INT,
    frozenset({"bigint"}): BIGINT,
    frozenset({"int", "bigint"}): BIGINT,
    frozenset({"float"}): FLOAT,
    frozenset({"int", "float"}): NUMBER,
    frozenset({"bool"}): BOOL,
    frozenset({"timestamp"}): TIMESTAMP,
    frozenset({"date"}): DATE,
    **{
        frozenset({"decimal", *others}): DECIMAL
        for others in ((), ("int",), ("float",), ("int", "float"), ("bigint",))
    },
    frozenset({"decimal", "int", "bigint"}): DECIMAL,
    frozenset({"decimal", "float", "bigint"}): DECIMAL,
    frozenset({"decimal", "int", "float", "bigint"}): DECIMAL,
    frozenset({"float", "bigint"}): DECIMAL,
    frozenset({"float", "int", "bigint"}): DECIMAL,
}


def _kind(text: str) -> str:
    """The kind whose own spelling a text is; "time" is one that is no exact timestamp."""
    if not text or len(text) > _MOST_DIGITS:
        return "text"
    if _INT.fullmatch(text):
        if text == "-0":
            return "text"
        return "int" if -(2**63) <= int(text) < 2**63 else "bigint"
    if _FLOAT.fullmatch(text):
        return _float_kind(text)
    if text in ("true", "false"):
        return "bool"
    if _DATE.fullmatch(text):
        return "date" if _reads(date.fromisoformat, text) else "text"
    if _LOCAL.fullmatch(text) and _reads(datetime.fromisoformat, text):
        return "timestamp" if _UTC.fullmatch(text) else "time"
    return "text"


def _float_kind(text: str) -> str:
    """ "float", or "decimal" where a float would be another number, or "text"."""
    if len(text) <= 16 and "e" not in text and "E" not in text:
        return "float"
    number, exact = float(text), Decimal(text)
    if number in (float("inf"), float("-inf")):
        return "text"
    if Decimal(repr(number)) == exact or Decimal(number) == exact:
        return "float"
    return "decimal" if "e" not in text.lower() else "text"


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
