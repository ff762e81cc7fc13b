"""JSON: one array of records."""

from __future__ import annotations

from typing import Any

from flowc.catalog.formats.jsonlines import KEPT, JsonLinesFormat
from flowc_runtime.codecs.base import Codec
from flowc_runtime.codecs.jsonarray import JsonArray
from flowc_runtime.codecs.jsonlines import JsonLines


class JsonArrayFormat(JsonLinesFormat):
    name = "jsonarray"
    spellings = ("json", "json-array")
    suffixes = {"json": {}}
    summary = "one JSON array of objects"
    doc = (
        "An array is read item by item, whatever its size, and written with an item on each line. "
        "A file that does not begin with a bracket is read as JSON lines. Items that are not of "
        "the type are dead letters, and so is the end of an array that is cut off.\n\n" + KEPT
    )

    def codec(self) -> Codec:
        return JsonArray(JsonLines(Any))


FORMAT = JsonArrayFormat()
