"""From samples to a table: medians, ratios to the reference, and the marks flowc has to meet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.contestants import REFERENCE, SHAPES, Absent, Contestant, Shape
from bench.measure import Sample

FLOWC_RUN = "flowc run"
FLOWC_BUILT = "flowc built"
MEGABYTE = 1_000_000
RATIO_MARK = 1.15
MEMORY_MARK = 60 * MEGABYTE
SHAPE_MARK = 1.05


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant on one shape. Seconds are medians over the rounds, the peak is the largest.

    `ratio` is the median of the ratios to the reference on the same shape in the same round, so
    that a machine that grows slower between rounds does not count; `low` and `high` are the
    quartiles of those ratios, and say how much of a difference may be noise.
    """

    name: str
    shape: Shape
    cores: int
    wall: float
    cpu: float
    ratio: float
    low: float
    high: float
    cpu_ratio: float
    peak: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A limit, what was measured, and whether it was met."""

    what: str
    measured: float
    limit: float

    @property
    def met(self) -> bool:
        return self.measured <= self.limit


def rows(samples: Mapping[Contestant, Sequence[Sample]]) -> list[Row]:
    """The rows of the whole inputs, in the order given; each shape needs its reference."""
    references = {
        contestant.shape: taken
        for contestant, taken in samples.items()
        if contestant.name == REFERENCE and not contestant.head
    }
    return [
        _row(contestant.name, contestant, taken, references[contestant.shape], 0.0)
        for contestant, taken in samples.items()
        if not contestant.head
    ]


def without_compiling(
    samples: Mapping[Contestant, Sequence[Sample]], records: int, head: int
) -> tuple[float, list[Row]]:
    """What `flowc run` takes to compile, and its rows with that taken off.

    A program's fixed time is what its line through (head, time) and (records, time) has at zero
    records. The reference's own fixed time (starting Python, importing msgspec) stays in, so the
    ratio compares like with like. Returns 0.0 and no rows when flowc did not run.
    """
    fixed: dict[str, float] = {}
    by_key = {(entry.name, entry.shape, entry.head): entry for entry in samples}
    for name in (REFERENCE, FLOWC_RUN):
        whole, first = by_key.get((name, "base", False)), by_key.get((name, "base", True))
        if whole is None or first is None:
            return 0.0, []
        large, small = (median(s.wall for s in samples[entry]) for entry in (whole, first))
        fixed[name] = small - (large - small) * head / (records - head)
    compiling = max(fixed[FLOWC_RUN] - fixed[REFERENCE], 0.0)
    table = []
    for shape in SHAPES:
        entry = by_key.get((FLOWC_RUN, shape, False))
        reference = by_key.get((REFERENCE, shape, False))
        if entry is not None and reference is not None:
            name = f"{FLOWC_RUN}, without compiling"
            table.append(_row(name, entry, samples[entry], samples[reference], compiling))
    return compiling, table


def _row(
    name: str, entry: Contestant, taken: Sequence[Sample], reference: Sequence[Sample], off: float
) -> Row:
    """A row of samples, each less so many seconds, next to the reference's of the same rounds."""
    pairs = list(zip(taken, reference, strict=True))
    ratios = [(sample.wall - off) / other.wall for sample, other in pairs]
    low, middle, high = (
        quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    )
    return Row(
        name=name,
        shape=entry.shape,
        cores=entry.cores,
        wall=median(sample.wall - off for sample in taken),
        cpu=median(sample.cpu - off for sample in taken),
        ratio=middle,
        low=low,
        high=high,
        cpu_ratio=median((sample.cpu - off) / other.cpu for sample, other in pairs),
        peak=max(sample.peak for sample in taken),
    )


def marks(table: Sequence[Row]) -> list[Mark]:
    """The marks of W1 for whichever of flowc's rows are there."""
    found = []
    for name in (f"{FLOWC_RUN}, without compiling", FLOWC_BUILT):
        by_shape = {row.shape: row for row in table if row.name == name}
        base = by_shape.get("base")
        if base is None:
            continue
        found.append(Mark(f"{name}: ratio to {REFERENCE}", base.ratio, RATIO_MARK))
        found += [
            Mark(f"{name}: {shape}, ratio as a part of base's", row.ratio / base.ratio, SHAPE_MARK)
            for shape, row in by_shape.items()
            if shape != "base"
        ]
        if name == FLOWC_BUILT:
            found.append(
                Mark(f"{name}: peak MB", base.peak / MEGABYTE, MEMORY_MARK / MEGABYTE),
            )
    return found


def markdown(table: Sequence[Row], found: Sequence[Mark], absent: Sequence[Absent]) -> str:
    """The results as Markdown: a table for each shape in one, the marks, and who is missing."""
    lines = [
        "| program | input | cores | wall s | ratio | quartiles | cpu s | cpu ratio | peak MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.shape} | {row.cores} | {row.wall:.3f} | {row.ratio:.2f} "
        f"| {row.low:.2f}–{row.high:.2f} | {row.cpu:.3f} | {row.cpu_ratio:.2f} | {row.peak / MEGABYTE:.0f} |"
        for row in sorted(table, key=lambda row: SHAPES.index(row.shape))
    ]
    if found:
        lines += ["", "| mark | measured | limit | |", "|---|---|---|---|"]
        lines += [
            f"| {mark.what} | {mark.measured:.2f} | {mark.limit:.2f} "
            f"| {'met' if mark.met else 'MISSED'} |"
            for mark in found
        ]
    if absent:
        lines.append("")
        lines += [f"Left out: {gone.name} on {gone.shape}: {gone.reason}" for gone in absent]
    return "\n".join(lines)


def as_json(table: Sequence[Row], found: Sequence[Mark], absent: Sequence[Absent]) -> Any:
    """The same as plain values for `json.dumps`."""
    return {
        "rows": [asdict(row) for row in table],
        "marks": [{**asdict(mark), "met": mark.met} for mark in found],
        "absent": [asdict(gone) for gone in absent],
    }


def digest(path: Path) -> tuple[int, str]:
    """The number of records of a JSON lines file and a hash of them as data, in order.

    Key order, blanks, escapes and the spelling of a number (80 or 80.0) do not matter.
    Raises OSError, and ValueError for text that is not JSON.
    """
    canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
    content = hashlib.sha256()
    count = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            content.update(canonical(json.loads(line, parse_float=_number)).encode() + b"\n")
            count += 1
    return count, content.hexdigest()


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value
