"""The type of JSON records from a sample.

- Integers are ``int``; past 64 bits ``bigint``. Integers and floats mixed are ``number``.
  Other kinds mixed are ``json``, and a note says where.
- A key that some records lack is optional, one that is null in some is nullable; both are
  told apart. What is null or empty in every record is ``json``: nothing is known of it.
- Text stays ``string``, also where it looks like a timestamp: a hint says so.
- Objects are records, also where they may be meant as maps; past `MOST_NAMES` different
  keys, and below `DEEPEST` levels, they are ``json``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flowc.model.source import Span
from flowc.model.types import (
    BIGINT,
    BOOL,
    FLOAT,
    INT,
    JSON,
    NUMBER,
    STRING,
    Field,
    ListType,
    Openness,
    Origin,
    Record,
    Type,
    nullable,
)
from flowc.types.importers.evidence import FieldEvidence, Inference, shortened
from flowc.types.mismatch import ITEM, Step, show_path
from flowc.types.show import label, quoted, show

#: How deep records are taken apart.
DEEPEST = 40
#: How many different keys make an object something else than a record.
MOST_NAMES = 1000

_INT_LOW, _INT_HIGH = -(2**63), 2**63 - 1
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class JsonSampler:
    """Takes sample values one by one, and tells the type of all so far."""

    def __init__(self) -> None:
        self._root = _Shape()
        self._count = 0
        self._strange: list[int] = []
        self._strange_example = ""

    def add(self, value: object) -> None:
        """Take a decoded JSON value: what is no object is counted, and noted."""
        self._count += 1
        if isinstance(value, dict):
            self._root.take_object(value, self._count, 1)
        else:
            self._strange.append(self._count)
            self._strange_example = self._strange_example or _example(value)

    def result(self, source: str, name: str, span: Span | None = None) -> Inference:
        """The type of the sample.

        ``source`` is what messages call it, ``name`` labels the record, ``span`` is the
        endpoint that the type comes from.
        """
        report = _Report(source, span)
        record = self._root.record(report, ())
        if self._strange:
            count = len(self._strange)
            report.notes.append(
                f"{count:,} of {self._count:,} values {'is' if count == 1 else 'are'} no"
                f" {'record' if count == 1 else 'records'} (value {self._strange[0]:,} of"
                f" {source} is {self._strange_example}), and will be rejected"
            )
        return Inference(
            Record(record.fields, record.openness, name, span),
            self._count,
            tuple(report.fields),
            tuple(report.notes),
            tuple(report.hints),
        )


def infer_json(
    values: Iterable[object], source: str, name: str, span: Span | None = None
) -> Inference:
    """The record type of decoded JSON values (dict, list, str, int, float, bool, None)."""
    sampler = JsonSampler()
    for value in values:
        sampler.add(value)
    return sampler.result(source, name, span)


class _Report:
    def __init__(self, source: str, span: Span | None) -> None:
        self.source = source
        self.span = span
        self.fields: list[FieldEvidence] = []
        self.notes: list[str] = []
        self.hints: list[str] = []


class _Shape:
    """What stood at one place of the records seen so far."""

    __slots__ = (
        "bools",
        "deep",
        "example",
        "fields",
        "first",
        "floats",
        "high",
        "ints",
        "items",
        "lists",
        "low",
        "nulls",
        "objects",
        "seen",
        "stamps",
        "strings",
        "wide",
    )

    def __init__(self) -> None:
        self.seen = self.nulls = self.bools = self.ints = self.floats = 0
        self.strings = self.stamps = self.lists = self.objects = 0
        self.low = self.high = 0
        self.first: dict[str, int] = {}
        self.example: dict[str, str] = {}
        self.fields: dict[str, _Shape] = {}
        self.items: _Shape | None = None
        self.wide = self.deep = False

    def take(self, value: object, record: int, depth: int) -> None:
        self.seen += 1
        if isinstance(value, str):
            self.strings += 1
            if self.stamps == self.strings - 1 and _STAMP.fullmatch(value):
                self.stamps += 1
            if self.strings == 1:
                self._first("string", value, record)
        elif value is None:
            self.nulls += 1
        elif isinstance(value, bool):
            self.bools += 1
            if self.bools == 1:
                self._first("bool", value, record)
        elif isinstance(value, int):
            self.ints += 1
            if value < self.low:
                self.low = value
            elif value > self.high:
                self.high = value
            if self.ints == 1:
                self._first("int", value, record)
        elif isinstance(value, dict):
            self.take_object(value, record, depth)
        elif isinstance(value, list):
            self._take_list(value, record, depth)
        else:
            self.floats += 1
            if self.floats == 1:
                self._first("float", value, record)

    def take_object(self, value: dict[str, object], record: int, depth: int) -> None:
        self.objects += 1
        if self.objects == 1:
            self._first("record", value, record)
        if depth > DEEPEST or self.wide:
            self.deep = self.deep or depth > DEEPEST
            return
        fields = self.fields
        for name, inner in value.items():
            shape = fields.get(name)
            if shape is None:
                if len(fields) >= MOST_NAMES and depth > 1:
                    self.wide = True
                    return
                shape = fields[name] = _Shape()
            shape.take(inner, record, depth + 1)

    def _take_list(self, value: list[object], record: int, depth: int) -> None:
        self.lists += 1
        if self.lists == 1:
            self._first("list", value, record)
        if depth > DEEPEST:
            self.deep = True
            return
        if self.items is None:
            self.items = _Shape()
        for item in value:
            self.items.take(item, record, depth + 1)

    def _first(self, kind: str, value: object, record: int) -> None:
        self.first[kind] = record
        self.example[kind] = _example(value)

    # What it comes to

    def type(self, report: _Report, path: tuple[Step, ...]) -> Type:
        bare = self._bare(report, path)
        return nullable(bare) if self.nulls else bare

    def _bare(self, report: _Report, path: tuple[Step, ...]) -> Type:
        if self.deep:
            return JSON
        kinds = self._kinds()
        match [kind for kind, count in kinds if count]:
            case []:
                return JSON
            case ["bool"]:
                return BOOL
            case ["int"]:
                return INT if self._fits_int() else BIGINT
            case ["float"]:
                return FLOAT
            case ["int", "float"] if self._fits_int():
                return NUMBER
            case ["string"]:
                if self.stamps == self.strings:
                    report.hints.append(
                        f"`{show_path(path)}` holds timestamps as text: cast it to compute"
                        " with them"
                    )
                return STRING
            case ["list"]:
                items = self.items or _Shape()
                return ListType(items.type(report, (*path, ITEM)))
            case ["record"]:
                if self.wide:
                    report.notes.append(
                        f"`{show_path(path)}` has more than {MOST_NAMES:,} different keys, so it"
                        " is json; where its values are of one type, declare `map<T>`"
                    )
                    return JSON
                return self.record(report, path)
            case _:
                report.notes.append(self._mixed(path))
                return JSON

    def record(self, report: _Report, path: tuple[Step, ...]) -> Record:
        fields = tuple(
            self._field(name, shape, report, (*path, name)) for name, shape in self.fields.items()
        )
        return Record(fields, Openness.UNSEEN)

    def _field(self, name: str, shape: _Shape, report: _Report, path: tuple[Step, ...]) -> Field:
        slot = len(report.fields)
        type = shape.type(report, path)
        kind = min(shape.first, key=shape.first.__getitem__, default="")
        evidence = FieldEvidence(
            tuple(step if isinstance(step, str) else step.text for step in path),
            type,
            shape.seen,
            shape.nulls,
            shape.example.get(kind, ""),
            shape.first.get(kind, 0),
        )
        report.fields.insert(slot, evidence)
        verb = f"was read as {label(type, 40)} from {report.source}"
        missing = self.objects - shape.seen
        if shape.nulls:
            verb += f", where it is null in {shape.nulls:,} of {shape.seen:,}"
        elif missing:
            verb += f", where {missing:,} of {self.objects:,} lack it"
        return Field(name, type, missing > 0, origin=(Origin(verb, report.span),))

    def _kinds(self) -> list[tuple[str, int]]:
        return [
            ("bool", self.bools),
            ("int", self.ints),
            ("float", self.floats),
            ("string", self.strings),
            ("list", self.lists),
            ("record", self.objects),
        ]

    def _fits_int(self) -> bool:
        return self.low >= _INT_LOW and self.high <= _INT_HIGH

    def _mixed(self, path: tuple[Step, ...]) -> str:
        kinds = sorted(
            ((kind, count) for kind, count in self._kinds() if count), key=lambda pair: -pair[1]
        )
        counted = " and ".join(f"{kind} in {count:,}" for kind, count in kinds)
        rarest = kinds[-1][0]
        wanted = kinds[0][0]
        proposal = show(_PROPOSED[wanted]) if wanted in _PROPOSED else "its type"
        return (
            f"`{show_path(path)}` is {counted} (record {self.first[rarest]:,} has"
            f" {self.example[rarest]}), so it is json; declared as {proposal}, the others are"
            " rejected"
        )


_PROPOSED: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "string": STRING,
}


def _example(value: object) -> str:
    match value:
        case str():
            return quoted(shortened(value))
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case dict():
            return "a record"
        case list():
            return "a list"
        case int() if abs(value) >= 10**40:
            # Python refuses to print integers past some thousand digits.
            return "an integer of more than 40 digits"
        case _:
            return shortened(str(value))
