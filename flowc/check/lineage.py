"""Where a field comes from: from a place in a typed pipeline back to its sources.

Exact by the operators' own account (`model.graph.Lineage`): a field is carried, or computed
from fields, or made of none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flowc.model.graph import Lineage, NodeKind, TypedPipeline
from flowc.model.types import Field, Nullable, Record, Type

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A field where it leaves a node."""

    node: str
    port: str
    path: Path


class How(Enum):
    """READ: a source gives it. CARRIED: it came in and goes out unchanged, perhaps by another
    name. COMPUTED: it is made here, of ``inputs`` or of nothing that comes in."""

    READ = "read"
    CARRIED = "carried"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Step:
    """How a field came to be where it is. ``field`` has its type and the chain of how that
    came about."""

    place: Place
    field: Field
    how: How
    inputs: tuple[Place, ...]


def trace(typed: TypedPipeline, start: Place) -> tuple[Step, ...]:
    """The steps from a place back to the sources, those nearer to it first; each place once.

    Where a node was not typed, because of an error, the way ends.
    """
    found: dict[Place, Step] = {}
    waiting = [start]
    while waiting:
        place = waiting.pop(0)
        field = field_at(typed, place)
        if place in found or field is None:
            continue
        step = _step(typed, place, field)
        found[place] = step
        waiting.extend(step.inputs)
    return tuple(found.values())


def entering(typed: TypedPipeline, node: str, path: Path, input: str = "") -> tuple[Place, ...]:
    """The places from which a field of the record that comes into an input of a node comes."""
    return tuple(
        place
        for edge in typed.pipeline.arriving(node, input)
        if field_at(typed, place := Place(edge.source, edge.port, path)) is not None
    )


def field_at(typed: TypedPipeline, place: Place) -> Field | None:
    """The field at a place; None where there is none."""
    types = typed.types.get(place.node)
    row = types.ports.get(place.port) if types is not None else None
    return field_of(row, place.path) if row is not None else None


def field_of(row: Record, path: Path) -> Field | None:
    """The field of a record at a path; inside a map or json the way ends."""
    field: Field | None = None
    here: Type = row
    for name in path:
        if isinstance(here, Nullable):
            here = here.inner
        if not isinstance(here, Record):
            return None
        field = here.field(name)
        if field is None:
            return None
        here = field.type
    return field


def _step(typed: TypedPipeline, place: Place, field: Field) -> Step:
    node = typed.pipeline.node(place.node)
    types = typed.types[place.node]
    if node.kind is NodeKind.SOURCE:
        return Step(place, field, How.READ, ())
    for input, lineage in types.lineage.others.items():
        carried = lineage.back(place.path)
        if carried is not None:
            parts = [carried] if carried else [(name,) for name in types.others[input].names]
            came = [found for path in parts for found in entering(typed, node.id, path, input)]
            return Step(place, field, How.CARRIED if carried else How.COMPUTED, tuple(came))
    how, paths = _back(types.lineage, place.path)
    inputs = {found: None for path in paths for found in entering(typed, place.node, path)}
    return Step(place, field, how, tuple(inputs))


def _back(lineage: Lineage, path: Path) -> tuple[How, tuple[Path, ...]]:
    """The paths of the incoming record that an output path is made of."""
    for size in range(len(path), 0, -1):
        made = lineage.computed.get(path[:size])
        if made is not None:
            return How.COMPUTED, tuple(sorted(made))
        if path[:size] in lineage.carried:
            break
    carried = lineage.back(path)
    inside: dict[Path, None] = {} if carried is None else {carried: None}
    # What was put into a record at this path makes it another one.
    for below, made in lineage.computed.items():
        if below[: len(path)] == path:
            inside |= dict.fromkeys(sorted(made))
    for below, source in lineage.carried.items():
        if below != path and below[: len(path)] == path:
            inside[source] = None
    how = How.CARRIED if tuple(inside) == (carried,) else How.COMPUTED
    return how, tuple(inside)
