"""CSV and TSV: rows of text cells under a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flowc.catalog.formats import Format, Reading, Unreadable
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Fix, Label, Safety
from flowc.model.source import Span
from flowc.model.types import (
    JSON,
    Field,
    ListType,
    MapType,
    Record,
    Type,
    Union,
    may_be_null,
    strip_null,
)
from flowc.types.importers.sample_csv import CsvSampler
from flowc.types.show import show, show_name
from flowc_runtime.codecs.csv import Csv

NOT_KEPT = declare("FC0730", "type-not-kept", "A sink cannot keep a type exactly")

_HEADER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """How the cells of a file are cut and read: keyword arguments of the codec."""

    delimiter: str = ","
    quote: str = '"'
    null_text: str | None = None
    header: bool = True


class CsvFormat(Format):
    name = "csv"
    spellings = ("tsv",)
    suffixes = {"csv": {}, "tsv": {"delimiter": "\t"}}
    summary = "rows of cells under a header"
    doc = (
        'RFC 4180. Options: `delimiter` (`,`; a tab in TSV), `quote` (`"`), `header=false` for '
        "a file without a header, whose columns are then those of the declared type in order "
        "(or `column1`, `column2`, …), and `null_text=NA` for a spelling that means null. An "
        'unquoted empty cell is null, `""` is the empty text.\n\n'
        "How each type is kept:\n\n"
        "- string, enum, uuid: as they are\n"
        "- bool: `true`, `false`\n"
        "- int, int32, uint32, uint64, bigint, float, number, decimal: all their digits\n"
        "- timestamp: RFC 3339 in UTC; date, duration: ISO 8601\n"
        "- bytes: base64\n"
        "- null, and a field that is absent: an empty cell\n"
        "- records, lists, maps, unions, json: not kept; flatten them, or write JSON lines\n"
    )
    options = Options
    keeps_rest = False

    def read(
        self,
        read: Callable[[int], bytes],
        options: Mapping[str, object],
        limit: int,
        name: str,
        where: str,
        span: Span,
    ) -> Reading:
        chosen = Options(**options)  # type: ignore[arg-type]
        first = read(_HEADER_BYTES)
        cells, _ = _first_row(first, chosen)
        if cells is None:
            return Reading(None, 0, True)
        header = cells
        if not chosen.header:
            header = tuple(f"column{index}" for index in range(1, len(cells) + 1))
        twice = sorted({title for title in header if header.count(title) > 1})
        if twice:
            problem = f"its header names {', '.join(map(show_name, twice))} more than once"
            return Reading(None, 0, True, problems=(problem, "a column is found by its name"))
        return self._rows(_replayed(first, read), chosen, header, limit, name, where, span)

    def _rows(
        self,
        read: Callable[[int], bytes],
        options: Options,
        header: tuple[str, ...],
        limit: int,
        name: str,
        where: str,
        span: Span,
    ) -> Reading:
        sampler = CsvSampler(header)
        codec = Csv(
            header,
            delimiter=options.delimiter,
            quote=options.quote,
            null_text=options.null_text,
            names=None if options.header else header,
        )
        seen = 0
        ended = True
        unreadable: list[Unreadable] = []
        for batch in codec.decode(read, {}):
            for reject in batch.rejects:
                offset = int(reject.position.get("offset", 0))
                unreadable.append(Unreadable(offset, str(reject.error)))
            rows = batch.records[: limit - seen]
            sampler.add(rows)
            seen += len(rows)
            if seen >= limit:
                ended = False
                break
        if not seen and unreadable:
            return Reading(None, 0, ended, tuple(unreadable))
        found = sampler.result(where, name, span)
        return Reading(
            found.record,
            seen,
            ended,
            tuple(unreadable),
            (*found.notes, *found.hints),
            found.problems,
        )

    def heading(self, data: bytes, options: Mapping[str, object]) -> tuple[tuple[str, ...], int]:
        chosen = Options(**options)  # type: ignore[arg-type]
        cells, lines = _first_row(data, chosen)
        if cells is None or not chosen.header:
            return (), 0
        return cells, sum(len(line) + 1 for line in data.split(b"\n")[:lines])

    def decoding(self, options: Mapping[str, object], row: Record) -> Mapping[str, object]:
        if options.get("header") is False:
            return {**options, "names": row.names}
        return options

    def problem(self, option: str, value: object) -> str:
        if option in ("delimiter", "quote") and isinstance(value, str):
            if len(value) != 1:
                return f"the option '{option}' is one character, not '{value}'"
            if value in "\r\n":
                return f"the option '{option}' cannot be a line end"
        return ""

    def check(self, row: Record, shown: str, span: Span, reporter: Reporter) -> None:
        for field in row.fields:
            if _has_no_cell(field.type):
                _not_kept(field, shown, span, reporter)


def _has_no_cell(type: Type) -> bool:
    inner = strip_null(type) if may_be_null(type) and type != JSON else type
    return isinstance(inner, Record | Union | ListType | MapType) or inner == JSON


def _not_kept(field: Field, shown: str, span: Span, reporter: Reporter) -> None:
    name = show_name(field.name)
    inner = strip_null(field.type) if field.type != JSON else JSON
    fixes: list[Fix] = []
    if isinstance(inner, Record) and inner.fields:
        parts = ", ".join(f"{name}.{show_name(part.name)}" for part in inner.fields[:3])
        fixes.append(Fix(f"select its fields: `select …, {parts}`", (), Safety.DISPLAY))
    if inner == JSON:
        fixes.append(Fix(f"say its type: `cast {name} as string`", (), Safety.DISPLAY))
    fixes.append(Fix(f"leave it out: `drop {name}`", (), Safety.DISPLAY))
    fixes.append(Fix("write JSON lines: a name that ends in .jsonl", (), Safety.DISPLAY))
    reporter.error(
        NOT_KEPT,
        f"CSV cannot keep '{field.name}', which is {show(field.type, width=50)}",
        span,
        at="a cell is one value",
        labels=tuple(
            Label(origin.span, f"'{field.name}' {origin.verb}")
            for origin in field.origin[-1:]
            if origin.span is not None and origin.span != span
        ),
        notes=tuple(f"'{field.name}' {o.verb}" for o in field.origin[-1:] if o.span is None),
        fixes=fixes,
    )


def _first_row(data: bytes, options: Options) -> tuple[tuple[str, ...] | None, int]:
    """The cells of the first row that is not empty, None where there is none; and the number of
    lines up to its end."""
    text = data.decode("utf-8-sig", "replace")
    rows = csv.reader(
        io.StringIO(text, newline="\n"),
        delimiter=options.delimiter,
        quotechar=options.quote,
        doublequote=True,
    )
    try:
        found = (tuple(row) for row in rows if any(cell.strip() for cell in row))
        return next(found, None), rows.line_num
    except csv.Error:
        return tuple(text.partition("\n")[0].rstrip("\r").split(options.delimiter)), 1


def _replayed(first: bytes, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """``read`` with what was read of it before."""
    held = [first]

    def replay(size: int) -> bytes:
        return held.pop() if held else read(size)

    return replay


FORMAT = CsvFormat()
