"""Fields of a row by path: look up, propose, narrow; and the name of an inferred row."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flowc.diagnostics.suggest import nearest
from flowc.model.types import (
    JSON,
    POISON,
    EnumType,
    Field,
    MapType,
    Nullable,
    Poison,
    Record,
    Ref,
    Type,
    Union,
    nullable,
    strip_null,
)
from flowc.types.lattice import join_all
from flowc.types.resolve import NO_NAMES, Env, head, resolve, variant_record
from flowc.types.show import show_name


def find(record: Record, names: tuple[str, ...], env: Env = NO_NAMES) -> Field | None:
    """The field at a path of at least one name; None where there is none.

    Its type is nullable where any step of the way is, and it is optional where any step
    is. Below ``json`` every name leads to ``json`` (a missing key is null), below a map to
    its values or null, below `POISON` to `POISON`. A union has the fields that its
    variants have: of their common type, optional where a variant lacks it.
    """
    null = optional = False
    here: Type = record
    found: Field | None = None
    for name in names:
        core, may_be_null = head(here, env)
        null = null or may_be_null
        found = _step(core, name, found, env)
        if found is None:
            return None
        optional = optional or found.optional
        here = found.type
    if found is None:
        return None
    return replace(found, type=nullable(found.type) if null else found.type, optional=optional)


@dataclass(frozen=True, slots=True)
class NotFound:
    """Why a path leads nowhere.

    ``at`` is the index of the name that is not there. ``inside`` is the type it was
    looked for in: a record that lacks it, or a type that has no fields. ``near`` are
    paths of the row that may be meant, nearest first; ``fields`` the names that ``inside``
    has.
    """

    at: int
    inside: Type
    near: tuple[tuple[str, ...], ...]
    fields: tuple[str, ...]

    @property
    def proposal(self) -> str:
        """``did you mean `customer.city`?`` or an empty string."""
        if not self.near:
            return ""
        shown = " or ".join(f"`{'.'.join(map(show_name, path))}`" for path in self.near)
        return f"did you mean {shown}?"


def not_found(record: Record, names: tuple[str, ...], env: Env = NO_NAMES) -> NotFound | None:
    """What to say of a path for which `find` gives None (None where it gives a field)."""
    for at in range(len(names)):
        if find(record, names[: at + 1], env) is not None:
            continue
        before = find(record, names[:at], env) if at else None
        inside = resolve(strip_null(before.type) if before else record, env)
        bare = strip_null(inside)
        fields = bare.names if isinstance(bare, Record) else ()
        near = [(*names[:at], name, *names[at + 1 :]) for name in nearest(names[at], fields)]
        near = [path for path in near if find(record, path, env) is not None]
        near += [
            path
            for path in _paths_to(record, names[at:], env)
            if path not in near and path != names
        ]
        return NotFound(at, bare, tuple(near[:3]), fields)
    return None


def narrow(record: Record, names: tuple[str, ...], env: Env = NO_NAMES) -> Record:
    """The row once the value at a path is known to be there and not null.

    So are then all records on the way. A path that cannot be followed changes nothing.
    """
    way: list[tuple[Record, Field]] = []
    here = record
    for i, name in enumerate(names):
        field = here.field(name)
        if field is None:
            return record
        way.append((here, field))
        core, _ = head(field.type, env)
        if i < len(names) - 1:
            if not isinstance(core, Record):
                return record
            here = core
    changed: Type | None = None
    for owner, field in reversed(way):
        known = _without_null(field.type, env) if changed is None else changed
        if known == field.type and not field.optional and owner is record:
            return record
        inner = replace(field, type=known, optional=False)
        changed = replace(owner, fields=tuple(inner if f is field else f for f in owner.fields))
    return changed if isinstance(changed, Record) else record


def record_name_from(text: str) -> str:
    """A name for the records of an endpoint: ``data/orders.jsonl.gz`` gives ``orders``.

    The last part of the path, without extensions, options and wildcards; ``records``
    where nothing is left (``-``).
    """
    place = re.split(r"[?#]", re.sub(r"^[\w+.-]+://", "", text), maxsplit=1)[0]
    for part in reversed(re.split(r"[/\\]", place)):
        stem = re.sub(r"\$?\{[^}]*\}|\[[^]]*\]|\*", "", part.lstrip(".")).split(".", 1)[0]
        name = re.sub(r"\W+", "_", stem).strip("_")
        if name:
            return f"_{name}" if name[0].isdigit() else name
    return "records"


def _step(core: Type, name: str, before: Field | None, env: Env) -> Field | None:
    origin = before.origin if before else ()
    if core == JSON:
        return Field(name, JSON, origin=origin)
    match core:
        case Record():
            return core.field(name)
        case MapType(value):
            return Field(name, nullable(value), origin=origin)
        case Poison():
            return Field(name, POISON, origin=origin)
        case Union():
            return _of_union(core, name, env)
        case _:
            return None


def _of_union(union: Union, name: str, env: Env) -> Field | None:
    if name == union.discriminator:
        return Field(name, EnumType(tuple(variant.tag for variant in union.variants)))
    records = [variant_record(variant, union.discriminator, env) for variant in union.variants]
    found = [record.field(name) if record else None for record in records]
    fields = [field for field in found if field is not None]
    joined = join_all(tuple(field.type for field in fields), env) if fields else None
    if joined is None:
        return None
    optional = len(fields) < len(found) or any(field.optional for field in fields)
    return replace(fields[0], type=joined, optional=optional)


def _without_null(type: Type, env: Env) -> Type:
    """The type without null; a name is opened only where null hides behind it."""
    bare = type.inner if isinstance(type, Nullable) else type
    if isinstance(bare, Ref) and head(bare, env)[1]:
        return strip_null(head(bare, env)[0])
    return strip_null(bare)


def _paths_to(
    record: Record, names: tuple[str, ...], env: Env, deep: int = 4, most: int = 2000
) -> list[tuple[str, ...]]:
    """The paths of the row that end in ``names``, shortest first (within limits)."""
    found: list[tuple[str, ...]] = []
    level: list[tuple[tuple[str, ...], Record]] = [((), record)]
    for _ in range(deep):
        below: list[tuple[tuple[str, ...], Record]] = []
        for way, here in level:
            if find(here, names, env) is not None:
                found.append((*way, *names))
            for field in here.fields:
                core, _ = head(field.type, env)
                if isinstance(core, Record) and len(below) < most:
                    below.append(((*way, field.name), core))
        level = below
    return found
