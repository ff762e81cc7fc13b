"""Places for the boxes of a drawing: layers from above to below, few crossings, short ways.

The usual way to lay out a graph in layers. Boxes stand on the even layers and the labels of
arrows on the odd ones between, so that no label can lie on anything else. An arrow that
crosses layers passes through a point in each. Within a layer, the mean place of the
neighbours decides the order; the places are then the nearest to those means that keep the
boxes apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Between two boxes of a layer, and around a way that passes them.
_APART = 28.0
_AROUND_WAY = 14.0
_BELOW = 22.0
_ORDERINGS = 12
#: Enough for the places to settle, so that chains become straight.
_SPREADINGS = 60


@dataclass(frozen=True, slots=True)
class Size:
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Way:
    """An arrow to be laid: its ends, and its label's size (None without one)."""

    source: str
    target: str
    label: Size | None


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The middles of the boxes, the points of each way from end to end, and the middle of its
    label where it has one; ``size`` is that of the whole."""

    boxes: Mapping[str, Point]
    ways: tuple[tuple[Point, ...], ...]
    labels: tuple[Point | None, ...]
    size: Size


@dataclass(slots=True)
class _Spot:
    """Something on a layer: a box, a label, or where a way passes."""

    layer: int
    size: Size
    is_way: bool
    x: float = 0.0


def place(boxes: Mapping[str, Size], ways: Sequence[Way]) -> Layout:
    """Lay out boxes of the given sizes. Loops are drawn, too: an arrow back goes upward."""
    layers = _layers(boxes, ways)
    spots = {id: _Spot(2 * layers[id], size, False) for id, size in boxes.items()}
    index = {id: id for id in boxes}
    runs: list[list[str]] = []
    for number, way in enumerate(ways):
        start, end = 2 * layers[way.source], 2 * layers[way.target]
        step = 1 if end > start else -1
        run = [index[way.source]]
        label_at = start + 1 if step > 0 else end + 1
        for layer in range(start + step, end, step):
            name = f"\0{number}:{layer}"
            size = way.label if layer == label_at and way.label else Size(0.0, 0.0)
            spots[name] = _Spot(layer, size, size.width == 0)
            run.append(name)
        runs.append([*run, index[way.target]])
    rows = _ordered(spots, runs)
    _spread(spots, rows, runs)
    tops = _tops(spots, rows)
    left = min((spot.x - spot.size.width / 2 for spot in spots.values()), default=0.0)
    right = max((spot.x + spot.size.width / 2 for spot in spots.values()), default=0.0)

    def middle(name: str) -> Point:
        spot = spots[name]
        return Point(spot.x - left, tops[spot.layer][0] + tops[spot.layer][1] / 2)

    def through(name: str, down: float) -> tuple[Point, ...]:
        """Where a way enters a label and leaves it; the one point where it only passes."""
        at, half = middle(name), spots[name].size.height / 2
        if not half:
            return (at,)
        return Point(at.x, at.y - down * half), Point(at.x, at.y + down * half)

    found: list[tuple[Point, ...]] = []
    labels: list[Point | None] = []
    for way, run in zip(ways, runs, strict=True):
        first, last = middle(run[0]), middle(run[-1])
        down = 1.0 if last.y >= first.y else -1.0
        found.append(
            (
                Point(first.x, first.y + down * boxes[way.source].height / 2),
                *(point for name in run[1:-1] for point in through(name, down)),
                Point(last.x, last.y - down * boxes[way.target].height / 2),
            )
        )
        labelled = [name for name in run[1:-1] if not spots[name].is_way]
        labels.append(middle(labelled[0]) if labelled else None)
    bottom = max((top + height for top, height in tops.values()), default=0.0)
    return Layout(
        {id: middle(id) for id in boxes},
        tuple(found),
        tuple(labels),
        Size(right - left, bottom),
    )


def _layers(boxes: Mapping[str, Size], ways: Sequence[Way]) -> dict[str, int]:
    """Each box below all that lead to it. Boxes of a loop stand below what was placed before."""
    out: defaultdict[str, list[str]] = defaultdict(list)
    waits = dict.fromkeys(boxes, 0)
    for way in ways:
        out[way.source].append(way.target)
        waits[way.target] += 1
    layers = dict.fromkeys(boxes, 0)
    done: set[str] = set()
    ready = [id for id in boxes if not waits[id]]
    while len(done) < len(boxes):
        if not ready:
            ready = [next(id for id in boxes if id not in done)]
        for id in ready:
            done.add(id)
        following: list[str] = []
        for id in ready:
            for target in out[id]:
                if target in done:
                    continue
                layers[target] = max(layers[target], layers[id] + 1)
                waits[target] -= 1
                if not waits[target]:
                    following.append(target)
        ready = following
    return layers


def _ordered(spots: Mapping[str, _Spot], runs: Sequence[Sequence[str]]) -> dict[int, list[str]]:
    """The spots of each layer from left to right, so that few ways cross."""
    above: defaultdict[str, list[str]] = defaultdict(list)
    below: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        for one, other in pairwise(run):
            if spots[one].layer > spots[other].layer:
                one, other = other, one
            below[one].append(other)
            above[other].append(one)
    rows: defaultdict[int, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for start in spots:
        stack = [start] if not above[start] else []
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen.add(name)
            rows[spots[name].layer].append(name)
            stack.extend(reversed(below[name]))
    for name, spot in spots.items():
        if name not in seen:
            rows[spot.layer].append(name)
    for sweep in range(_ORDERINGS):
        neighbours, layers = (above, sorted(rows)) if sweep % 2 else (below, sorted(rows)[::-1])
        at = {name: i for row in rows.values() for i, name in enumerate(row)}
        for layer in layers:
            means = {
                name: sum(at[n] for n in neighbours[name]) / len(neighbours[name])
                if neighbours[name]
                else float(at[name])
                for name in rows[layer]
            }
            rows[layer].sort(key=lambda name: means[name])
            at.update((name, i) for i, name in enumerate(rows[layer]))
    return dict(rows)


def _gap(one: _Spot, other: _Spot) -> float:
    apart = _AROUND_WAY if one.is_way or other.is_way else _APART
    return one.size.width / 2 + apart + other.size.width / 2


def _spread(
    spots: Mapping[str, _Spot], rows: Mapping[int, list[str]], runs: Sequence[Sequence[str]]
) -> None:
    """Give every spot its ``x``: near the mean of its neighbours, and apart from the others."""
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        for one, other in pairwise(run):
            neighbours[one].append(other)
            neighbours[other].append(one)
    for row in rows.values():
        for before, name in pairwise(row):
            spots[name].x = spots[before].x + _gap(spots[before], spots[name])
    for sweep in range(_SPREADINGS):
        for layer in sorted(rows, reverse=bool(sweep % 2)):
            row = rows[layer]
            wanted = [
                sum(spots[n].x for n in neighbours[name]) / len(neighbours[name])
                if neighbours[name]
                else spots[name].x
                for name in row
            ]
            gaps = [_gap(spots[a], spots[b]) for a, b in pairwise(row)]
            for name, x in zip(row, _apart(wanted, gaps), strict=True):
                spots[name].x = x


def _apart(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to those wanted (least squares) that keep their order and gaps.

    Without the gaps that is a regression to a rising sequence: neighbours that overlap are
    pooled and share their mean.
    """
    shifts = [0.0]
    for gap in gaps:
        shifts.append(shifts[-1] + gap)
    pools: list[tuple[float, int]] = []
    for x, shift in zip(wanted, shifts, strict=True):
        total, count = x - shift, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    places = [total / count for total, count in pools for _ in range(count)]
    return [place + shift for place, shift in zip(places, shifts, strict=True)]


def _tops(
    spots: Mapping[str, _Spot], rows: Mapping[int, list[str]]
) -> dict[int, tuple[float, float]]:
    """The top and the height of each layer."""
    tops: dict[int, tuple[float, float]] = {}
    at = 0.0
    for layer in range(max(rows, default=-1) + 1):
        height = max((spots[name].size.height for name in rows.get(layer, ())), default=0.0)
        tops[layer] = (at, height)
        at += height + _BELOW
    return tops
