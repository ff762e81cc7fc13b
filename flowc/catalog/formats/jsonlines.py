"""JSON lines: one JSON object after the other, usually one a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flowc.catalog.formats import Format, Reading, Unreadable
from flowc.diagnostics.reporter import Reporter
from flowc.model.source import Span
from flowc.model.types import Record
from flowc.types.importers.sample_json import JsonSampler
from flowc_runtime.codecs.base import Codec
from flowc_runtime.codecs.jsonlines import JsonLines

KEPT = (
    "How each type is kept:\n\n"
    "- bool, string, records, lists, maps, unions, json, null: as themselves\n"
    "- int, int32, uint32, uint64, bigint, float, number, decimal: numbers with all their "
    "digits\n"
    "- timestamp: RFC 3339 text in UTC; date, duration: ISO 8601 text\n"
    "- bytes: base64 text; uuid, enum: text\n"
)


@dataclass(frozen=True, slots=True)
class Options:
    """JSON lines have nothing to choose."""


class JsonLinesFormat(Format):
    name = "jsonlines"
    spellings: ClassVar[tuple[str, ...]] = ("jsonl", "ndjson", "json-lines")
    suffixes: ClassVar[Mapping[str, Mapping[str, str]]] = {"jsonl": {}, "ndjson": {}}
    summary = "JSON objects, one after the other"
    doc = (
        "Values are separated by white space; usually one stands on each line. A field that "
        "is absent is not written.\n\n" + KEPT
    )
    options = Options
    keeps_rest = True

    def read(
        self,
        read: Callable[[int], bytes],
        options: Mapping[str, object],
        limit: int,
        name: str,
        where: str,
        span: Span,
    ) -> Reading:
        sampler = JsonSampler()
        seen = 0
        records_found = False
        unreadable: list[Unreadable] = []
        ended = True
        for batch in self.codec().decode(read, {}):
            for reject in batch.rejects:
                offset = int(reject.position.get("offset", 0))
                unreadable.append(Unreadable(offset, str(reject.error)))
            for value in batch.records[: limit - seen]:
                sampler.add(value)
                records_found |= isinstance(value, dict)
                seen += 1
            if seen >= limit:
                ended = False
                break
        if not seen or (unreadable and not records_found):
            return Reading(None, 0, ended, tuple(unreadable))
        if not records_found:
            problem = "its values are no objects; a record is {…}"
            if seen == 1:
                problem = "it holds one list or value, not records; a list is read by ?format=json"
            return Reading(None, 0, ended, tuple(unreadable), problems=(problem,))
        found = sampler.result(where, name, span)
        return Reading(
            found.record,
            seen,
            ended,
            tuple(unreadable),
            (*found.notes, *found.hints),
            found.problems,
        )

    def codec(self) -> Codec:
        """A codec of any values."""
        return JsonLines(Any)

    def decoding(self, options: Mapping[str, object], row: Record) -> Mapping[str, object]:
        return options

    def problem(self, option: str, value: object) -> str:
        return ""

    def check(self, row: Record, shown: str, span: Span, reporter: Reporter) -> None:
        """JSON keeps every type."""


FORMAT = JsonLinesFormat()
